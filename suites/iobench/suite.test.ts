import { expect, test } from 'vitest';
import type { Truth } from '../suite.ts';
import { columnsOfShare, SHARES } from './columns.ts';
import { iobench } from './suite.ts';
import { histogram } from './test/example.ts';

const [parameter] = iobench.parameters;
if (!parameter) throw new Error('iobench has a parameter');

test.each([
  ['4', '4'],
  [' 100 ', '100'],
  ['MET_pt', 'MET_pt'],
  ['nJet, MET_pt,nJet', 'MET_pt,nJet'],
])('columns %j are %j', (text, canonical) => {
  expect(parameter.parse(text)).toBe(canonical);
  expect(parameter.parse(canonical)).toBe(canonical);
});

test.each(['', '5', '0', '4,15', '4%', 'MET_pt,', 'Jet pt', '-'])('columns %j are refused', (text) => {
  expect(parameter.parse(text)).toBeUndefined();
});

/** 300 columns of 1 to 100 bytes; those of Jet have a counter. */
const BYTES = Object.fromEntries(
  ['nJet', ...Array.from({ length: 100 }, (_, n) => [`Jet_a${n}`, `HLT_b${n}`, `c${n}`]).flat()].map((name, n) => [
    name,
    1 + ((n * 37) % 100),
  ]),
);
const sizeOf = (names: readonly string[]) => names.reduce((sum, name) => sum + (BYTES[name] ?? Number.NaN), 0);
const TOTAL = sizeOf(Object.keys(BYTES));

test.each(SHARES)('%d per cent of the bytes are that to a tenth of a per cent, and never more', (share) => {
  const part = (100 * sizeOf(columnsOfShare(BYTES, share))) / TOTAL;
  expect(part).toBeLessThanOrEqual(share);
  expect(part).toBeGreaterThan(share - 0.1);
});

test('a share holds all smaller ones, each column once, in the order of the file, and the counter of what it counts', () => {
  const chosen = SHARES.map((share) => columnsOfShare(BYTES, share));
  for (const [index, columns] of chosen.entries()) {
    expect(new Set(columns).size).toBe(columns.length);
    expect(columns).toEqual(Object.keys(BYTES).filter((name) => columns.includes(name)));
    expect(columns).toEqual(expect.arrayContaining([...(chosen[index - 1] ?? [])]));
    expect(columns.includes('nJet') || !columns.some((name) => name.startsWith('Jet_'))).toBe(true);
  }
  expect(chosen.at(-1)).toEqual(Object.keys(BYTES));
});

test('named columns bring their counters, and one that the data do not have stays, so that the trial can name it', () => {
  const read = (columns: string) => iobench.columns({ columns }, BYTES);
  expect([read('Jet_a1'), read('Jet_a1,nJet'), read('HLT_b2'), read('nothing')]).toEqual([
    ['nJet', 'Jet_a1'],
    ['nJet', 'Jet_a1'],
    ['HLT_b2'],
    ['nothing'],
  ]);
});

const one = (name: string, sum: number, values: number) => ({
  name,
  title: '',
  bins: 1,
  lo: 0,
  hi: 1,
  values: [0, sum, 0],
  sumw2: [0, values, 0],
});
const truth: Truth = {
  contentHash: 'h',
  events: 5,
  histograms: [one('a', 2 ** 32 + 7, 5), one('b', 9, 12)],
  ambiguous: [],
};
const given = (sums: readonly number[], values: readonly number[], name = 'columns') => histogram(name, sums, values);
const right = given([7, 9], [5, 12]);
const messages = (answer: Parameters<typeof iobench.check>[0], of: Truth | undefined = truth) =>
  iobench.check(answer, of, {}, ['a', 'b']).map(({ code, message }) => `${code}: ${message}`);

test('sums agree modulo 2^32, as those of files that are listed several times', () => {
  expect(messages({ events: 5, histograms: [right] })).toEqual([]);
});

test.each([
  ['a bit that is another', 5, [given([7, 10], [5, 12])], ['ANSWER_WRONG: column b: bits add up to 10, expected 9']],
  ['a value too few', 5, [given([7, 9], [5, 11])], ['ANSWER_WRONG: column b: 11 values, expected 12']],
  ['an event too few', 4, [right], ['EVENTS_WRONG: 4 events read, the data set holds 5']],
  ['no histogram', 5, [], ['ANSWER_WRONG: not one histogram "columns" with a bin for each of 2 columns']],
  [
    'a column too few',
    5,
    [given([7], [5])],
    ['ANSWER_WRONG: not one histogram "columns" with a bin for each of 2 columns'],
  ],
  ['two histograms', 5, [right, right], ['ANSWER_WRONG: not one histogram "columns" with a bin for each of 2 columns']],
])('%s is a wrong answer', (_what, events, histograms, said) => {
  expect(messages({ events, histograms })).toEqual(said);
});

test('without a truth, or without the column in it, nothing is right', () => {
  expect(iobench.check({ events: 5, histograms: [right] }, undefined, {}, ['a', 'b'])).toEqual([
    { code: 'TRUTH_MISSING', message: 'the data set has no truth to compare with' },
  ]);
  expect(messages({ events: 5, histograms: [right] }, { ...truth, histograms: [one('a', 7, 5)] })).toEqual([
    'TRUTH_MISSING: the truth has no column b',
  ]);
});
