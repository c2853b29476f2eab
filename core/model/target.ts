/** One of the processes that a session is made of. */
export interface Target {
  /** Unique among those that are there at the same time; a worker that replaces another one may take its name. */
  readonly name: string;
  /** `worker` computes; in a session without Dask that is the one process that there is. */
  readonly role: 'scheduler' | 'worker' | 'driver';
  /** In the process namespace of its own container; null where it is not known. */
  readonly pid: number | null;
  /** As the scheduler addresses it. */
  readonly host: string | null;
  /** Its pod, where it is in one. */
  readonly pod: string | null;
  /** Cores that it may compute on, as it sees them: those it may run on, or fewer by the quota of its control groups. */
  readonly cores: number | null;
  /** Memory limit that Dask keeps it to; null without one. */
  readonly memoryLimitBytes: number | null;
  /** Base address of its HTTP pages; null where it has none that can be reached from here. */
  readonly http: string | null;
}

/** A target that is there from now on, or is gone. */
export interface Presence {
  readonly action: 'joined' | 'left';
  readonly target: Target;
}
