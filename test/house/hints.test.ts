import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { complaints, errorFunctions } from './hints.ts';
import { checkout } from './python.ts';

const source = readFileSync(join(checkout, 'core/errors.ts'), 'utf8');
const PLANTED = `
/** Planted. */
export function cableUnplugged(
  cable: string,
): BenchError {
  return new BenchError({ code: 'planted', message: cable, hint: 'plug it in', exitCode: ExitCode.environment });
}
`;

test('the hint of every error function is followed by a test that is there', () => {
  expect(errorFunctions(source).length).toBeGreaterThan(10);
  expect(complaints(source)).toEqual([]);
});

test('an error function without a row is named', () => {
  expect(complaints(source + PLANTED)).toEqual([
    expect.stringMatching(/^cableUnplugged: no test follows its hint; add one to test\/system\/hints\.test\.ts/),
  ]);
  expect(complaints(PLANTED, { cableUnplugged: [] })).toHaveLength(1);
});

test('a row without a function, and a row whose test is not there, are named', () => {
  const followed = { cableUnplugged: [{ file: 'a.test.ts', test: 'it works when plugged in' }] };
  expect(complaints(PLANTED, followed, () => "test('it works when plugged in', ...)")).toEqual([]);
  expect(complaints(PLANTED, followed, () => "test('it works when plugged in twice', ...)")).toEqual([
    'cableUnplugged: a.test.ts has no test "it works when plugged in"',
  ]);
  expect(complaints('', followed, () => "'it works when plugged in'")).toEqual([
    'cableUnplugged: is no function of core/errors.ts',
  ]);
});
