import fc from 'fast-check';
import { expect, test } from 'vitest';

import { isKnown } from '../model/quantity.ts';
import { BUDGET_PARTS, meanBudget, referenceCpu, splitBudget } from './budget.ts';
import { largestLoss, pointBudget } from './budget-shares.ts';
import { isEstimate } from './estimate.ts';
import { headline } from './headline.ts';
import { speedups } from './speedups.ts';
import { metricEstimate, summarise } from './summarise.ts';
import { aRecord, anExperiment, type Overrides } from './test/records.ts';

const oversubscribed = [{ code: 'oversubscribed', message: '8 workers on 4 cores' }];

function trials(workers: number, times: readonly number[], more: Overrides = {}) {
  return times.flatMap((T, i) => [
    aRecord({
      ...more,
      T: T * 3,
      session: i + 1,
      repeat: 0,
      point: { workers, ...more.point },
      warmth: { process: 'fresh', compiled: 'cold', pageCache: 'warm', storage: 'local' },
    }),
    aRecord({ ...more, T, session: i + 1, point: { workers, ...more.point } }),
  ]);
}

test('a summary has the warm valid untainted trials, and the cold ones apart', () => {
  const records = [
    ...trials(1, [10, 11, 12]),
    aRecord({ T: 1, state: 'invalid', metrics: { event_rate: 9 } }),
    aRecord({ T: 1, taints: [{ code: 'worker-lost', message: '' }] }),
  ];
  const [summary, ...others] = summarise(anExperiment(records));
  expect(others).toEqual([]);
  expect(summary).toMatchObject({ trials: 3, sessions: 3, turnaround: { median: 11, min: 10, max: 12 } });
  expect(summary?.cold.turnaround).toMatchObject({ median: 33, trials: 3 });
  expect(summary?.cold.timeToResult).toMatchObject({ missing: 'not the first trial of a session' });
  expect(summary && metricEstimate(summary, 'event_rate')).toMatchObject({ missing: 'not measured' });
});

test('repeat 0 of a point that is not the first of its block is neither cold nor warm', () => {
  const [summary] = summarise(anExperiment([aRecord({ repeat: 0, T: 99 }), aRecord({ T: 10 })]));
  expect(summary).toMatchObject({ trials: 1, cold: { records: [] } });
});

test('speed-ups are ratios within a session, by hand', () => {
  const records = [...trials(1, [10, 20, 30]), ...trials(2, [5, 12, 20]), ...trials(4, [2, 4, 6])];
  const [scaling] = speedups(summarise(anExperiment(records)), 'one worker');
  expect(scaling?.points.map(({ workers }) => workers)).toEqual([1, 2, 4]);
  expect(scaling?.points[1]?.trials.map(({ speedUp }) => speedUp)).toEqual([2, 20 / 12, 1.5]);
  expect(scaling?.points[1]?.efficiency).toMatchObject({ median: 20 / 24 });
  // 5 > 4: flagged and kept.
  expect(scaling?.points[2]).toMatchObject({ aboveIdeal: true, speedUp: { median: 5 } });
  expect(scaling?.amdahl).toMatchObject({ workerCounts: 3 });
});

test('a trial without a reference in its session has no speed-up, and says so', () => {
  const records = [aRecord({ session: 1, T: 10 }), aRecord({ session: 2, T: 4, point: { workers: 2 } })];
  const summaries = summarise(anExperiment(records));
  expect(speedups(summaries, 'one worker')[0]?.points[1]?.speedUp).toMatchObject({
    missing: 'no one worker reference in the same session',
  });
  expect(speedups(summaries, 'serial')[0]?.points[1]?.speedUp).toMatchObject({ missing: 'no serial reference' });
});

test('against serial n is the number of worker threads', () => {
  const records = [
    aRecord({ T: 12, point: { runner: 'serial', startMethod: 'none' } }),
    aRecord({ T: 3, point: { workers: 2, threadsPerWorker: 3 } }),
  ];
  expect(speedups(summarise(anExperiment(records)), 'serial')[0]?.points[0]).toMatchObject({
    speedUp: { median: 4 },
    efficiency: { median: 4 / 6 },
  });
});

test('task CPU is split by the serial reference, and deflation is shown as a negative part', () => {
  const serial = aRecord({ point: { runner: 'serial', startMethod: 'none' }, metrics: { cpu_seconds_per_mevent: 5 } });
  const summaries = summarise(anExperiment([serial]));
  const reference = referenceCpu(summaries, aRecord().point).overall;
  expect(reference).toBe(5);
  expect(splitBudget(aRecord(), reference)).toMatchObject({ deflation: false, parts: { useful: 5, inflation: 1 } });
  expect(splitBudget(aRecord(), 7)).toMatchObject({ deflation: true, parts: { useful: 7, inflation: -1 } });
});

test('where opening and handing over are metered, useful compute holds none of the serial ones', () => {
  const metrics = { cpu_seconds_per_mevent: 5 };
  const serial = aRecord({
    point: { runner: 'serial', startMethod: 'none' },
    metrics,
    budget: { taskCpu: 3, opening: 1.5, handover: 0.5 },
  });
  const reference = referenceCpu(summarise(anExperiment([serial])), aRecord().point).overall;
  expect(reference).toBe(3);
  const split = splitBudget(aRecord({ budget: { taskCpu: 4, opening: 1.5, handover: 0.5 } }), reference);
  expect(split.parts).toMatchObject({ useful: 3, inflation: 1, opening: 1.5, handover: 0.5 });
});

test('without a serial reference the split is missing with a reason and the task CPU stays', () => {
  const summaries = summarise(anExperiment([aRecord()]));
  const { parts } = splitBudget(aRecord(), referenceCpu(summaries, aRecord().point).overall);
  expect(parts.useful).toEqual({ missing: 'no warm serial reference of this backend, suite and parameters' });
  expect(parts.taskCpu).toBe(6);
});

test('the headline has what the largest good worker count costs, needs and is limited by', () => {
  const metrics = { rss_peak_bytes: 100e6, pss_peak_bytes: { missing: 'unreadable' } };
  const slow = { budget: { coreSeconds: 20, scheduling: 10.75 }, metrics };
  const records = [
    ...trials(1, [10, 10, 10], { metrics }),
    ...trials(2, [5.5, 5.5, 5.5], { metrics }),
    ...trials(4, [5, 5, 5], slow),
    ...trials(8, [1.2, 1.2, 1.2], { flags: oversubscribed }),
  ];
  expect(headline(anExperiment(records))).toMatchObject([
    {
      workers: 2,
      largestTested: 4,
      coreSecondsPerMevent: { median: 10, trials: 3, sessions: 3 },
      // 100 MB x 1.1 / 0.8 is 131.1 MiB: three steps of 64 MiB.
      memory: { from: 'samples', residentBytes: 100e6, bytes: 192 * 1024 * 1024 },
      limit: { workers: 4, title: 'scheduling', share: 10.75 / 20, trials: 3, sessions: 3 },
    },
  ]);
});

test('a headline without a reference makes no statement, and says why', () => {
  const [found] = headline(anExperiment(trials(4, [1, 2])));
  expect(found?.statement).toEqual({
    kind: 'none',
    why: 'neither one worker nor one thread without Dask was run',
  });
});

const times = fc.array(fc.tuple(fc.integer({ min: 1, max: 5 }), fc.double({ min: 0.1, max: 1e4, noNaN: true })), {
  minLength: 1,
  maxLength: 12,
});

test('property: a median lies between the smallest and the largest trial, and within its interval', () => {
  fc.assert(
    fc.property(times, (rows) => {
      const [summary] = summarise(anExperiment(rows.map(([session, T]) => aRecord({ session, T }))));
      const found = summary?.turnaround;
      if (!found || !isEstimate(found)) throw new Error('no estimate');
      expect(found.min).toBeLessThanOrEqual(found.median);
      expect(found.median).toBeLessThanOrEqual(found.max);
      expect(found.interval === null).toBe(found.sessions < 3);
      expect(found.interval?.lo ?? 0).toBeLessThanOrEqual(found.median);
      expect(found.interval?.hi ?? found.median).toBeGreaterThanOrEqual(found.median);
    }),
    { numRuns: 50 },
  );
});

test('property: the parts of a split budget add up to the core-seconds', () => {
  const part = fc.double({ min: 0, max: 1e5, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 9, maxLength: 9 }),
      fc.double({ min: 0, max: 1e3, noNaN: true }),
      fc.boolean(),
      (values, reference, split) => {
        const [
          taskCpu = 0,
          coreWait = 0,
          readWait = 0,
          otherWait = 0,
          compilation = 0,
          scheduling = 0,
          merging = 0,
          idleTail = 0,
          unexplained = 0,
        ] = values;
        const coreSeconds = values.reduce((sum, value) => sum + value, 0);
        const record = aRecord({
          budget: {
            coreSeconds,
            taskCpu,
            coreWait,
            readWait,
            otherWait,
            compilation,
            scheduling,
            merging,
            idleTail,
            unexplained,
          },
        });
        const [summary] = summarise(anExperiment([record]));
        if (!summary) throw new Error('no summary');
        const { parts } = meanBudget(summary, split ? reference : { missing: 'none' });
        const known = BUDGET_PARTS.map(({ name }) => parts[name]).filter(isKnown);
        expect(known.reduce((sum, value) => sum + value, 0)).toBeCloseTo(coreSeconds, 5);
      },
    ),
  );
});

test('property: an invalid, tainted or oversubscribed trial changes no summary, fit or statement, but an error is told', () => {
  const bad = fc.constantFrom<Overrides>(
    { state: 'invalid' },
    { state: 'failed' },
    { state: 'incomplete' },
    { taints: [{ code: 'worker-lost', message: '' }] },
    { flags: oversubscribed },
  );
  const good = [...trials(1, [10, 11, 12]), ...trials(2, [6, 6, 7]), ...trials(4, [4, 4, 5])];
  const before = summarise(anExperiment(good));
  const figures = (records: typeof good) => {
    const summaries = summarise(anExperiment(records)).filter(({ oversubscribed: over }) => !over);
    return {
      summaries: summaries.map(({ records: _all, ...figures }) => figures),
      amdahl: speedups(summaries, 'one worker').map(({ amdahl }) => amdahl),
      headlines: headline(anExperiment(records)).map(({ statement, evidence, coreSecondsPerMevent, limit }) => [
        statement,
        evidence,
        coreSecondsPerMevent,
        limit,
      ]),
    };
  };
  expect(before).toHaveLength(3);
  const expected = figures(good);
  fc.assert(
    fc.property(
      bad,
      fc.constantFrom(1, 2, 4),
      fc.integer({ min: 1, max: 4 }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      (overrides, workers, session, T) => {
        expect(figures([...good, aRecord({ ...overrides, T, session, point: { workers } })])).toEqual(expected);
      },
    ),
    { numRuns: 40 },
  );
});

test('the largest loss of a budget of unknowns is missing with the reason', () => {
  const [summary] = summarise(anExperiment([aRecord({ budget: { coreSeconds: { missing: 'no workers seen' } } })]));
  expect(summary && largestLoss(pointBudget(summary, [summary]))).toEqual({ missing: 'no workers seen' });
});
