import { expect, test } from 'vitest';

import { fitAmdahl } from './amdahl.ts';
import { estimate, isEstimate } from './estimate.ts';
import { median, quantile } from './quantile.ts';
import { seededRandom, shuffle } from './random.ts';

test('a median and quantiles are those computed by hand', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile([0, 10], 0.25)).toBe(2.5);
  expect(quantile([7], 0.9)).toBe(7);
  expect(median([])).toEqual({ missing: 'no values' });
});

test('an estimate over fewer than three sessions shows the spread instead of an interval', () => {
  const two = [1, 2, 3, 4].map((value, i) => ({ session: i < 2 ? 1 : 2, value }));
  expect(estimate(two, 1)).toEqual({
    median: 2.5,
    lo: 1,
    hi: 4,
    min: 1,
    max: 4,
    interval: 'range',
    trials: 4,
    sessions: 2,
  });
});

test('the interval follows the spread between sessions, not that of repeats', () => {
  const rows = (spread: number) =>
    [1, 2, 3, 4, 5].flatMap((session) =>
      [0, 1, 2, 3].map((repeat) => ({ session, value: 100 + spread * session + 0.01 * repeat })),
    );
  const [tight, wide] = [estimate(rows(0), 1), estimate(rows(10), 1)];
  if (!isEstimate(tight) || !isEstimate(wide)) throw new Error('no estimate');
  expect(tight.interval).toBe('bootstrap');
  expect(tight.hi - tight.lo).toBeLessThan(0.04);
  // Twenty independent trials would give about 20; five sessions give more.
  expect(wide.hi - wide.lo).toBeGreaterThan(25);
  expect(estimate(rows(10), 1)).toEqual(wide);
});

test('missing values are left out of an estimate, and without any value the first reason stays', () => {
  const some = [
    { session: 1, value: 5 },
    { session: 2, value: { missing: 'lost' } },
  ] as const;
  expect(estimate(some, 1)).toMatchObject({ median: 5, trials: 1, sessions: 1 });
  expect(estimate([{ session: 1, value: { missing: 'lost' } }], 1)).toEqual({
    missing: 'lost',
    trials: 0,
    sessions: 0,
  });
  expect(estimate([], 1)).toMatchObject({ missing: 'no eligible trial' });
});

test('the fit finds the serial fraction that the speed-ups were made with', () => {
  const made = [1, 2, 4, 8].map((n) => ({ n, speedUp: 1 / (0.1 + 0.9 / n) }));
  const fit = fitAmdahl(made);
  if ('missing' in fit) throw new Error(fit.missing);
  expect(fit.serialFraction).toBeCloseTo(0.1, 12);
  expect(fit.limit).toBeCloseTo(10, 10);
  expect(fitAmdahl(made.slice(0, 2))).toEqual({ missing: 'needs 3 worker counts, has 2' });
});

test('speed-ups above n give a fit below zero that has no limit', () => {
  const fit = fitAmdahl([1, 2, 4].map((n) => ({ n, speedUp: n ** 1.05 })));
  expect('limit' in fit && fit.serialFraction < 0 && fit.limit).toBe(Number.POSITIVE_INFINITY);
});

test('a shuffle keeps every item and repeats itself for the same seed', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const once = shuffle(items, seededRandom(5));
  expect(once.toSorted((a, b) => a - b)).toEqual(items);
  expect(shuffle(items, seededRandom(5))).toEqual(once);
  expect(shuffle(items, seededRandom(6))).not.toEqual(once);
});
