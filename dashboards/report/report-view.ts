import type { Experiment } from '../../core/model/record.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import { type Headline, headline } from '../../core/stats/headline.ts';
import { type Scaling, speedups } from '../../core/stats/speedups.ts';
import { type PointSummary, summarise } from '../../core/stats/summarise.ts';
import { budgetView, coldWarmView } from '../view/bars.ts';
import { type CoreSpeedRow, coreSpeedRows } from '../view/core-speed.ts';
import { histogramViews } from '../view/histograms.ts';
import { memoryOverWorkers, metricOverWorkers, ratioOverWorkers } from '../view/scaling.ts';
import { rateOverDataSize, rateOverFileSize } from '../view/sizes.ts';
import { trialViews } from '../view/trials.ts';
import type { BarView, BudgetView, CurveView, HistogramView, TrialView, WatchedChart } from '../view/types.ts';
import { watchedCharts } from '../view/watched.ts';

/** What the charts of the report are drawn from; travels to the browser as JSON. */
export interface ChartsView {
  readonly rate: CurveView;
  readonly speedUp: CurveView;
  readonly speedUpSerial: CurveView;
  readonly efficiency: CurveView;
  readonly dataSize: CurveView | null;
  readonly fileSize: CurveView | null;
  readonly cpu: CurveView;
  readonly memory: CurveView;
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
    charts: {
      rate: metricOverWorkers(summaries, 'event_rate', 'event rate (events / T, per second)', 'events/s'),
      speedUp: ratioOverWorkers(summaries, 'speedUp', 'one worker'),
      speedUpSerial: ratioOverWorkers(summaries, 'speedUp', 'serial'),
      efficiency: ratioOverWorkers(summaries, 'efficiency', 'one worker'),
      dataSize: rateOverDataSize(summaries),
      fileSize: rateOverFileSize(summaries),
      cpu: metricOverWorkers(summaries, 'cpu_seconds_per_mevent', 'CPU-seconds per Mevent (in tasks, T)', 's/Mevent'),
      memory: memoryOverWorkers(summaries),
      coldWarm: coldWarmView(summaries),
      budget: budgetView(summaries),
      trials: trialViews(summaries),
      watched: watchedCharts(experiment.records),
      histograms: histogramViews(experiment),
    },
  };
}
