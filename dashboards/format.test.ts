import fc from 'fast-check';
import { expect, test } from 'vitest';

import { formatDuration, formatMib, formatMoment, formatPercent, formatSi, formatTick, plural } from './format.ts';

test.each([
  [1_234_567, 'events/s', '1.23\u202fMevents/s'],
  [999.9, 'B', '1.00\u202fkB'],
  [0.0123, 's', '12.3\u202fms'],
  [1234.5, 's', '1230\u202fs'],
  [0.85, '', '0.850'],
  [-0.5, 'core-s', '−0.500\u202fcore-s'],
  [0.356, 'events/s', '0.356\u202fevents/s'],
  [0, 'B/s', '0\u202fB/s'],
] as const)('%d %s is written as %s', (value, unit, text) => {
  expect(formatSi(value, unit)).toBe(text);
});

test('ticks have no trailing zeros, ratios are per cent, memory is in MiB', () => {
  expect([formatTick(350_000), formatTick(0.5), formatTick(0)]).toEqual(['350\u202fk', '0.5', '0']);
  expect([formatPercent(0.8484), formatMib(128 * 1024 * 1024)]).toEqual(['84.8\u202f%', '128\u202fMiB']);
  expect([plural(1, 'trial'), plural(2, 'trial')]).toEqual(['1 trial', '2 trials']);
  expect([formatDuration(59.6), formatDuration(61), formatDuration(7260)]).toEqual([
    '1 min 0 s',
    '1 min 1 s',
    '2 h 1 min',
  ]);
});

test('property: a formatted number is within half a per cent of the number', () => {
  const factors = new Map([
    ['T', 1e12],
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
    ['', 1],
    ['m', 1e-3],
    ['µ', 1e-6],
    ['n', 1e-9],
  ]);
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 9e14, noNaN: true }), (value) => {
      const [, digits, prefix = ''] = /^([\d.]+)\u202f?([TGMkmµn]?)B$/.exec(formatSi(value, 'B')) ?? [];
      expect(Math.abs((Number(digits) * (factors.get(prefix) ?? Number.NaN)) / value - 1)).toBeLessThan(0.0051);
    }),
  );
});

test('moments late in a long trial are told apart to a hundredth of a second', () => {
  expect([0.0123, 9.876, 12.345, 3605.06, -12].map(formatMoment)).toEqual([
    '12.3\u202fms',
    '9.88\u202fs',
    '12.35\u202fs',
    '3605.06\u202fs',
    '−12.00\u202fs',
  ]);
});
