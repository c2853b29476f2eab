import type { Point } from '../model/event.ts';
import { METRICS, type MetricName, scaleOf } from '../model/metrics.ts';
import { missing, type Quantity } from '../model/quantity.ts';
import type { Experiment, TrialRecord } from '../model/record.ts';
import { type CoreSpeed, coreSpeed } from './core-speed.ts';
import { isEligible, isOversubscribed, isSound, pointKey, warmthText } from './eligible.ts';
import { type Estimated, estimate } from './estimate.ts';
import type { Scale } from './student.ts';

/** Figures of the cold trials of a point, in seconds: repeat 0 in fresh processes, the first trial of its block. */
interface ColdSummary {
  readonly records: readonly TrialRecord[];
  readonly timeToResult: Estimated;
  readonly turnaround: Estimated;
  /** T in warm processes after one cut was edited. */
  readonly edited: Estimated;
}

/** What the trials of one point say together. */
export interface PointSummary {
  readonly key: string;
  readonly point: Point;
  readonly warmth: string;
  readonly oversubscribed: boolean;
  /** Every trial of the point, whatever its state. */
  readonly records: readonly TrialRecord[];
  /** Warm, valid and untainted: what all figures but the cold ones are made of. */
  readonly eligible: readonly TrialRecord[];
  readonly trials: number;
  readonly sessions: number;
  /** T and the execution window, in seconds. */
  readonly turnaround: Estimated;
  readonly execution: Estimated;
  /** By the names of `core/model/metrics.ts`, in their units. */
  readonly metrics: ReadonlyMap<MetricName, Estimated>;
  readonly cold: ColdSummary;
  readonly coreSpeed: CoreSpeed;
}

/** A metric of a record; missing with a reason when the record does not carry it. */
export function metricOf(record: TrialRecord, name: MetricName): Quantity {
  return record.metrics[name] ?? missing('not measured');
}

/** The median of a metric over the eligible trials of a point. */
export function metricEstimate(summary: PointSummary, name: MetricName): Estimated {
  return summary.metrics.get(name) ?? { missing: 'not measured', trials: 0, sessions: 0 };
}

interface Group {
  readonly key: string;
  readonly id: string;
  readonly records: TrialRecord[];
}

function groups(records: readonly TrialRecord[]): Group[] {
  const found: Group[] = [];
  const groupOf = (record: TrialRecord, id: string): Group => {
    const key = JSON.stringify([id, warmthText(record.warmth)]);
    const known = found.find((group) => group.key === key);
    if (known) return known;
    const added = { key, id, records: [] };
    found.push(added);
    return added;
  };
  const idOf = (record: TrialRecord): string => JSON.stringify([pointKey(record.point), isOversubscribed(record)]);
  for (const record of records) if (record.repeat > 0) groupOf(record, idOf(record)).records.push(record);
  // A cold trial has another warmth than the warm ones of its block, to which it belongs.
  for (const record of records) {
    if (record.repeat > 0) continue;
    const same = found.filter(({ id }) => id === idOf(record));
    const group = same.find((one) => one.records.some(({ block }) => block === record.block)) ?? same[0];
    (group ?? groupOf(record, idOf(record))).records.push(record);
  }
  return found;
}

function summariseGroup({ key, records }: Group): PointSummary[] {
  const first = records[0];
  if (!first) return [];
  const eligible = records.filter(isEligible);
  const cold = records.filter((record) => record.repeat === 0 && record.warmth.process === 'fresh' && isSound(record));
  const edited = records.filter((record) => record.warmth.compiled === 'edited' && isSound(record));
  const over = (of: readonly TrialRecord[], pick: (record: TrialRecord) => Quantity, scale: Scale = 'log'): Estimated =>
    estimate(
      of.map((record) => ({ session: record.session, value: pick(record) })),
      scale,
    );
  const metrics = METRICS.map(
    (metric) => [metric.name, over(eligible, (record) => metricOf(record, metric.name), scaleOf(metric))] as const,
  );
  return [
    {
      key,
      point: first.point,
      warmth: warmthText(first.warmth),
      oversubscribed: isOversubscribed(first),
      records,
      eligible,
      trials: eligible.length,
      sessions: new Set(eligible.map(({ session }) => session)).size,
      turnaround: over(eligible, ({ windows }) => windows.turnaroundSeconds),
      execution: over(eligible, ({ windows }) => windows.executionSeconds),
      metrics: new Map(metrics),
      cold: {
        records: cold,
        timeToResult: over(cold, ({ windows }) => windows.timeToResultSeconds),
        edited: over(edited, ({ windows }) => windows.turnaroundSeconds),
        turnaround: over(cold, ({ windows }) => windows.turnaroundSeconds),
      },
      coreSpeed: coreSpeed(records, eligible),
    },
  ];
}

function byPoint({ point: a, warmth: wa }: PointSummary, { point: b, warmth: wb }: PointSummary): number {
  const texts = (point: Point, warmth: string): string[] => [
    point.suite,
    point.backend,
    JSON.stringify(point.parameters),
    point.runner === 'serial' ? '' : point.runner,
    warmth,
  ];
  const [left, right] = [texts(a, wa), texts(b, wb)];
  for (const [i, text] of left.entries()) if (text !== right[i]) return text < (right[i] ?? '') ? -1 : 1;
  return (
    a.fileBytes - b.fileBytes || a.files - b.files || a.threadsPerWorker - b.threadsPerWorker || a.workers - b.workers
  );
}

/** One summary for each point and warmth; oversubscribed trials never share a summary with others. Sorted for reading. */
export function summarise(experiment: Experiment): readonly PointSummary[] {
  const summaries = groups(experiment.records).flatMap(summariseGroup);
  return summaries.toSorted(byPoint);
}
