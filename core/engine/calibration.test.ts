import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstInRow, lastInRow, listingsFor } from './calibration.ts';

test('numbers of listings are of a row whose neighbours are far apart', () => {
  const row = Array.from({ length: 1000 }, (_, index) => firstInRow((clone) => clone > index));
  expect([...new Set(row)].slice(0, 9)).toEqual([1, 2, 3, 4, 6, 8, 12, 16, 24]);
  expect(Math.max(...row)).toBeLessThanOrEqual(1000);
  expect([lastInRow((clone) => clone < 10), lastInRow(() => false), firstInRow(() => false)]).toEqual([8, 1, 768]);
});

test('what T has beside the work is no matter of the listings', () => {
  const secondsOf = (clone: number) => ({ clone, seconds: 0.4 + 0.3 * clone });
  // Proportional to the first trial it would be 6, and 3.1 s would not be reached.
  expect(listingsFor(3.1, secondsOf(1), secondsOf(4))).toBe(12);
  expect(listingsFor(0.7, secondsOf(1), secondsOf(4))).toBe(1);
});

test('the number suffices, and the one before it in the row does not', () => {
  const part = fc.double({ min: 0.01, max: 3, noNaN: true });
  fc.assert(
    fc.property(part, part, fc.integer({ min: 2, max: 50 }), (fixed, each, more) => {
      const secondsOf = (clone: number) => fixed + each * clone;
      const timed = [1, more].map((clone) => ({ clone, seconds: secondsOf(clone) }));
      const [once, several] = timed;
      if (!once || !several) return;
      const found = listingsFor(3, once, several);
      expect(secondsOf(found)).toBeGreaterThan(2.99);
      const before = found === 1 ? 0 : secondsOf(lastInRow((clone) => clone < found));
      expect(before).toBeLessThan(3.01);
    }),
  );
});

test('a longer trial that noise made no longer is taken to be proportional to its listings', () => {
  expect(listingsFor(3, { clone: 1, seconds: 0.5 }, { clone: 4, seconds: 0.4 })).toBe(32);
});
