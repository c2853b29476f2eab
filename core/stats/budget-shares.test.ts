import fc from 'fast-check';
import { expect, test } from 'vitest';

import { largestLoss, pointBudget } from './budget-shares.ts';
import type { TrialRecord } from '../model/record.ts';
import { isSerial } from './speedups.ts';
import { summarise } from './summarise.ts';
import { aRecord, anExperiment } from './test/records.ts';

const serialPoint = { runner: 'serial', startMethod: 'none' } as const;

/** Serial reference and one point, one trial of each in every session. */
function budgetOf(sessions: readonly { readonly serialCpu: number; readonly scheduling: number }[]) {
  const records = sessions.flatMap(({ serialCpu, scheduling }, i) => [
    aRecord({ session: i + 1, point: serialPoint, metrics: { cpu_seconds_per_mevent: serialCpu } }),
    aRecord({ session: i + 1, point: { workers: 2 }, budget: { coreSeconds: 10, taskCpu: 6, scheduling } }),
  ]);
  return budgetIn(records);
}

function budgetIn(records: readonly TrialRecord[]) {
  const summaries = summarise(anExperiment(records));
  const point = summaries.find((one) => !isSerial(one.point));
  if (!point) throw new Error('no point');
  return pointBudget(point, summaries);
}

test('the interval of a share is that of Student over the sessions, by hand: 20 % +- 10 % x 4.303 / sqrt(3)', () => {
  const { shares } = budgetOf([1, 2, 3].map((scheduling) => ({ serialCpu: 5, scheduling })));
  expect(shares.scheduling.share).toBeCloseTo(0.2, 12);
  // 20 - 24.8 % would be below nothing.
  expect(shares.scheduling.interval?.lo).toBe(0);
  expect(shares.scheduling.interval?.hi).toBeCloseTo(0.2 + 0.2484138, 6);
  // The serial thread needed 5 s in each session.
  expect(shares.useful.share).toBe(0.5);
  expect(shares.useful.interval?.hi).toBeCloseTo(0.5, 12);
});

test('the spread of the serial reference is in the intervals of what it splits off, and in no other', () => {
  const { shares } = budgetOf([4, 5, 6].map((serialCpu) => ({ serialCpu, scheduling: 1 })));
  expect(shares.useful.interval?.lo).toBeCloseTo(0.5 - 0.2484138, 6);
  // The tasks used 6 s: inflation is 10 % and may be negative, because it is a difference.
  expect(shares.inflation.interval?.lo).toBeCloseTo(0.1 - 0.2484138, 6);
  expect(shares.scheduling.interval?.lo).toBeCloseTo(0.1, 12);
  expect(shares.scheduling.interval?.hi).toBeCloseTo(0.1, 12);
});

test('two sessions, or two with a reference, give a share without an interval', () => {
  const two = budgetOf([1, 2].map((scheduling) => ({ serialCpu: 5, scheduling })));
  expect(two.shares.scheduling).toEqual({ share: 0.15, interval: null });
  const records = [1, 2, 3].flatMap((session) => [
    ...(session < 3 ? [aRecord({ session, point: serialPoint, metrics: { cpu_seconds_per_mevent: 5 } })] : []),
    aRecord({ session, point: { workers: 2 } }),
  ]);
  const { shares } = budgetIn(records);
  expect(shares.useful).toEqual({ share: 0.5, interval: null });
  expect(shares.scheduling.interval).not.toBeNull();
});

test('without a serial reference the unsplit task CPU has a share and an interval, its parts have neither', () => {
  const { shares } = budgetIn([1, 2, 3].map((session) => aRecord({ session, point: { workers: 2 } })));
  expect(shares.taskCpu.share).toBe(0.6);
  expect(shares.taskCpu.interval?.lo).toBeCloseTo(0.6, 12);
  expect(shares.useful).toEqual({
    share: { missing: 'no warm serial reference of this backend, suite and parameters' },
    interval: null,
  });
});

test('the largest loss comes with its interval', () => {
  const budget = budgetOf([3, 3.5, 4].map((scheduling) => ({ serialCpu: 6, scheduling })));
  expect(largestLoss(budget)).toEqual({ title: 'scheduling', ...budget.shares.scheduling });
});

test('property: a share lies within its interval, and what cannot be negative stays within 0 and 1', () => {
  const session = fc.record({
    serialCpu: fc.double({ min: 0.1, max: 50, noNaN: true }),
    scheduling: fc.double({ min: 0, max: 10, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(session, { minLength: 3, maxLength: 8 }), (sessions) => {
      const { shares } = budgetOf(sessions);
      for (const { share, interval } of Object.values(shares)) {
        if (typeof share !== 'number') continue;
        expect(interval?.lo).toBeLessThanOrEqual(share);
        expect(interval?.hi).toBeGreaterThanOrEqual(share);
      }
      expect(shares.scheduling.interval?.lo).toBeGreaterThanOrEqual(0);
      expect(shares.scheduling.interval?.hi).toBeLessThanOrEqual(1);
    }),
  );
});
