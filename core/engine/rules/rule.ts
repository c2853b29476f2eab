import type { EventOf } from '../../model/event.ts';
import type { TrialRecord } from '../../model/record.ts';
import type { EventLog } from '../event-log.ts';
import type { Place } from '../place.ts';

/** No memory of a host delivers more to one thread or process: bytes per second. */
export const MOST_BYTES_PER_SECOND = 50e9;

/** Something that holds of any measurement: one rule for each kind of impossible. */
export interface Rule {
  readonly code: string;
  /** What must hold, for the list in docs/trust.md. */
  readonly sentence: string;
  /** What is wrong, with the values seen; empty where the rule holds or has nothing to look at. */
  readonly broken: (looked: Looked) => readonly string[];
}

/** A whole journal, what it folds to, and the folder that it lies in. */
export interface Looked {
  readonly log: EventLog;
  readonly record: TrialRecord;
  readonly place: Place;
}

/** Clocks of one host agree to this: an epoch that is counted on from its start against one that is read each time. */
const CLOCK_SECONDS = 0.005;

/** How far times of several processes may disagree: what the journal states, and what clocks of one host differ by. */
export function clockError(log: EventLog): number {
  const clocks = log.all('clock');
  const own = clocks.filter(({ worker }) => worker === undefined);
  const ofWorkers = clocks.filter(({ worker }) => worker !== undefined);
  return (
    CLOCK_SECONDS +
    own.reduce((sum, { errorSeconds }) => sum + errorSeconds, 0) +
    ofWorkers.reduce((most, { errorSeconds }) => Math.max(most, errorSeconds), 0)
  );
}

/**
 * Dask corrects the clock of a worker by how long its messages take, which is off by up to a second while the worker is busy. The agent
 * takes that back with the meter of a task; of a task without one the time is as uncertain.
 */
const UNMETERED_SECONDS = 1;

/** How far the times of tasks may disagree with the marks of the trial and with one another. */
export function taskError(log: EventLog): number {
  const unmetered = log.all('task').some(({ meter }) => meter === null);
  return clockError(log) + (unmetered ? UNMETERED_SECONDS : 0);
}

export function marks(log: EventLog, name: EventOf<'mark'>['name']): EventOf<'mark'>[] {
  return log.all('mark').filter((mark) => mark.name === name);
}

/** A lost worker may leave its tasks to others, and begin its counters anew. */
export function lostWorker(log: EventLog): boolean {
  return log.all('worker').some(({ action }) => action === 'left');
}

/** Workers whose counters begin anew, as another process took their name. */
export function renewedWorkers(log: EventLog): ReadonlySet<string> {
  return new Set(log.all('worker').flatMap(({ action, name }) => (action === 'present' ? [] : [name])));
}

export function seconds(value: number): string {
  return `${value.toFixed(3)} s`;
}
