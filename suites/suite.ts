import type { Backend, Histogram } from '../core/model/event.ts';
import type { Reason } from '../core/model/record.ts';

/** Parameter of a suite; its value is part of the series. */
export interface Parameter {
  readonly name: string;
  readonly summary: string;
  readonly default: string;
  /** Canonical form of a user's value; undefined when it is not one. */
  readonly parse: (text: string) => string | undefined;
  /** For messages: what values there are. */
  readonly values: string;
}

export type Parameters = Readonly<Record<string, string>>;

/** Histograms that a right answer consists of, and where rounding may move an entry. */
export interface Truth {
  readonly contentHash: string;
  readonly events: number;
  readonly histograms: readonly Histogram[];
  /** Events within 4 ulp of a cut or an edge, with the bins that they may enter or leave. */
  readonly ambiguous: readonly {
    readonly event: number;
    readonly histogram: string;
    readonly bins: readonly number[];
    readonly why: string;
  }[];
}

export interface GivenAnswer {
  readonly events: number;
  readonly histograms: readonly Histogram[];
}

/** WHAT is run, and what makes its answer right. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  readonly backends: readonly Backend[];
  readonly parameters: readonly Parameter[];
  /** Reads a data set; otherwise its work is set by its parameters alone. */
  readonly readsData: boolean;
  /** Columns of the tree that it reads, counters included; `bytes` are the compressed bytes of all columns of the data set. */
  columns(parameters: Parameters, bytes: Readonly<Record<string, number>>): readonly string[];
  /**
   * For each event loop the columns that are read whatever the event holds: a floor for the bytes that a trial must read. Here and in
   * `check`, `columns` are those that `columns()` gave for the data of the trial.
   */
  alwaysRead(backend: Backend, parameters: Parameters, columns: readonly string[]): readonly (readonly string[])[];
  /** Event loops of one trial: each reads every event once. */
  loops(parameters: Parameters): number;
  /** Why the answer is wrong; empty when it is right. Names histogram and bin. */
  check(
    answer: GivenAnswer,
    truth: Truth | undefined,
    parameters: Parameters,
    columns: readonly string[],
  ): readonly Reason[];
  cost(backend: Backend, parameters: Parameters): Cost;
}

/** Rough cost on one core of today's machines, for estimates before a run only. */
export interface Cost {
  readonly secondsPerEvent: number;
  /** What each task costs however few its events are, such as opening its file. */
  readonly secondsPerTask: number;
  /** What a fresh process adds to its first trial. */
  readonly coldSeconds: number;
  /** Proportional set size of a worker that shares its libraries with about ten others. */
  readonly pssBytes: number;
}
