import type { Backend, Event } from '../core/model/event.ts';

/** What the driver installs in the workers to watch them. */
export interface Watch {
  readonly sampling: boolean;
  readonly hook: boolean;
  readonly intervalSeconds: number;
}

/** The interpreter of our Python environment and the variables that it needs. */
export interface PythonCommand {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The working directory. */
  readonly folder: string;
}

/** What a session is to be: fixed for all trials of a block. */
export interface SessionSpec {
  readonly suite: string;
  /** Data with which a fork server compiles the analysis before it forks; null where the suite reads none. */
  readonly warmWith: { readonly tree: string; readonly file: string } | null;
  readonly backend: Backend;
  readonly workers: number;
  readonly threadsPerWorker: number;
  readonly startMethod: 'spawn' | 'fork-server' | 'none';
  readonly memoryLimitBytes: number | null;
  readonly joinTimeoutMs: number;
  /** Port of the scheduler, 0 for any free one. */
  readonly schedulerPort: number;
  /** Whether the processes of a cluster that we make encrypt what they say, and let in nobody else. */
  readonly tls: boolean;
  readonly watch: Watch;
  readonly python: PythonCommand;
  /** Where the logs of the session's processes go. */
  readonly logFolder: string;
}

/** One computation for the driver; names follow the Python side. */
export interface Workload {
  readonly trial: string;
  readonly suite: string;
  readonly backend: Backend;
  readonly parameters: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly tree: string;
  /** Columns of the tree that the suite says are read; its Python analysis must say the same. */
  readonly columns: readonly string[];
  readonly events: number;
  readonly tasks: number;
  /** What each event-processing task of a loop reads: [index of the file, first event, event after the last]. */
  readonly parts: readonly (readonly [number, number, number])[];
  readonly threads: number;
  /** Not 0: one cut is edited, in a way that changes its code and not its meaning; each number is another edit. */
  readonly edit: number;
  readonly page_cache: 'cold' | 'warm' | 'uncontrolled';
  /** Whether the session's instruments are on; false takes them out of the workers first. */
  readonly watch: boolean;
}

/** Seconds of `performance.now`, which nobody can set. */
export interface SessionTimes {
  readonly askedAt: number;
  readonly schedulerAt: number;
  readonly readyAt: number;
}

/** A cluster that is up, with a driver connected to it. */
export interface Session {
  readonly times: SessionTimes;
  /** Base address of the scheduler's HTTP pages; null where there is none. */
  readonly schedulerHttp: string | null;
  /** Runs one workload and hands on the events of the driver as they come; rejects when the driver is lost. */
  readonly run: (
    workload: Workload,
    onEvents: (events: readonly Event[]) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Ends every process of the session. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/** WHERE a suite runs. */
export interface Runner {
  readonly name: string;
  readonly summary: string;
  /** Rejects with a BenchError when the session cannot be had; nothing is left running then. */
  readonly open: (spec: SessionSpec, signal: AbortSignal) => Promise<Session>;
}
