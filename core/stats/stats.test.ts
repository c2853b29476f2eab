import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fitAmdahl } from './amdahl.ts';
import { estimate, isEstimate } from './estimate.ts';
import { median, quantile } from './quantile.ts';
import { seededRandom, shuffle } from './random.ts';
import { type Scale, studentInterval } from './student.ts';

test('a median and quantiles are those computed by hand', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([7], 0.9)).toBe(7);
  expect(median([])).toEqual({ missing: 'no values' });
});

test('an estimate over fewer than three sessions has no interval', () => {
  const two = [1, 2, 3, 4].map((value, i) => ({ session: i < 2 ? 1 : 2, value }));
  expect(estimate(two, 'log')).toEqual({ median: 2.5, interval: null, min: 1, max: 4, trials: 4, sessions: 2 });
});

function oneEach(values: readonly number[]) {
  return values.map((value, index) => ({ session: index + 1, value }));
}

function intervalOf(values: readonly number[], scale: Scale) {
  const found = estimate(oneEach(values), scale);
  if (!isEstimate(found)) throw new Error('no estimate');
  return found.interval;
}

test('an interval is that of Student, by hand: 2 +- 4.303 / sqrt(3) for 1, 2, 3', () => {
  expect(intervalOf([1, 2, 3], 'linear')?.lo).toBeCloseTo(2 - 2.484138, 5);
  expect(intervalOf([1, 2, 3], 'linear')?.hi).toBeCloseTo(2 + 2.484138, 5);
  // The same on the logarithm.
  const { lo = 0, hi = 0 } = intervalOf([Math.E, Math.E ** 2, Math.E ** 3], 'log') ?? {};
  expect(Math.log(lo)).toBeCloseTo(2 - 2.484138, 5);
  expect(Math.log(hi)).toBeCloseTo(2 + 2.484138, 5);
});

test('a quantity that may be zero has an interval on the plain scale, and none on the logarithmic one', () => {
  expect(intervalOf([0, 1, 2], 'linear')?.lo).toBeCloseTo(1 - 2.484138, 5);
  expect(intervalOf([0, 1, 2], 'log')).toBeNull();
});

test('the interval follows the spread between sessions, not that of repeats', () => {
  const rows = (spread: number) =>
    [1, 2, 3, 4, 5].flatMap((session) =>
      [0, 1, 2, 3].map((repeat) => ({ session, value: 100 + spread * session + 0.01 * repeat })),
    );
  const [tight, wide] = [estimate(rows(0), 'log'), estimate(rows(10), 'log')];
  if (!isEstimate(tight) || !isEstimate(wide) || !tight.interval || !wide.interval) throw new Error('no interval');
  expect(tight.interval.hi - tight.interval.lo).toBeLessThan(0.04);
  // Twenty independent trials would give about 14; five sessions give more.
  expect(wide.interval.hi - wide.interval.lo).toBeGreaterThan(25);
});

test('property: an interval scales with the unit', () => {
  const positive = fc.array(fc.double({ min: 0.1, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(positive, fc.double({ min: 0.01, max: 100, noNaN: true }), (values, factor) => {
      const [one, other] = [
        intervalOf(values, 'log'),
        intervalOf(
          values.map((value) => value * factor),
          'log',
        ),
      ];
      expect(Math.log((other?.lo ?? 0) / (one?.lo ?? 0))).toBeCloseTo(Math.log(factor), 6);
      expect(Math.log((other?.hi ?? 0) / (one?.hi ?? 0))).toBeCloseTo(Math.log(factor), 6);
    }),
  );
});

test('property: an interval that shall hold more often contains the one that holds less often', () => {
  const values = fc.array(fc.double({ min: 0.1, max: 1e3, noNaN: true }), { minLength: 3, maxLength: 12 });
  const coverage = fc.double({ min: 0.5, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(values, coverage, coverage, fc.constantFrom<Scale>('log', 'linear'), (sample, one, other, scale) => {
      const narrow = studentInterval(sample, scale, Math.min(one, other));
      const wide = studentInterval(sample, scale, Math.max(one, other));
      expect(wide?.lo).toBeLessThanOrEqual(narrow?.lo ?? Number.NaN);
      expect(wide?.hi).toBeGreaterThanOrEqual(narrow?.hi ?? Number.NaN);
    }),
  );
});

test('an interval is widened to the median that is shown where it would not hold it', () => {
  // Medians of the sessions 1, 1, 1; most trials, and so the shown median, lie in the last.
  const rows = [
    ...oneEach([1, 1]),
    ...[0.9, 1, 1, 1.5, 1.5, 1.5, 1.5].map((value, i) => ({ session: i < 6 ? 3 : 4, value })),
  ];
  const found = estimate([...rows, ...Array.from({ length: 6 }, () => ({ session: 4, value: 1.5 }))], 'linear');
  if (!isEstimate(found) || !found.interval) throw new Error('no interval');
  expect(found.interval.hi).toBeGreaterThanOrEqual(found.median);
});

test('missing values are left out of an estimate, and without any value the first reason stays', () => {
  const some = [
    { session: 1, value: 5 },
    { session: 2, value: { missing: 'lost' } },
  ] as const;
  expect(estimate(some, 'log')).toMatchObject({ median: 5, trials: 1, sessions: 1 });
  expect(estimate([{ session: 1, value: { missing: 'lost' } }], 'log')).toEqual({
    missing: 'lost',
    trials: 0,
    sessions: 0,
  });
  expect(estimate([], 'log')).toMatchObject({ missing: 'no eligible trial' });
});

function inSession(session: number, counts: readonly number[], speedUp: (n: number) => number) {
  return counts.map((n) => ({ session, n, speedUp: speedUp(n) }));
}

test('the fit finds the serial fraction that the speed-ups were made with, session by session', () => {
  const amdahl = (f: number) => (n: number) => 1 / (f + (1 - f) / n);
  const made = [0.09, 0.1, 0.11].flatMap((f, i) => inSession(i + 1, [1, 2, 4, 8], amdahl(f)));
  const fit = fitAmdahl(made);
  if ('missing' in fit) throw new Error(fit.missing);
  expect(fit.serialFraction).toMatchObject({ trials: 3, sessions: 3 });
  expect(fit.serialFraction.median).toBeCloseTo(0.1, 12);
  expect(fit.serialFraction.interval?.lo).toBeCloseTo(0.1 - 0.02484138, 6);
  expect(fit.limit).toBeCloseTo(10, 10);
  expect(fitAmdahl(inSession(1, [1, 2], amdahl(0.1)))).toEqual({ missing: 'needs 3 worker counts, has 2' });
});

test('speed-ups above n give a fit below zero that has no limit', () => {
  const fit = fitAmdahl(inSession(1, [1, 2, 4], (n) => n ** 1.05));
  expect('limit' in fit && fit.serialFraction.median < 0 && fit.limit).toBe(Number.POSITIVE_INFINITY);
});

test('a shuffle keeps every item and repeats itself for the same seed', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const once = shuffle(items, seededRandom(5));
  expect(once.toSorted((a, b) => a - b)).toEqual(items);
  expect(shuffle(items, seededRandom(5))).toEqual(once);
  expect(shuffle(items, seededRandom(6))).not.toEqual(once);
});
