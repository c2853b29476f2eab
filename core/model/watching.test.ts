import { expect, test } from 'vitest';
import { eitherWay, isWatched, watchedPoint } from './watching.ts';

test('a point is watched unless it says otherwise, and what it says is no part of what both ways have in common', () => {
  const point = { parameters: { queries: '1' } };
  expect([point, watchedPoint(point, true), watchedPoint(point, false)].map(isWatched)).toEqual([true, true, false]);
  expect(watchedPoint(point, false)).toEqual({ parameters: { queries: '1', watch: 'off' } });
  expect(eitherWay(watchedPoint(point, false))).toEqual(point);
});
