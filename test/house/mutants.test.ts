import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkout } from './python.ts';

const Faults = z.array(z.looseObject({ file: z.string(), before: z.string() }));
type Fault = z.infer<typeof Faults>[number];

/** Those that cannot be planted, as the text that they change does not stand exactly once in its file. */
function rotten(faults: readonly Fault[]): string[] {
  return faults
    .filter(({ file, before }) => readFileSync(join(checkout, file), 'utf8').split(before).length !== 2)
    .map(({ file, before }) => `${file}: ${before}`);
}

test('every fault of the table that `npm run mutants` plants still fits the program', () => {
  const faults = Faults.parse(JSON.parse(readFileSync(join(checkout, 'test/mutants/mutants.json'), 'utf8')));
  expect(faults.length).toBeGreaterThan(50);
  expect(rotten(faults)).toEqual([]);
});

test('one that does not is seen', () => {
  expect(rotten([{ file: 'package.json', before: 'a text that is not there' }])).toEqual([
    'package.json: a text that is not there',
  ]);
});
