import { expect, test } from 'vitest';
import { largest, smallest } from './extremes.ts';

test('as many values as a long trial of many workers has', () => {
  const values = Array.from({ length: 1_000_000 }, (_, i) => (i * 7919) % 1_000_003);
  expect([smallest(values), largest(values)]).toEqual([0, values.toSorted((a, b) => b - a)[0]]);
});

test('none', () => {
  expect([smallest([]), largest([])]).toEqual([Infinity, -Infinity]);
});
