import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Histogram } from '../core/model/event.ts';
import { compareHistogram } from './compare.ts';

/** 4 bins from 0 to 200: underflow, bins, overflow. */
const truth: Histogram = {
  name: 'q1_met',
  title: 'MET',
  bins: 4,
  lo: 0,
  hi: 200,
  values: [1, 10, 20, 30, 40, 2],
  sumw2: [1, 10, 20, 30, 40, 2],
};

const weighted: Histogram = { ...truth, values: [0.5, 10.25, -20, 30, 40, 2], sumw2: [0.25, 4, 9, 16, 25, 1] };

function mutated(histogram: Histogram, field: 'values' | 'sumw2', bin: number, by: number): Histogram {
  return { ...histogram, [field]: histogram[field].with(bin, Number(histogram[field][bin] ?? 0) + by) };
}

function messagesOf(
  given: Histogram,
  expected = truth,
  ambiguous: Parameters<typeof compareHistogram>[2] = [],
): string[] {
  return compareHistogram(given, expected, ambiguous).map(({ message }) => message);
}

test('the same histogram is right, whatever its title', () => {
  expect(messagesOf({ ...truth, title: 'another' })).toEqual([]);
});

test('one entry more in one bin is wrong and named with histogram, bin and range', () => {
  const given = mutated(mutated(truth, 'values', 2, 1), 'sumw2', 2, 1);
  expect(compareHistogram(given, truth, [])).toEqual([
    { code: 'ANSWER_WRONG', message: 'q1_met, bin 2 (50 to 100): entries 21, expected 20' },
    { code: 'ANSWER_WRONG', message: 'q1_met, bin 2 (50 to 100): sum of squared weights 21, expected 20' },
  ]);
});

test('an entry that moved to the next bin is wrong in both', () => {
  expect(messagesOf(mutated(mutated(truth, 'values', 1, -1), 'values', 2, 1))).toEqual([
    'q1_met, bin 1 (0 to 50): entries 9, expected 10',
    'q1_met, bin 2 (50 to 100): entries 21, expected 20',
  ]);
});

test('underflow and overflow are compared', () => {
  expect(messagesOf(mutated(truth, 'values', 0, 1))).toEqual(['q1_met, underflow (below 0): entries 2, expected 1']);
  expect(messagesOf(mutated(truth, 'values', 5, -1))).toEqual(['q1_met, overflow (from 200): entries 1, expected 2']);
});

test('sums of squared weights are compared on their own', () => {
  expect(messagesOf(mutated(truth, 'sumw2', 3, 0.5))).toEqual([
    'q1_met, bin 3 (100 to 150): sum of squared weights 30.5, expected 30',
  ]);
});

test('any single change of an unweighted histogram is seen', () => {
  const change = fc.double({ min: -50, max: 50, noNaN: true }).filter((by) => Math.abs(by) > 1e-9);
  fc.assert(
    fc.property(fc.constantFrom('values', 'sumw2'), fc.nat(5), change, (field, bin, by) => {
      expect(messagesOf(mutated(truth, field, bin, by))).toHaveLength(1);
    }),
  );
});

test('an ambiguous event gives slack of one entry, in its own bins and histogram only', () => {
  const ambiguous = [{ event: 7, histogram: 'q1_met', bins: [1, 2], why: 'on an edge' }];
  const moved = mutated(mutated(truth, 'values', 1, -1), 'values', 2, 1);
  expect(messagesOf(mutated(mutated(moved, 'sumw2', 1, -1), 'sumw2', 2, 1), truth, ambiguous)).toEqual([]);
  expect(messagesOf(mutated(truth, 'values', 1, 2), truth, ambiguous)).toHaveLength(1);
  expect(messagesOf(mutated(truth, 'values', 3, 1), truth, ambiguous)).toHaveLength(1);
  const elsewhere = [{ event: 7, histogram: 'q2_jet_pt', bins: [1, 2], why: 'on an edge' }];
  expect(messagesOf(mutated(truth, 'values', 1, 1), truth, elsewhere)).toHaveLength(1);
});

test('two ambiguous events in one bin give slack of two', () => {
  const ambiguous = [1, 2].map((event) => ({ event, histogram: 'q1_met', bins: [1], why: 'on a cut' }));
  expect(messagesOf(mutated(truth, 'values', 1, -2), truth, ambiguous)).toEqual([]);
  expect(messagesOf(mutated(truth, 'values', 1, -3), truth, ambiguous)).toHaveLength(1);
});

test('weighted contents may differ by 1e-12 of the sum of |w|, and no more', () => {
  // 0.5 + 10.25 + 20 + 30 + 40 + 2 = 102.75
  expect(messagesOf(mutated(weighted, 'values', 3, 1.0e-10), weighted)).toEqual([]);
  expect(messagesOf(mutated(weighted, 'values', 3, -1.0e-10), weighted)).toEqual([]);
  expect(messagesOf(mutated(weighted, 'values', 3, 1.1e-10), weighted)).toHaveLength(1);
  // 55.25 for the squares.
  expect(messagesOf(mutated(weighted, 'sumw2', 3, 5e-11), weighted)).toEqual([]);
  expect(messagesOf(mutated(weighted, 'sumw2', 3, 6e-11), weighted)).toHaveLength(1);
});

test('unweighted contents have no such tolerance', () => {
  expect(messagesOf(mutated(truth, 'values', 3, 1e-11))).toHaveLength(1);
});

test.each([
  [{ bins: 5 }, '5 bins from 0 to 200'],
  [{ lo: 1 }, '4 bins from 1 to 200'],
  [{ hi: 100 }, '4 bins from 0 to 100'],
])('another axis %j is one reason and not one for each bin', (axis, seen) => {
  expect(messagesOf({ ...truth, ...axis })).toEqual([`q1_met: ${seen}, expected 4 bins from 0 to 200`]);
});

test('contents that are missing, too many or no numbers are wrong', () => {
  const expected = (values: number) => [`q1_met: ${values} contents and 6 sums of squared weights, expected 6 of each`];
  expect(messagesOf({ ...truth, values: truth.values.slice(0, 5) })).toEqual(expected(5));
  expect(messagesOf({ ...truth, values: [...truth.values, 1] })).toEqual(expected(7));
  expect(messagesOf({ ...truth, sumw2: truth.sumw2.with(1, Number.NaN) })).toHaveLength(1);
});

test.each(['NaN', 'Infinity', '-Infinity'] as const)(
  '%s in a bin is a wrong answer, by name of histogram and bin',
  (content) => {
    expect(messagesOf({ ...truth, values: truth.values.with(2, content) })[0]).toContain(
      `bin 2 (50 to 100): entries ${content}, expected 20`,
    );
  },
);
