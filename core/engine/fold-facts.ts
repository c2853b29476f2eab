import type { EventOf } from '../model/event.ts';
import { largest, smallest } from '../model/extremes.ts';
import { derive, missing, type Quantity } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Interval } from './intervals.ts';
import type { Series } from './series.ts';

/** The events of one trial, sorted out. Times are epoch seconds on the scheduler's clock. */
export interface Facts {
  readonly planned: EventOf<'planned'>;
  readonly session: EventOf<'session'> | undefined;
  readonly workers: readonly EventOf<'worker'>[];
  /** By start. */
  readonly tasks: readonly EventOf<'task'>[];
  readonly processTasks: readonly EventOf<'task'>[];
  /** Samples of all collectors, by time. */
  readonly series: readonly Series[];
  /** Of these, those of the agents: one for each worker. */
  readonly agents: readonly Series[];
  readonly scheduler: readonly Series[];
  /** Samples of the machine that the trial was started on. */
  readonly host: readonly Series[];
  readonly answer: EventOf<'answer'> | undefined;
  /** Of the machine that the trial was started on. */
  readonly cores: number | undefined;
  readonly trigger: number | undefined;
  readonly result: number | undefined;
}

/** T: from trigger to merged result. */
export function turnaroundOf({ trigger, result }: Facts): Interval | undefined {
  return trigger === undefined || result === undefined ? undefined : { start: trigger, stop: result };
}

/** From the start of the first event-processing task to the end of the last. */
export function executionOf({ processTasks }: Facts): Interval | undefined {
  if (processTasks.length === 0) return undefined;
  return {
    start: smallest(processTasks.map((task) => task.start)),
    stop: largest(processTasks.map((task) => task.stop)),
  };
}

export function lengthOf(window: Interval | undefined, reason: string): Quantity {
  return window ? window.stop - window.start : missing(reason);
}

export function windowsOf(facts: Facts): TrialRecord['windows'] {
  const { session, result } = facts;
  const firstOfSession = session?.trialsBefore === 0;
  const asked =
    session && firstOfSession
      ? session.askedAt + (session.clockSetSeconds ?? 0)
      : missing('only the first trial of a session includes the start of the cluster');
  return {
    timeToResultSeconds: derive([asked, result ?? missing('no result')], (start = 0, stop = 0) => stop - start),
    turnaroundSeconds: lengthOf(turnaroundOf(facts), 'no result'),
    executionSeconds: lengthOf(executionOf(facts), 'no event-processing task was seen'),
  };
}

/** Distinct workers that were there at the trigger or joined later, and those that processed events. */
export function observedOf(facts: Facts): Pick<TrialRecord['observed'], 'workers' | 'workersUsed' | 'threads'> {
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

/** Whether everything ran on the machine that the trial was started on; journals of before had only runners of which that holds. */
export function isOnThisMachine(session: EventOf<'session'> | undefined): boolean {
  return session?.capabilities?.onThisMachine ?? true;
}

export function hostCoresOf({ session, cores }: Facts): Quantity {
  if (!isOnThisMachine(session)) return missing('the workers have hosts of their own');
  return cores ?? missing('the number of cores is not in the journal');
}

export function concurrencyOf(
  facts: Facts,
): Pick<TrialRecord['observed'], 'meanConcurrency' | 'concurrencyIntegralSeconds'> {
  const window = lengthOf(executionOf(facts), 'no event-processing task was seen');
  const integral = facts.processTasks.reduce((sum, { start, stop }) => sum + stop - start, 0);
  return {
    concurrencyIntegralSeconds: derive([window], () => integral),
    meanConcurrency: derive([window], (seconds = 0) => integral / seconds),
  };
}

/** When the workers of one name were there, and with how many threads; a replaced worker has two stretches. */
export interface Held {
  readonly name: string;
  readonly threads: number;
  readonly start: number;
  readonly stop: number;
}

/** Every stretch of presence within `window`. */
export function heldIn(facts: Facts, window: Interval): Held[] {
  const { point } = facts.planned;
  if (point.runner === 'serial') {
    return [{ name: facts.processTasks[0]?.worker ?? 'serial', threads: point.threadsPerWorker, ...window }];
  }
  const held: Held[] = [];
  const since = new Map<string, { name: string; threads: number; start: number }>();
  for (const { action, worker, name, threads, t } of facts.workers) {
    const known = since.get(worker);
    if (known) held.push({ ...known, stop: t });
    since.delete(worker);
    if (action !== 'left')
      since.set(worker, { name, threads: threads ?? 1, start: action === 'present' ? window.start : t });
  }
  for (const open of since.values()) held.push({ ...open, stop: window.stop });
  return held
    .map((one) => ({ ...one, start: Math.max(one.start, window.start), stop: Math.min(one.stop, window.stop) }))
    .filter(({ start, stop }) => stop > start);
}

/** Cores that the workers held during `window`, in core-seconds. */
export function coreSecondsOf(facts: Facts, window: Interval): number {
  return heldIn(facts, window).reduce((sum, { threads, start, stop }) => sum + threads * (stop - start), 0);
}
