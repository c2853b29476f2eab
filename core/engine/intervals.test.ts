import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, intersect, type Interval, lengthSum, subtract, union } from './intervals.ts';

/** Whole seconds from 0 to 50, so that lengths are exact and can be counted second by second. */
const anInterval = fc.tuple(fc.nat(40), fc.nat(10)).map(([start, length]) => ({ start, stop: start + length }));
const intervals = fc.array(anInterval, { maxLength: 8 });

function secondsIn(list: readonly Interval[]): Set<number> {
  const seconds = new Set<number>();
  for (const { start, stop } of list) for (let second = start; second < stop; second++) seconds.add(second);
  return seconds;
}

function filtered(seconds: ReadonlySet<number>, keep: (second: number) => boolean): Set<number> {
  return new Set([...seconds].filter(keep));
}

test('examples: overlapping and touching stretches join, holes are cut out', () => {
  expect(
    union([
      { start: 3, stop: 5 },
      { start: 0, stop: 2 },
      { start: 2, stop: 4 },
    ]),
  ).toEqual([{ start: 0, stop: 5 }]);
  expect(
    subtract(
      [{ start: 0, stop: 10 }],
      [
        { start: 2, stop: 3 },
        { start: 8, stop: 12 },
      ],
    ),
  ).toEqual([
    { start: 0, stop: 2 },
    { start: 3, stop: 8 },
  ]);
  expect(
    clip(
      [
        { start: 0, stop: 4 },
        { start: 5, stop: 6 },
      ],
      { start: 3, stop: 5 },
    ),
  ).toEqual([{ start: 3, stop: 4 }]);
  expect(
    lengthSum([
      { start: 1, stop: 2 },
      { start: 4, stop: 7 },
    ]),
  ).toBe(4);
});

test('a union covers the same seconds, sorted and without overlaps', () => {
  fc.assert(
    fc.property(intervals, (list) => {
      const joined = union(list);
      expect(secondsIn(joined)).toEqual(secondsIn(list));
      expect(lengthSum(joined)).toBe(secondsIn(list).size);
      expect(
        joined.every(({ stop, start }, index) => stop > start && stop < (joined[index + 1]?.start ?? Infinity)),
      ).toBe(true);
    }),
  );
});

test('what is subtracted and what is left make up the whole', () => {
  fc.assert(
    fc.property(intervals, intervals, (list, holes) => {
      const left = subtract(list, holes);
      expect(secondsIn(left)).toEqual(filtered(secondsIn(list), (second) => !secondsIn(holes).has(second)));
      expect(lengthSum(left)).toBe(secondsIn(left).size);
    }),
  );
});

test('a clipped list has the seconds within the window and no others', () => {
  fc.assert(
    fc.property(intervals, anInterval, (list, window) => {
      expect(secondsIn(clip(list, window))).toEqual(
        filtered(secondsIn(list), (second) => secondsIn([window]).has(second)),
      );
    }),
  );
});

test('inputs stay as they are', () => {
  const list = [
    { start: 4, stop: 6 },
    { start: 1, stop: 5 },
  ];
  union(list);
  subtract(list, list);
  expect(list).toEqual([
    { start: 4, stop: 6 },
    { start: 1, stop: 5 },
  ]);
});

test('property: what lies in both lists, counted second by second', () => {
  fc.assert(
    fc.property(intervals, intervals, (one, other) => {
      const inOther = secondsIn(other);
      const both = filtered(secondsIn(one), (second) => inOther.has(second));
      expect(secondsIn(intersect(one, other))).toEqual(both);
      expect(lengthSum(intersect(one, other))).toBe(both.size);
    }),
  );
});

test('as many tasks as one worker has in hours, in time that grows with their number', () => {
  const tasks = Array.from({ length: 200_000 }, (_, i) => ({ start: i, stop: i + 0.5 }));
  const free = subtract([{ start: 0, stop: 200_000 }], tasks);
  expect(free).toHaveLength(200_000);
  expect(lengthSum(intersect(free, tasks))).toBe(0);
});
