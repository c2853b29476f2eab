import { expect, test } from 'vitest';
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

test('an oversubscribed trial is flagged, not tainted', () => {
  const record = recordOf(aTrial([], { oversubscribed: true }));
  expect(record.flags).toEqual([{ code: 'oversubscribed', message: '2 workers of 1 threads on fewer cores' }]);
  expect(record).toMatchObject({ state: 'valid', taints: [] });
});

test('a collector that failed neither taints nor ends a trial', () => {
  const outcome = entry('engine', 99, { type: 'outcome', part: 'collector host', ok: false, message: 'no /proc' });
  expect(recordOf(aTrial([outcome]))).toMatchObject({ state: 'valid', taints: [] });
});
