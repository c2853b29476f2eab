import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatBytes, parseBytes, parseCount, parseCounts } from './sizes.ts';

test.each([
  ['64MB', 64e6],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['4096', 4096],
  ['10 kB', 1e4],
  ['2m', 2e6],
  ['1TiB', 2 ** 40],
  ['7b', 7],
])('%j is %d bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

const NO_SIZES = [
  '',
  ' ',
  'MB',
  '.',
  '1.2.3MB',
  '-1',
  '1e3',
  '64 megabytes',
  '0',
  '0MB',
  '0.4',
  '1iB',
  'NaN',
  '9000000000TB',
];
test.each(NO_SIZES)('%j is no size', (text) => {
  expect(parseBytes(text)).toBeUndefined();
});

test.each([
  ['2M', 2e6],
  ['500k', 5e5],
  ['12000', 12_000],
  ['2.3M', 2_300_000],
  ['1.5k', 1500],
  ['1g', 1e9],
])('%j is a count of %d', (text, count) => {
  expect(parseCount(text)).toBe(count);
});

const NO_COUNTS = ['', '1.5', '0.4', '1.0005k', '0', '2MB', '2Ki', '-3', 'many', '1e30', '9'.repeat(30)];
test.each(NO_COUNTS)('%j is no count', (text) => {
  expect(parseCount(text)).toBeUndefined();
});

test('lists and ranges give distinct counts in order', () => {
  expect(parseCounts('1..3,8')).toEqual([1, 2, 3, 8]);
  expect(parseCounts('4, 1,2,4')).toEqual([1, 2, 4]);
  expect(parseCounts('..64')).toEqual([1, 2, 4, 8, 16, 32, 64]);
  expect(parseCounts('..6')).toEqual([1, 2, 4, 6]);
  expect(parseCounts('..1')).toEqual([1]);
  expect(parseCounts('3..3')).toEqual([3]);
});

const NO_LISTS = ['', ',', '1,,2', '0', '0..3', '3..1', '1..', '..', '..0', '-1', '1.5', '1...3', 'all', '100001'];
test.each(NO_LISTS)('%j is no list of counts', (text) => {
  expect(parseCounts(text)).toBeUndefined();
});

test('whole bytes and counts are read back as they are written', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (value) => {
      expect(parseBytes(String(value))).toBe(value);
      expect(parseCount(String(value))).toBe(value);
    }),
  );
});

test('a number with a unit is that number times the unit', () => {
  const scales = { k: 1e3, M: 1e6, G: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
  const units = fc.constantFrom('k', 'M', 'G', 'KiB', 'MiB', 'GiB');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), units, (value, unit) => {
      expect(parseBytes(`${value}${unit}`)).toBe(value * scales[unit]);
    }),
  );
});

test('a size that is shown is read back within its three digits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), (bytes) => {
      const read = parseBytes(formatBytes(bytes)) ?? 0;
      expect(Math.abs(read - bytes)).toBeLessThanOrEqual(bytes * 0.005);
    }),
  );
});

test('bytes are shown as people write them', () => {
  expect([64e6, 1_234_567, 999, 1e9].map((bytes) => formatBytes(bytes))).toEqual(['64 MB', '1.23 MB', '999 B', '1 GB']);
});

test('a list of counts is read back as it is written', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 20 }), (counts) => {
      expect(parseCounts(counts.join(','))).toEqual(counts.toSorted((a, b) => a - b));
    }),
  );
});

test('any text is a list of counts from 1, or refused', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\d.,\- ]{0,12}$/), (text) => {
      const counts = parseCounts(text) ?? [1];
      expect(counts).not.toEqual([]);
      expect(counts.filter((count) => !Number.isInteger(count) || count < 1)).toEqual([]);
    }),
  );
});
