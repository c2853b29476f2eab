import type { EventOf } from '../model/event.ts';
import { derive, missing, type Quantity } from '../model/quantity.ts';
import type { Record } from '../model/record.ts';

/** The events of one trial, sorted out. Times are epoch seconds on the scheduler's clock. */
export interface Facts {
  readonly planned: EventOf<'planned'>;
  readonly session: EventOf<'session'> | undefined;
  readonly workers: readonly EventOf<'worker'>[];
  /** By start. */
  readonly tasks: readonly EventOf<'task'>[];
  readonly processTasks: readonly EventOf<'task'>[];
  /** By time. */
  readonly samples: readonly EventOf<'sample'>[];
  readonly answer: EventOf<'answer'> | undefined;
  readonly trigger: number | undefined;
  readonly result: number | undefined;
}

export interface Window {
  readonly start: number;
  readonly stop: number;
}

/** T: from trigger to merged result. */
export function turnaroundOf({ trigger, result }: Facts): Window | undefined {
  return trigger === undefined || result === undefined ? undefined : { start: trigger, stop: result };
}

/** From the start of the first event-processing task to the end of the last. */
export function executionOf({ processTasks }: Facts): Window | undefined {
  if (processTasks.length === 0) return undefined;
  return {
    start: Math.min(...processTasks.map((task) => task.start)),
    stop: Math.max(...processTasks.map((task) => task.stop)),
  };
}

export function lengthOf(window: Window | undefined, reason: string): Quantity {
  return window ? window.stop - window.start : missing(reason);
}

export function windowsOf(facts: Facts): Record['windows'] {
  const { session, result } = facts;
  const firstOfSession = session?.trialsBefore === 0;
  const asked =
    session && firstOfSession
      ? session.askedAt
      : missing('only the first trial of a session includes the start of the cluster');
  return {
    timeToResultSeconds: derive([asked, result ?? missing('no result')], (start = 0, stop = 0) => stop - start),
    turnaroundSeconds: lengthOf(turnaroundOf(facts), 'no result'),
    executionSeconds: lengthOf(executionOf(facts), 'no event-processing task was seen'),
  };
}

/** Distinct workers that were there at the trigger or joined later, and those that processed events. */
export function observedOf(facts: Facts): Pick<Record['observed'], 'workers' | 'workersUsed' | 'threads'> {
  // By name: a worker that was replaced is still one worker.
  const present = new Map(
    facts.workers.filter(({ action }) => action !== 'left').map((worker) => [worker.name, worker]),
  );
  const used = new Set(facts.processTasks.map(({ worker }) => worker));
  if (facts.planned.point.runner === 'serial') {
    return { workers: 1, workersUsed: used.size, threads: facts.planned.point.threadsPerWorker };
  }
  return {
    workers: present.size,
    workersUsed: used.size,
    threads: [...present.values()].reduce((sum, { threads }) => sum + (threads ?? 1), 0),
  };
}

export function concurrencyOf(
  facts: Facts,
): Pick<Record['observed'], 'meanConcurrency' | 'concurrencyIntegralSeconds'> {
  const window = lengthOf(executionOf(facts), 'no event-processing task was seen');
  const integral = facts.processTasks.reduce((sum, { start, stop }) => sum + stop - start, 0);
  return {
    concurrencyIntegralSeconds: derive([window], () => integral),
    meanConcurrency: derive([window], (seconds = 0) => integral / seconds),
  };
}

/** Cores that the workers held, in core-seconds over `window`: threads of each worker for as long as it was there. */
export function coreSecondsOf(facts: Facts, window: Window): number {
  const clip = (t: number) => Math.min(Math.max(t, window.start), window.stop);
  if (facts.planned.point.runner === 'serial')
    return facts.planned.point.threadsPerWorker * (window.stop - window.start);
  const since = new Map<string, { start: number; threads: number }>();
  let sum = 0;
  for (const { action, worker, t, threads } of facts.workers) {
    if (action === 'left') {
      const held = since.get(worker);
      if (held) sum += held.threads * (clip(t) - held.start);
      since.delete(worker);
    } else {
      since.set(worker, { start: action === 'present' ? window.start : clip(t), threads: threads ?? 1 });
    }
  }
  for (const { start, threads } of since.values()) sum += threads * (window.stop - start);
  return sum;
}
