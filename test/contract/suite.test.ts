import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { suites } from '../../suites/index.ts';
import type { Suite } from '../../suites/suite.ts';
import { Example, SUITE_CONTRACT } from './suite.ts';

/** The example in the folder of a suite that reads data. */
async function exampleOf({ name, readsData }: Suite): Promise<Example | undefined> {
  if (!readsData) return undefined;
  const { example } = z.object({ example: Example }).parse(await import(`../../suites/${name}/test/example.ts`));
  return example;
}

describe.each(suites.map(({ name }) => name))('%s', (name) => {
  test.each(SUITE_CONTRACT)('$promise', async ({ check }) => {
    const suite = await loaded(name);
    const example = await exampleOf(suite);
    expect(() => check(suite, example)).not.toThrow();
  });
});

async function loaded(name: string): Promise<Suite> {
  const found = suites.find((one) => one.name === name);
  if (!found) throw new Error(`no suite ${name}`);
  return await found.load();
}

/** A suite with one fault, and the promise that it breaks. */
const FAULTS: readonly (readonly [string, string, (suite: Suite) => Partial<Suite>])[] = [
  [
    'parameters have canonical defaults, say what values there are, and refuse others',
    'a parameter that takes anything',
    ({ parameters }) => ({ parameters: parameters.map((one) => ({ ...one, parse: (text) => text })) }),
  ],
  [
    'parameters have canonical defaults, say what values there are, and refuse others',
    'a default that is another one in canonical form',
    ({ parameters }) => ({ parameters: parameters.map((one) => ({ ...one, default: `${one.default} ` })) }),
  ],
  [
    'each column is read once, what is always read is part of that, and each loop has its part',
    'a column that is named twice',
    (suite) => ({ columns: (...args) => [...suite.columns(...args), ...suite.columns(...args)] }),
  ],
  [
    'each column is read once, what is always read is part of that, and each loop has its part',
    'a column that is always read and no column of the suite',
    () => ({ alwaysRead: () => [['nothing']] }),
  ],
  [
    'a right answer is right, and any other is refused with a reason',
    'every answer is right',
    () => ({ check: () => [] }),
  ],
  [
    'a right answer is right, and any other is refused with a reason',
    'the number of events is not looked at',
    (suite) => ({
      check: ({ histograms }, truth, ...rest) =>
        suite.check({ events: truth?.events ?? 0, histograms }, truth, ...rest),
    }),
  ],
  [
    'a right answer is right, and any other is refused with a reason',
    'one histogram is not looked at',
    (suite) => ({
      check: ({ events, histograms }, truth, ...rest) =>
        suite.check({ events, histograms: truth?.histograms ?? histograms }, truth, ...rest),
    }),
  ],
  ['without a truth no answer is right', 'no truth is no reason', () => ({ check: () => [] })],
  [
    'it has an analysis in Python, and a reference where it reads data',
    'a name that no analysis has',
    () => ({ name: 'nothing' }),
  ],
  [
    'what it costs is a number, for each backend',
    'a cost that is no number',
    () => ({ cost: () => ({ secondsPerEvent: Number.NaN, secondsPerTask: 0, coldSeconds: 0, pssBytes: 0 }) }),
  ],
];

test.each(FAULTS)('a suite that breaks it is seen: %s: %s', async (promise, _what, fault) => {
  const adl = await loaded('adl');
  const clause = SUITE_CONTRACT.find((one) => one.promise === promise);
  const example = await exampleOf(adl);
  expect(() => clause?.check({ ...adl, ...fault(adl) }, example)).toThrow(/expected/);
});
