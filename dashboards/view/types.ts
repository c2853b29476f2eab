// What charts and tables are drawn from: plain data that survives JSON, so that the browser needs no model and no statistics.
import type { Unit } from '../format.ts';

/** One trial in a chart. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly note: string;
  /** Oversubscribed: drawn hollow. */
  readonly hollow: boolean;
}

/** A median with its 95 % interval, where it has one. */
export interface Middle extends Dot {
  readonly lo?: number;
  readonly hi?: number;
}

export interface Curve {
  readonly label: string;
  readonly backend: string;
  /** Counts the curves of one backend in one chart from 0: gives each its own marker and dash. */
  readonly variant: number;
  readonly dots: readonly Dot[];
  readonly middles: readonly Middle[];
}

/** One row of the table behind a chart; the texts are ready to be shown. */
export interface CurveRow {
  readonly curve: string;
  readonly at: string;
  readonly median: string;
  /** Why there is no median. */
  readonly absent: string | null;
  readonly interval: string;
  readonly extent: string;
  readonly n: string;
  readonly flags: string;
}

export interface AxisTick {
  readonly value: number;
  readonly label: string;
}

/** A chart of medians and trials over a logarithmic axis of worker counts or sizes. */
export interface CurveView {
  readonly xTitle: string;
  readonly ticks: readonly AxisTick[];
  readonly yTitle: string;
  readonly unit: Unit;
  /** What could be had at best: as many times as there are workers, or all of it. */
  readonly ideal?: 'workers' | 'all';
  readonly curves: readonly Curve[];
  readonly rows: readonly CurveRow[];
  /** x values at which a curve is oversubscribed. */
  readonly oversubscribed: readonly number[];
}

/** One group of bars; `values` and `notes` are parallel to the series of the view. */
export interface BarRow {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly notes: readonly string[];
  readonly n: string;
}

export interface BarView {
  readonly series: readonly { readonly name: string; readonly title: string }[];
  readonly rows: readonly BarRow[];
}

/** The loss budget: core-seconds of each part, mean over the eligible trials of a point. */
export interface BudgetView extends BarView {
  /** Core-seconds of each row, to divide by. */
  readonly totals: readonly (number | null)[];
  /** What has to be said beside the bars, e.g. that a part is negative. */
  readonly remarks: readonly string[];
}

export interface TimeRow {
  /** Seconds after the trigger: the middle of the bin. */
  readonly t: number;
  readonly total: number | null;
  readonly workers: readonly (number | null)[];
}

export type TaskKind = 'process' | 'merge' | 'other';
/** Index of the worker, kind, start and stop in seconds after the trigger. */
type TaskSpan = readonly [worker: number, kind: TaskKind, start: number, stop: number];

/** A chart of what collectors saw of the surroundings of trials. */
export interface WatchedChart {
  readonly name: string;
  readonly title: string;
  readonly words: string;
  /** Title of the axis. */
  readonly axis: string;
  readonly unit: Unit;
}

/** What such a chart shows of one trial. */
export interface WatchedView {
  /** One for each target. */
  readonly groups: readonly {
    /** Seconds after the trigger. */
    readonly t: readonly number[];
    /** As many values as times; null where it could not be read. */
    readonly curves: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  }[];
  /** Of how many samples, in words. */
  readonly n: string;
  /** Why there is nothing to draw. */
  readonly absent: string | null;
}

/** The inside of the trial that stands for its point. */
export interface TrialView {
  readonly trial: string;
  readonly label: string;
  /** Has the most workers without oversubscription: shown first. */
  readonly widest: boolean;
  readonly workers: readonly string[];
  readonly tasks: readonly TaskSpan[];
  readonly cores: readonly TimeRow[];
  readonly readRate: readonly TimeRow[];
  readonly coresAbsent: string | null;
  readonly readRateAbsent: string | null;
  /** By the name of the chart; without those of which there are no samples. */
  readonly watched: { readonly [chart: string]: WatchedView };
}

export interface HistogramView {
  readonly name: string;
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly lo: number;
  readonly hi: number;
  readonly curves: readonly { readonly label: string; readonly backend: string; readonly values: readonly number[] }[];
  readonly note: string;
}
