import { isKnown } from '../../model/quantity.ts';
import type { TrialRecord } from '../../model/record.ts';
import { lostWorker, type Rule, taskError } from './rule.ts';

/**
 * What the two ways of measuring a task may differ by: a share of the core-seconds, and a part for each task. The most that was
 * seen is 0.3 % of the core-seconds of a short trial, and 11 ms for each task of 64 workers on two cores.
 */
const UNEXPLAINED_SHARE = 0.05;
const UNEXPLAINED_TASK_SECONDS = 0.02;

type Task = TrialRecord['tasks'][number];

/** The most tasks that ran at once; what overlaps by less than `error` did not. */
function mostAtOnce(tasks: readonly Task[], error: number): number {
  const changes = tasks
    .flatMap(({ start, stop }) => [
      { t: start, by: 1 },
      { t: Math.max(start, stop - error), by: -1 },
    ])
    .toSorted((a, b) => a.t - b.t || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** Workers, what ran on them, and what their time was spent on. */
export const WORK: readonly Rule[] = [
  {
    code: 'WORKERS_WRONG',
    sentence:
      'there are no more workers than were asked for, each is there once, in a process of its own, with the threads that were asked for',
    broken: ({ log, record: { point } }) => {
      const there = log.all('worker').filter(({ action }) => action !== 'left');
      const names = new Set(there.map(({ name }) => name));
      const present = log.all('worker').filter(({ action }) => action === 'present');
      const other = present.find(({ threads }) => threads !== point.threadsPerWorker);
      const twice = present.find(({ name, worker }, at) =>
        present.slice(0, at).some((before) => before.name === name || before.worker === worker),
      );
      const shared = present.find(
        ({ pid, host }, at) =>
          pid !== null &&
          (pid <= 0 || present.slice(0, at).some((before) => before.pid === pid && before.host === host)),
      );
      return [
        ...(names.size > point.workers ? [`${names.size} workers seen, ${point.workers} asked for`] : []),
        ...(other ? [`worker ${other.name} has ${other.threads} threads, ${point.threadsPerWorker} asked for`] : []),
        ...(twice ? [`worker ${twice.name} at ${twice.worker} is there twice`] : []),
        ...(shared && !twice ? [`worker ${shared.name} has no process of its own: ${shared.pid}`] : []),
      ];
    },
  },
  {
    code: 'WORKER_UNKNOWN',
    sentence: 'tasks run on workers that are there',
    broken: ({ log, record: { point, tasks } }) => {
      if (point.runner === 'serial') return [];
      const known = new Set(log.all('worker').map(({ name }) => name));
      const stranger = tasks.find(({ worker }) => !known.has(worker));
      return stranger ? [`task ${stranger.key} ran on ${stranger.worker}, a worker that never joined`] : [];
    },
  },
  {
    code: 'TASK_TWICE',
    sentence: 'no task counts twice, unless a worker was lost',
    broken: ({ log, record: { tasks } }) => {
      if (lostWorker(log)) return [];
      const seen = new Set<string>();
      for (const { key, status } of tasks) {
        if (status !== 'ok') continue;
        if (seen.has(key)) return [`task ${key} is there twice`];
        seen.add(key);
      }
      return [];
    },
  },
  {
    code: 'TASKS_AT_ONCE',
    sentence: 'no worker runs more tasks at once than it has threads',
    broken: ({ log, record: { point, tasks } }) => {
      if (lostWorker(log)) return [];
      // Of each of the two tasks that meet.
      const error = 2 * taskError(log);
      for (const [worker, own] of Map.groupBy(tasks, (task) => task.worker)) {
        const most = mostAtOnce(own, error);
        if (most > point.threadsPerWorker)
          return [`${most} tasks at once on ${worker}, threads: ${point.threadsPerWorker}`];
      }
      return [];
    },
  },
  {
    code: 'BUDGET_OPEN',
    sentence: `no more than ${UNEXPLAINED_SHARE * 100} % of the core-seconds, and ${UNEXPLAINED_TASK_SECONDS * 1000} ms for each task, are left unexplained`,
    broken: ({ record: { budget, taints, tasks } }) => {
      const { unexplained, coreSeconds } = budget;
      if (taints.length > 0 || !isKnown(unexplained) || !isKnown(coreSeconds)) return [];
      const most = UNEXPLAINED_SHARE * coreSeconds + UNEXPLAINED_TASK_SECONDS * tasks.length;
      return Math.abs(unexplained) > most
        ? [`${unexplained.toFixed(2)} of ${coreSeconds.toFixed(2)} core-seconds are unexplained`]
        : [];
    },
  },
];
