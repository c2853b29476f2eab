import { largest } from '../../core/model/extremes.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { formatSi } from '../format.ts';
import { pointLabels } from './labels.ts';
import type { TimeRow, TrialView } from './types.ts';
import { watchedViews } from './watched.ts';

const MAX_BINS = 300;
type Sampled = TrialRecord['series'][number];

/** The trial that stands for its point: the eligible one with T nearest to the median, rather one with samples. */
function chosenTrial(summary: PointSummary): TrialRecord | undefined {
  const { turnaround } = summary;
  const distance = ({ windows }: TrialRecord): number =>
    isEstimate(turnaround) && isKnown(windows.turnaroundSeconds)
      ? Math.abs(windows.turnaroundSeconds - turnaround.median)
      : Number.POSITIVE_INFINITY;
  const candidates = summary.eligible.length > 0 ? summary.eligible : summary.records;
  const sampled = candidates.filter(({ series }) => series.length > 0);
  return (sampled.length > 0 ? sampled : candidates).toSorted((a, b) => distance(a) - distance(b))[0];
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean of each worker's samples in bins of at least a second; the total is null where a worker with later samples has none. */
function overTime(
  series: readonly Sampled[],
  workers: readonly string[],
  pick: (sample: Sampled) => Quantity,
): TimeRow[] {
  const last = Math.max(0, largest(series.map(({ t }) => t)));
  const width = Math.max(1, last / MAX_BINS);
  const bins = Array.from({ length: Math.floor(last / width) + 1 }, () => workers.map((): number[] => []));
  for (const sample of series) {
    const value = pick(sample);
    if (isKnown(value) && sample.t >= 0)
      bins[Math.floor(sample.t / width)]?.[workers.indexOf(sample.target)]?.push(value);
  }
  return bins.flatMap((bin, i) => {
    const values = bin.map(meanOf);
    if (values.every((value) => value === null)) return [];
    const complete = values.every((value) => value !== null);
    return [
      {
        t: (i + 0.5) * width,
        total: complete ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0) : null,
        workers: values,
      },
    ];
  });
}

function absence(series: readonly Sampled[], pick: (sample: Sampled) => Quantity): string | null {
  if (series.length === 0) return 'no samples in this trial';
  const values = series.map(pick);
  const unknown = values.find((value) => !isKnown(value));
  return values.some(isKnown) || unknown === undefined || isKnown(unknown) ? null : unknown.missing;
}

function trialView(record: TrialRecord, pointLabel: string, widest: boolean): TrialView {
  const named = [...record.tasks.map(({ worker }) => worker), ...record.series.map(({ target }) => target)];
  const workers = [...new Set(named)].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const cores = ({ cpuCores }: Sampled): Quantity => cpuCores;
  const read = ({ readBytesPerSecond }: Sampled): Quantity => readBytesPerSecond;
  const T = record.windows.turnaroundSeconds;
  const state = record.state === 'valid' ? '' : `, ${record.state}`;
  return {
    trial: record.trial,
    label: `${pointLabel} (session ${record.session}, repeat ${record.repeat}, T ${isKnown(T) ? formatSi(T, 's') : '—'}${state})`,
    widest,
    workers,
    tasks: record.tasks.map(({ worker, kind, start, stop }) => [workers.indexOf(worker), kind, start, stop]),
    cores: overTime(record.series, workers, cores),
    readRate: overTime(record.series, workers, read),
    coresAbsent: absence(record.series, cores),
    readRateAbsent: absence(record.series, read),
    watched: watchedViews(record),
  };
}

/** The inside of one trial of each point. */
export function trialViews(summaries: readonly PointSummary[]): readonly TrialView[] {
  const labels = pointLabels(summaries);
  const fair = summaries.filter(({ oversubscribed, trials }) => !oversubscribed && trials > 0);
  const most = Math.max(...fair.map(({ point }) => point.workers));
  return summaries.flatMap((summary, i) => {
    const record = chosenTrial(summary);
    return record ? [trialView(record, labels[i] ?? '', fair.includes(summary) && summary.point.workers === most)] : [];
  });
}
