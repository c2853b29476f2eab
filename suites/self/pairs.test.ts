import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Warmth } from '../../core/model/event.ts';
import { isEligible } from '../../core/stats/eligible.ts';
import { estimate } from '../../core/stats/estimate.ts';
import { aRecord, type Overrides } from '../../core/stats/test/records.ts';
import { inPairs, watchingCost } from './pairs.ts';

const { point } = aRecord();
const warm: Warmth = { process: 'reused', compiled: 'warm', pageCache: 'warm', storage: 'local' };

/** A first trial and `repeats` more. */
function block(repeats: number) {
  return Array.from({ length: repeats + 1 }, (_, repeat) => ({ repeat, point, warmth: warm }));
}

function textOf(trials: ReturnType<typeof block>): string {
  return trials.map((trial) => `${trial.repeat} ${trial.point.parameters['watch']}`).join(', ');
}

test('the order alternates from pair to pair, and the first trial is like the next and in no pair', () => {
  expect(textOf(inPairs(block(6), true))).toBe('0 on, 1 on, 1 off, 2 off, 2 on, 3 on, 3 off');
  expect(textOf(inPairs(block(6), false))).toBe('0 off, 1 off, 1 on, 2 on, 2 off, 3 off, 3 on');
});

test('an edited trial is left out, and the suite keeps its other parameters', () => {
  const trials = inPairs([...block(2), { repeat: 0, point, warmth: { ...warm, compiled: 'edited' } }], true);
  expect(trials.length).toBe(3);
  expect(trials[2]?.point.parameters).toEqual({ ...point.parameters, watch: 'off' });
});

test('property: each pair has one of both, and on comes first as often as off but for one pair', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.boolean(), (pairs, onFirst) => {
      const [, ...trials] = inPairs(block(2 * pairs), onFirst);
      const ons = trials.map((trial) => trial.point.parameters['watch'] === 'on');
      const firsts = ons.filter((_, index) => index % 2 === 0);
      expect(trials.map(({ repeat }) => repeat)).toEqual(trials.map((_, index) => Math.floor(index / 2) + 1));
      expect(ons.every((on, index) => on !== ons[index ^ 1])).toBe(true);
      expect(Math.abs(2 * firsts.filter(Boolean).length - pairs)).toBeLessThanOrEqual(1);
    }),
  );
});

/** The two records of a pair, on first. */
function pair(session: number, repeat: number, on: Overrides, off: Overrides) {
  const of = (watch: string, overrides: Overrides) =>
    aRecord({
      session,
      repeat,
      block: `b${session}`,
      point: { parameters: { ...point.parameters, watch } },
      ...overrides,
    });
  return [of('on', on), of('off', off)];
}

function costOf(...pairs: ReturnType<typeof pair>[]) {
  return watchingCost(pairs.flat(), {
    counts: isEligible,
    estimate: (observations) => estimate(observations, 'log'),
  });
}

test('the ratio is that of neighbours: a drift between pairs does not enter', () => {
  const [cost] = costOf(
    pair(1, 1, { T: 11 }, { T: 10 }),
    pair(1, 2, { T: 22 }, { T: 20 }),
    pair(2, 1, { T: 33 }, { T: 30 }),
  );
  expect(cost?.ratio).toMatchObject({ median: 1.1, interval: null, trials: 3, sessions: 2 });
  expect(cost?.onSeconds).toMatchObject({ median: 22 });
  expect(cost?.point.parameters).toEqual(point.parameters);
});

test('from three sessions there is an interval, and equal sessions give one of no width', () => {
  const same = [1, 2, 3].map((session) => pair(session, 1, { T: 10.2 }, { T: 10 }));
  const equal = costOf(...same)[0]?.ratio;
  expect(equal && 'median' in equal && equal.interval?.lo).toBeCloseTo(1.02, 12);
  expect(equal && 'median' in equal && equal.interval?.hi).toBeCloseTo(1.02, 12);
  const [cost] = costOf(...[1, 1.1, 1.2].map((T, index) => pair(index + 1, 1, { T }, { T: 1 })));
  // Logarithms 0, 0.0953 and 0.1823: mean 0.0925, sd 0.0912, times t = 4.303 by the root of 3 is 0.2265 on either side.
  expect(cost?.ratio).toMatchObject({ median: 1.1, trials: 3, sessions: 3 });
  expect(cost && 'median' in cost.ratio && cost.ratio.interval?.lo).toBeCloseTo(0.8746, 4);
  expect(cost && 'median' in cost.ratio && cost.ratio.interval?.hi).toBeCloseTo(1.3759, 4);
});

test('a pair with a wrong answer, or without its neighbour, gives no ratio and says why', () => {
  const [cost] = costOf(
    pair(1, 1, { T: 1 }, { T: 1, state: 'invalid', trial: 'b001-t02' }),
    pair(1, 2, { T: 3 }, { T: 2 }),
    pair(1, 3, { T: 9 }, { T: 1 }).slice(0, 1),
  );
  expect(cost?.ratio).toMatchObject({ median: 1.5, trials: 1 });
  expect(cost?.pairs.map(({ ratio }) => ratio)).toEqual([
    { missing: 'trial b001-t02 does not count' },
    1.5,
    { missing: 'its trial has no record' },
  ]);
});

test('the CPU of the instruments is that of the watched trials only', () => {
  const metrics = (ratio: number) => ({ metrics: { watching_cpu_ratio: ratio } });
  const [cost] = costOf(pair(1, 1, metrics(0.01), metrics(0.5)), pair(1, 2, metrics(0.03), metrics(0.5)));
  expect(cost?.cpuRatio).toMatchObject({ median: expect.closeTo(0.02, 9), trials: 2 });
});

test('each point and backend has a cost of its own', () => {
  const rdf = pair(1, 1, { T: 4 }, { T: 2 }).map((record) => ({
    ...record,
    point: { ...record.point, backend: 'rdataframe' as const },
  }));
  const costs = costOf(pair(1, 1, { T: 3 }, { T: 2 }), rdf);
  expect(costs.map((cost) => [cost.point.backend, 'median' in cost.ratio && cost.ratio.median])).toEqual([
    [point.backend, 1.5],
    ['rdataframe', 2],
  ]);
});
