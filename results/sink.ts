/** What every sink can say of itself; everything counts since it was opened. */
export interface SinkReport {
  readonly name: string;
  /** Bytes of the journals that are not settled yet. */
  readonly backlogBytes: number;
  /** Spent on journals, and on requests or pages. */
  readonly cpuSeconds: number;
  /** Why nothing goes out at present; null while it does. */
  readonly problem: string | null;
}

/** What a sink says that sends lines to a server. */
export interface SendingReport extends SinkReport {
  /** Lines that the destination has acknowledged. */
  readonly sent: number;
  /** Lines that the destination refused for good; they are kept beside their journal. */
  readonly setAside: number;
  /** Lines that are no event, or not in the catalogue: they are kept beside their journal and were never sent. */
  readonly unfit: number;
  /** Samples that the destination does not take any more because of their age. */
  readonly tooOld: number;
  /** Events that a source numbered and that never came into the journal. */
  readonly missingEvents: number;
  readonly failedRequests: number;
  /** Duration of the last request; 0 before the first. */
  readonly requestSeconds: number;
  /** Spent once, on loading the program of a sink that has a thread of its own. */
  readonly startCpuSeconds: number;
}

/**
 * WHERE the numbers go. A sink reads journals from the disk, never the trial itself, so that it can neither lose what is
 * written there nor slow down what writes it. It settles a journal's lines in their order.
 */
export interface Sink<R extends SinkReport = SinkReport> {
  readonly name: string;
  /** From now on reads the journal at `path`, which may not exist yet. */
  follow(path: string): void;
  /** The journal at `path` is whole and the record beside it final. */
  finished(path: string): void;
  /** Whether everything in the journal at `path` is settled, so that it could be deleted. */
  isSettled(path: string): boolean;
  report(): R;
  /** Goes on for at most `ms` with what is left, and ends. Never rejects: what was not sent is in the report. */
  close(ms: number): Promise<R>;
}
