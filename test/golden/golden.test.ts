import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { Experiment } from '../../core/model/record.ts';
import { here, renderGolden } from './golden.ts';
import { makeExperiment } from './make-experiment.ts';

const saved = Experiment.parse(JSON.parse(readFileSync(join(here, 'experiment.json'), 'utf8')));

test('the saved experiment is what the generator makes', () => {
  expect(saved).toEqual(JSON.parse(JSON.stringify(makeExperiment())));
});

test('the saved experiment renders to the saved report and table (npm run golden:update after a wanted change)', async () => {
  for (const [name, body] of await renderGolden(saved)) {
    // Not toBe: a diff of half a megabyte helps nobody.
    const expected = readFileSync(join(here, name), 'utf8').split('\n');
    const changed = body.split('\n').findIndex((line, i) => line !== expected[i]);
    expect(changed === -1 ? 'same' : `${name}:${changed + 1}: ${body.split('\n')[changed]?.slice(0, 300)}`).toBe('same');
    expect(body.length).toBe(expected.join('\n').length);
  }
});
