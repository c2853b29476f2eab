import type { EventDraft } from '../core/model/event.ts';

export interface Target {
  /** Base address of the scheduler's HTTP pages; null where there is none. */
  readonly schedulerHttp: string | null;
  readonly intervalSeconds: number;
}

/** WHAT is watched while a trial runs. */
export interface Collector {
  readonly name: string;
  readonly summary: string;
  /** Starts watching; the result ends it and waits for the last sample. Rejects when there is nothing to watch. */
  readonly start: (target: Target, emit: (event: EventDraft) => void) => Promise<() => Promise<void>>;
}
