import { expect, test } from 'vitest';
import { METRICS } from './metrics.ts';
import { derive, isKnown, missing } from './quantity.ts';

test('a derived quantity is computed when all inputs are known, zero included', () => {
  expect(derive([6, 3], (a = 0, b = 0) => a / b)).toBe(2);
  expect(derive([0, 3], (a = 0, b = 0) => a * b)).toBe(0);
});

test('a missing input passes its reason on, the first of several', () => {
  expect(derive([1, missing('no agent'), missing('no result')], () => 7)).toEqual({ missing: 'no agent' });
});

test('what is not finite is missing', () => {
  expect(derive([1, 0], (a = 0, b = 0) => a / b)).toEqual({ missing: 'not a finite number' });
  expect(derive([0, 0], (a = 0, b = 0) => a / b)).toEqual({ missing: 'not a finite number' });
});

test('zero is known', () => {
  expect(isKnown(0)).toBe(true);
  expect(isKnown(missing('why'))).toBe(false);
});

test('each metric is declared once', () => {
  const names = METRICS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
