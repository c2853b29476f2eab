import type { Backend, SessionAxes } from '../core/model/axes.ts';
import type { EventOf, Event } from '../core/model/event.ts';
import type { Presence } from '../core/model/target.ts';

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

/** A data set as it lies in the store of this machine. */
export interface StoredData {
  readonly id: string;
  /** Its folder. */
  readonly path: string;
  readonly tree: string;
  readonly files: readonly { readonly name: string }[];
}

/** What a session is to be: fixed for all trials of a block, and the same whoever runs it. */
export interface SessionSpec extends Readonly<SessionAxes> {
  readonly suite: string;
  readonly memoryLimitBytes: number | null;
  readonly joinTimeoutMs: number;
  readonly watch: Watch;
  /** The data sets of its trials, in their order; none where the suite reads none. */
  readonly data: readonly StoredData[];
}

/** What this machine offers to a session. */
export interface Here {
  readonly python: PythonCommand;
  /** Where the logs of the session's processes go; one folder for each block. */
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

/** What holds of a session, as it was found when it came up; it stands in the journal of each of its trials. */
export type Capabilities = NonNullable<EventOf<'session'>['capabilities']>;

/** A cluster that is up, with a driver connected to it. */
export interface Session {
  readonly times: SessionTimes;
  readonly capabilities: Capabilities;
  /**
   * Its processes: those that are there, then who comes and goes until the session is closed. Each call begins anew; `return` of its iterator
   * ends one at once. Rejects where it is not known any more who is there.
   */
  readonly targets: () => AsyncIterable<Presence>;
  /** Paths or addresses by which the workers read the files of a data set, in their order. */
  readonly pathsOf: (data: StoredData) => readonly string[];
  /** Runs one workload and hands on the events of the driver as they come; rejects when the driver is lost. */
  readonly run: (
    workload: Workload,
    onEvents: (events: readonly Event[]) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Ends every process of the session. Safe to call twice. */
  readonly close: () => Promise<void>;
}

/** WHERE a suite runs, with its own options resolved. */
export interface Runner {
  readonly name: string;
  /** Whether all of its processes are on this machine, so that its cores, memory, limits and clock are theirs. */
  readonly onThisMachine: boolean;
  /** What of its options belongs to the environment that every record names. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** What a user should know before it runs, each in one line. */
  readonly notes: readonly string[];
  /** Rejects with a BenchError when the session cannot be had, or `signal` is aborted; nothing is left running then. */
  readonly open: (spec: SessionSpec, here: Here, signal: AbortSignal) => Promise<Session>;
}

/** An option that only one runner has. It stands in the one table of options with all others. */
export interface RunnerOption {
  readonly flag: string;
  readonly summary: string;
  readonly default?: string;
  /** Whether it changes nothing of what is measured, so that `--resume` may be given another value. */
  readonly resumable?: boolean;
}

/** Values of options by the names that commander gives them: `schedulerPort` of `--scheduler-port`. */
export type GivenOptions = Readonly<Record<string, string | boolean | string[] | undefined>>;

/** Makes a runner of its own options; throws a BenchError that names the flag and what is valid. */
export type MakeRunner = (given: GivenOptions) => Runner;

/** An entry of the list of runners. */
export interface RunnerMember {
  readonly name: string;
  readonly summary: string;
  /** Read by help, so that they are declared in a file that imports nothing heavy. */
  readonly options: readonly RunnerOption[];
  readonly load: () => Promise<MakeRunner>;
}
