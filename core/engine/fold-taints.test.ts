import { expect, test } from 'vitest';
import type { Warmth } from '../model/event.ts';
import { aTrial, entry, recordOf, task } from './test/journal-of.ts';

function left(expected: boolean, lostTasks: number | null) {
  const facts = { pid: null, host: null, threads: null, expected, lostTasks };
  return entry('driver', 105, { type: 'worker', action: 'left', worker: 'w1', name: 'w1', ...facts });
}

test('a lost worker taints a trial that is still valid', () => {
  const record = recordOf(aTrial([left(false, 2)]));
  expect(record.state).toBe('valid');
  expect(record.taints).toEqual([{ code: 'WORKER_LEFT', message: 'worker w1 was lost during the trial with 2 tasks' }]);
});

test('a worker that left as expected taints, too, and unknown losses are called unknown', () => {
  expect(recordOf(aTrial([left(true, null)])).taints).toEqual([
    { code: 'WORKER_LEFT', message: 'worker w1 left during the trial with an unknown number of tasks' },
  ]);
});

test('fewer workers than the point has taint: its figures would be those of another point', () => {
  const alone = aTrial().filter(({ draft }) => draft.type !== 'worker' || draft.name === 'w0');
  expect(recordOf(alone).taints).toEqual([{ code: 'WORKERS_FEWER', message: '1 of 2 workers were there' }]);
});

test('tasks that were executed again taint', () => {
  expect(recordOf(aTrial([task('w0', 107, 108)])).taints).toEqual([
    { code: 'TASKS_REPEATED', message: '1 more event-processing tasks than planned were executed' },
  ]);
});

test('erred tasks taint and are counted', () => {
  const record = recordOf(aTrial([task('w0', 107, 108, { status: 'error' })]));
  expect(record.taints).toEqual([{ code: 'TASKS_ERRED', message: '1 tasks erred' }]);
  expect(record.counts).toMatchObject({ tasksPlanned: 3, tasksSeen: 4, tasksErred: 1 });
});

test('a serial loop is one task whatever the plan says, and does not taint', () => {
  const extra = [task('serial', 107, 108)];
  expect(recordOf(aTrial(extra, { point: { runner: 'serial' } })).taints).toEqual([]);
});

test('a warning of the driver taints', () => {
  const warning = entry('driver', 99, { type: 'warning', code: 'KEYS_LEFT', message: '3 tasks were left' });
  expect(recordOf(aTrial([warning])).taints).toEqual([{ code: 'KEYS_LEFT', message: '3 tasks were left' }]);
});

test.each<[Warmth['pageCache'], number | null, string | undefined]>([
  ['warm', 0.95, undefined],
  ['warm', 0.94, 'PAGE_CACHE_NOT_WARM'],
  ['warm', null, undefined],
  ['cold', 0.05, undefined],
  ['cold', 0.06, 'PAGE_CACHE_NOT_COLD'],
  ['cold', null, undefined],
  ['uncontrolled', 0.5, undefined],
])('a page cache that is to be %s, with %s of the data in it: %s', (pageCache, ratio, code) => {
  const measured = ratio === null ? [] : [{ pageCacheResidentRatio: ratio }];
  const more = measured.map((facts) => entry('driver', 99, { type: 'environment', facts }));
  const warmth = { process: 'reused', compiled: 'warm', pageCache, storage: 'local' } as const;
  expect(recordOf(aTrial(more, { warmth })).taints.map((taint) => taint.code)).toEqual(
    code === undefined ? [] : [code],
  );
});

test('a page cache that is not what the point says is named with its share and what to do', () => {
  const facts = { pageCacheResidentRatio: 0.123 };
  expect(recordOf(aTrial([entry('driver', 99, { type: 'environment', facts })])).taints).toEqual([
    {
      code: 'PAGE_CACHE_NOT_WARM',
      message:
        '12.3 % of the data were in the page cache before the trial, at least 95 % are needed: end other programs, use less data, or give --page-cache uncontrolled',
    },
  ]);
});

test('an oversubscribed trial is flagged, not tainted', () => {
  const record = recordOf(aTrial([], { oversubscribed: true }));
  expect(record.flags).toEqual([{ code: 'oversubscribed', message: '2 workers of 1 threads on fewer cores' }]);
  expect(record).toMatchObject({ state: 'valid', taints: [] });
});

test('a collector that failed is told and neither taints nor ends a trial; one that did not is not told', () => {
  const outcome = entry('engine', 99, { type: 'outcome', part: 'collector host', ok: false, message: 'no /proc' });
  const good = entry('engine', 99, { type: 'outcome', part: 'collector scheduler', ok: true, message: '' });
  expect(recordOf(aTrial([outcome, good]))).toMatchObject({
    state: 'valid',
    taints: [],
    flags: [{ code: 'part-failed', message: 'collector host: no /proc' }],
  });
});

test('the hint of a trial that had too little memory is what the report would advise for the largest resident set', () => {
  const paused = { code: 'WORKERS_PAUSED', message: '1 worker paused', hint: 'give a larger --memory-limit' };
  const reasonOf = (residentBytes?: number): string | undefined => {
    const fields = residentBytes === undefined ? {} : { residentBytes };
    return recordOf(aTrial([entry('driver', 99, { type: 'failed', ...paused, ...fields })])).reasons.find(
      ({ code }) => code === 'FAILED_WORKERS_PAUSED',
    )?.message;
  };
  // 100 MiB and 15 % are 80 % of 144 MiB, which are three steps of 64 MiB.
  expect(reasonOf(100 * 1024 * 1024)).toBe('1 worker paused (give --memory-limit 192MiB or more)');
  expect(reasonOf()).toBe('1 worker paused (give a larger --memory-limit)');
});

test('a worker that only the samples of the scheduler show as paused taints, within T', () => {
  const paused = (t: number, count: number) =>
    entry('scheduler', t, {
      type: 'sample',
      collector: 'scheduler',
      target: 'scheduler',
      values: { dask_scheduler_workers_paused: count },
    });
  const taint = { code: 'WORKERS_PAUSED', message: 'workers paused, as the scheduler counts them: 2' };
  expect(recordOf(aTrial([paused(104, 1), paused(106, 2)])).taints).toEqual([taint]);
  expect(recordOf(aTrial([paused(96, 1), paused(104, 0), paused(111, 1)])).taints).toEqual([]);
  const named = { code: 'WORKERS_PAUSED', message: '1 worker paused: memory at 206 of 256 MiB' };
  const warning = entry('driver', 110, { type: 'warning', ...named });
  expect(recordOf(aTrial([paused(106, 2), warning])).taints).toEqual([named]);
});
