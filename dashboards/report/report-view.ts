import type { Experiment } from '../../core/model/record.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import { type Headline, headline } from '../../core/stats/headline.ts';
import { type Scaling, speedups } from '../../core/stats/speedups.ts';
import { type PointSummary, summarise } from '../../core/stats/summarise.ts';
import { budgetView, coldWarmView } from '../view/bars.ts';
import { type CoreSpeedRow, coreSpeedRows } from '../view/core-speed.ts';
import { type FloorRow, floorRows } from '../view/floor.ts';
import { histogramViews } from '../view/histograms.ts';
import { trialViews } from '../view/trials.ts';
import type { BarView, BudgetView, CurveView, HistogramView, TrialView, WatchedChart } from '../view/types.ts';
import { watchedCharts } from '../view/watched.ts';
import { CURVE_CHARTS } from './curve-charts.ts';

/** What the charts of the report are drawn from; travels to the browser as JSON. */
export interface ChartsView {
  /** By the names of {@link CURVE_CHARTS}. */
  readonly curves: { readonly [name: string]: CurveView | null };
  readonly coldWarm: BarView;
  readonly budget: BudgetView;
  readonly trials: readonly TrialView[];
  readonly watched: readonly WatchedChart[];
  readonly histograms: readonly HistogramView[];
}

/** Everything that the page says. */
export interface ReportView {
  readonly experiment: Experiment;
  readonly summaries: readonly PointSummary[];
  readonly headlines: readonly Headline[];
  readonly scalings: readonly Scaling[];
  /** Whether any figure has an interval, so that the page may speak of them. */
  readonly intervals: boolean;
  readonly coreSpeed: readonly CoreSpeedRow[];
  readonly floor: readonly FloorRow[];
  readonly charts: ChartsView;
}

/** Derives the whole report from an experiment. */
export function reportView(experiment: Experiment): ReportView {
  const summaries = summarise(experiment);
  return {
    experiment,
    summaries,
    headlines: headline(experiment, summaries),
    scalings: speedups(summaries, 'one worker').filter(({ points }) => points.length > 1),
    intervals: summaries.some(({ turnaround }) => isEstimate(turnaround) && turnaround.interval !== null),
    coreSpeed: coreSpeedRows(summaries),
    floor: floorRows(experiment, summaries),
    charts: {
      curves: Object.fromEntries(CURVE_CHARTS.map(({ name, view }) => [name, view(summaries)])),
      coldWarm: coldWarmView(summaries),
      budget: budgetView(summaries),
      trials: trialViews(summaries),
      watched: watchedCharts(experiment.records),
      histograms: histogramViews(experiment),
    },
  };
}
