import { expect, test } from 'vitest';
import { resolveRunConfig } from '../../core/config/run-config.ts';
import { clusterEdges } from '../../core/engine/parts.ts';
import type { Request } from '../../core/engine/plan.ts';
import { adl } from '../../suites/adl/suite.ts';
import { calibrates, estimatedListings, subjectOf } from './calibration.ts';

const suite = {
  ...adl,
  cost: () => ({ secondsPerEvent: 1e-5, secondsPerTask: 0.01, coldSeconds: 1, pssBytes: 1 }),
};
const times = { interval: '1', joinTimeout: '1', timeout: '1', workers: '1' };
const config = resolveRunConfig({ ...times, minSeconds: '3', trialTimeout: '900' });
/** 4 files of so many events each: at one worker about half a second for 10,000. */
const sizeOf = (events: number) => ({
  datasetId: String(events),
  files: 4,
  fileBytes: 1e6,
  events: 4 * events,
  clusters: Array.from({ length: 4 }, () => clusterEdges(events, 1000)),
});
const request: Request = {
  suite: 'adl',
  runner: 'local',
  backends: ['coffea'],
  parameterSets: [{ queries: '1' }],
  loopsOf: () => 1,
  workers: [1, 2, 4],
  serial: true,
  serialThreads: [1],
  startMethods: ['spawn'],
  axes: [{}],
  data: [sizeOf(10_000)],
  sessions: 1,
  repeats: 1,
  pageCache: 'warm',
  seed: 1,
  cores: 2,
  tasks: undefined,
};

test('the smallest data are tried, at the fewest workers', () => {
  const { workers, shortest } = subjectOf({ ...request, data: [sizeOf(20_000), sizeOf(10_000)] }, suite, 'coffea');
  expect([workers, shortest(3).datasetId, shortest(3).point.clone]).toEqual([1, '10000', 3]);
});

test('files are listed until the shortest trial takes long enough, unless the longest would take far too long', () => {
  const listingsOf = (...data: Request['data']) => estimatedListings({ ...request, data }, suite, config)['coffea'];
  const small = sizeOf(10_000);
  // 0.4 s of events and 4 tasks of 0.01 s for each listing.
  expect(listingsOf(small)).toBe(8);
  expect(listingsOf(small, sizeOf(80_000))).toBe(8);
  expect(listingsOf(small, sizeOf(1_000_000))).toBe(1);
  expect(listingsOf(sizeOf(1_000_000))).toBe(1);
  const hasty = { ...config, trialTimeoutSeconds: 4 };
  expect(estimatedListings(request, suite, hasty)['coffea']).toBe(4);
});

test('without data, or where nobody asks for it, nothing is calibrated; a time that no trial may take is refused', () => {
  expect([calibrates(config, suite), calibrates({ ...config, minSeconds: 0 }, suite)]).toEqual([true, false]);
  expect(calibrates(config, { ...suite, readsData: false })).toBe(false);
  expect(() => calibrates({ ...config, trialTimeoutSeconds: 3 }, suite)).toThrow('--min-seconds: "3" is not valid');
});
