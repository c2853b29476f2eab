import { expect, test } from 'vitest';
import type { TrialRecord } from '../model/record.ts';
import { coreSpeed, CPU_BOUND, KERNEL_BOUND } from './core-speed.ts';
import { isEstimate } from './estimate.ts';
import { aRecord } from './test/records.ts';

/** Two trials of a session whose cores cost `slow` times as much as usual; the kernel says the same unless told otherwise. */
function session(number: number, slow: number, kernel: number | undefined = slow): TrialRecord[] {
  return [1, 2].map((repeat) =>
    aRecord({
      session: number,
      repeat,
      metrics: { event_rate: 1000 / slow, cpu_seconds_per_mevent: 30 * slow },
      ...(kernel !== undefined && { probe: { kernelCpuSeconds: 0.01 * kernel, floorSeconds: 0.1 } }),
    }),
  );
}

function speedOf(records: readonly TrialRecord[]) {
  return coreSpeed(records, records);
}

test('a session with slow cores is found against the others, and its rate corrected to that of the median session', () => {
  const { sessions, unlike, corrected } = speedOf([...session(1, 1), ...session(2, 1.5), ...session(3, 1)]);
  expect(sessions.map(({ cpu }) => cpu)).toEqual([1, 1.5, 1]);
  expect(unlike.map((one) => one.session)).toEqual([2]);
  expect(corrected).toMatchObject({ median: 1000, min: 1000, max: 1000, trials: 6, sessions: 3 });
});

test('one slow session of five leaves the others like one another', () => {
  const all = [1, 2, 3, 4, 5].flatMap((number) => session(number, number === 4 ? 1.5 : 1));
  expect(speedOf(all).unlike.map((one) => one.session)).toEqual([4]);
});

test.each([
  ['a little below the bound', CPU_BOUND - 0.01, []],
  ['a little above the bound', CPU_BOUND + 0.01, [5]],
  ['as much faster', 1 / (CPU_BOUND + 0.01), [5]],
])('%s', (_name, slow, expected) => {
  const all = [1, 2, 3, 4].flatMap((number) => session(number, 1));
  expect(speedOf([...all, ...session(5, slow)]).unlike.map((one) => one.session)).toEqual(expected);
});

test('the kernel alone is enough for a flag, but corrects nothing: the trial itself did not cost more', () => {
  const all = [1, 2, 3, 4].flatMap((number) => session(number, 1));
  expect(speedOf([...all, ...session(5, 1, KERNEL_BOUND - 0.01)]).unlike).toEqual([]);
  const { unlike, corrected } = speedOf([...all, ...session(5, 1, 2)]);
  expect(unlike).toMatchObject([{ session: 5, cpu: 1, kernel: 2 }]);
  expect(corrected).toMatchObject({ min: 1000, max: 1000 });
});

test('two sessions cannot be told apart, and without CPU nothing is corrected', () => {
  const two = speedOf([...session(1, 1), ...session(2, 2)]);
  expect(two.unlike).toEqual([]);
  expect(two.sessions[0]?.cpu).toEqual({ missing: 'fewer than 3 sessions' });
  const blind = speedOf([1, 2, 3].map((number) => aRecord({ session: number, metrics: { event_rate: 1000 } })));
  expect(isEstimate(blind.corrected)).toBe(false);
  expect(blind.corrected).toMatchObject({ missing: 'CPU per event was not measured' });
  expect(blind.sessions[0]).toMatchObject({ kernel: { missing: 'not measured in this session' } });
});
