import { expect, test } from 'vitest';
import { altered, aWholeTrial, changed, type Damage, judged, testDamages, withMore } from '../test/damages.ts';
import { closed, sample, task, worker } from '../test/journal-of.ts';
import { WORK } from './work.ts';

const DAMAGES: readonly Damage[] = [
  {
    name: 'a worker that nobody asked for',
    events: () => closed([...aWholeTrial().slice(0, 7), worker('present', 'w2', 98), ...aWholeTrial().slice(7)]),
    said: /WORKERS_WRONG: 3 workers seen, 2 asked for/,
  },
  {
    name: 'workers of many threads',
    events: () => altered('worker', () => ({ threads: 64 })),
    said: /WORKERS_WRONG: worker w0 has 64 threads, 1 asked for/,
  },
  {
    name: 'a worker of unknown threads',
    events: () => altered('worker', () => ({ threads: null })),
    said: /WORKERS_WRONG: worker w0 has null threads, 1 asked for/,
  },
  {
    name: 'a worker that is there twice',
    events: () => closed([...aWholeTrial().slice(0, 7), worker('present', 'w1', 98), ...aWholeTrial().slice(7)]),
    said: /WORKERS_WRONG: worker w1 at w1 is there twice/,
  },
  {
    name: 'two workers that are one process',
    events: () => altered('worker', () => ({ pid: 4711, host: 'h' })),
    said: /WORKERS_WRONG: worker w1 has no process of its own: 4711/,
  },
  {
    name: 'a worker without a process',
    events: () => altered('worker', () => ({ pid: -3 })),
    said: /WORKERS_WRONG: worker w0 has no process of its own: -3/,
  },
  {
    name: 'a merging task that is there twice',
    events: () =>
      withMore(task('w1', 108, 109, { kind: 'merge', key: 'm' }), task('w1', 109, 110, { kind: 'merge', key: 'm' })),
    said: /TASK_TWICE: task m is there twice/,
  },
  {
    name: 'a task of a worker that was never there',
    events: () => changed((draft) => (draft.type === 'worker' && draft.name === 'w1' ? undefined : {})),
    said: /WORKER_UNKNOWN: task k\d+ ran on w1/,
  },
  {
    name: 'a task that is there twice, and another that is not',
    events: () => altered('task', (draft) => ({ key: draft.worker })),
    said: /TASK_TWICE: task w0 is there twice/,
  },
  {
    name: 'more tasks at once than threads',
    events: () => altered('task', () => ({ start: 101, stop: 106, transfers: [] })),
    said: /TASKS_AT_ONCE: 2 tasks at once on w0, threads: 1/,
  },
  {
    name: 'tasks that all ran on one worker, though they overlap',
    events: () => altered('task', () => ({ worker: 'w0' })),
    said: /TASKS_AT_ONCE: 2 tasks at once on w0, threads: 1/,
  },
  {
    name: 'tasks whose meters leave most of the time open',
    events: () => altered('task', ({ meter }) => ({ meter: meter && { ...meter, wallSeconds: 0.1, cpuSeconds: 0.1 } })),
    said: /BUDGET_OPEN: \d+\.\d+ of 20\.00 core-seconds are unexplained/,
  },
];

testDamages(WORK, DAMAGES);

test('a task may begin while the one before seems to end, within the clock error', () => {
  const close = altered('task', ({ start, stop }) => ({ start, stop: stop === 105 ? 105.005 : stop }));
  expect(judged(close)).toMatchObject({ state: 'valid', reasons: [] });
});

test('tasks without meters may seem to overlap by what Dask is wrong about each of the two, and not by more', () => {
  const overlapping = (seconds: number) =>
    altered('task', ({ start, stop }) => ({ start, stop: stop === 105 ? 105 + seconds : stop, meter: null }));
  expect(judged(overlapping(1.9)).reasons.map(({ code }) => code)).not.toContain('TASKS_AT_ONCE');
  const twoAtOnce = altered('task', ({ start, worker }) => ({
    start: worker === 'w0' ? 101 : start,
    stop: 107,
    meter: null,
  }));
  expect(judged(twoAtOnce).reasons.map(({ code }) => code)).toContain('TASKS_AT_ONCE');
});

test('a counter may begin again where a worker was replaced, and a lost worker may have done a task before', () => {
  const trial = aWholeTrial().filter(({ draft }) => draft.type !== 'sample');
  const renewed = closed([
    ...trial.slice(0, -1),
    worker('left', 'w0', 103),
    worker('joined', 'w0', 104, 'w0 again'),
    task('w0', 102, 103, { key: 'k' }),
    task('w0', 108, 109, { key: 'k' }),
    sample('w0', 101, { cpu_seconds_total: 5 }),
    sample('w0', 105, { cpu_seconds_total: 1 }),
    ...trial.slice(-1),
  ]);
  expect(judged(renewed)).toMatchObject({ state: 'valid', reasons: [] });
});
