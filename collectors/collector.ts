import type { EventDraft } from '../core/model/event.ts';
import type { Tell } from './poll.ts';

export interface Target {
  /** Base address of the scheduler's HTTP pages; null where there is none. */
  readonly schedulerHttp: string | null;
  readonly intervalSeconds: number;
}

/** WHAT is watched while a trial runs. */
export interface Collector {
  readonly name: string;
  readonly summary: string;
  /**
   * Starts watching; the result ends it and waits for the last sample. Rejects when there is nothing to watch. A reading that fails is
   * told to `tell` when it happens, ends nothing, and makes the end reject with how many failed.
   */
  readonly start: (target: Target, emit: (event: EventDraft) => void, tell?: Tell) => Promise<() => Promise<void>>;
}
