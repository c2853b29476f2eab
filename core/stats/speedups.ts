import type { Point } from '../model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { type Amdahl, fitAmdahl } from './amdahl.ts';
import { curveKey, workKey } from './eligible.ts';
import { type Estimated, estimate, isEstimate, sessionMedians } from './estimate.ts';
import { median } from './quantile.ts';
import type { PointSummary } from './summarise.ts';

/** What T is compared with: the same work without Dask, or on one worker. */
export type Reference = 'serial' | 'one worker';

interface SpeedUpTrial {
  readonly record: TrialRecord;
  readonly speedUp: Quantity;
  readonly efficiency: Quantity;
}

export interface SpeedUpPoint {
  readonly summary: PointSummary;
  readonly workers: number;
  /** S = T of the reference / T, both of the same session. */
  readonly speedUp: Estimated;
  /** S / n: n is the workers against one worker, and the worker threads against serial. */
  readonly efficiency: Estimated;
  readonly trials: readonly SpeedUpTrial[];
  /** S lies above n (caches, noise): flagged and kept, because dropping it would bias every fit. */
  readonly aboveIdeal: boolean;
  readonly oversubscribed: boolean;
}

/** One curve of speed-ups over worker counts, in ascending order. */
export interface Scaling {
  readonly key: string;
  readonly point: Point;
  readonly warmth: string;
  readonly reference: Reference;
  readonly points: readonly SpeedUpPoint[];
  /** From the points that are not oversubscribed, against one worker only. */
  readonly amdahl: Amdahl | { readonly missing: string };
}

/** Whether the point was run without Dask. */
export function isSerial(point: Point): boolean {
  return point.runner === 'serial';
}

/** Median T of the reference in each session, in seconds. */
export function referenceTimes(references: readonly PointSummary[]): Map<number, number> {
  const bySession = new Map<number, number[]>();
  for (const { session, windows } of references.flatMap(({ eligible }) => eligible)) {
    if (!isKnown(windows.turnaroundSeconds)) continue;
    bySession.set(session, [...(bySession.get(session) ?? []), windows.turnaroundSeconds]);
  }
  const medians = new Map<number, number>();
  for (const [session, values] of bySession) {
    const middle = median(values);
    if (isKnown(middle)) medians.set(session, middle);
  }
  return medians;
}

function speedUpPoint(summary: PointSummary, reference: Reference, times: ReadonlyMap<number, number>): SpeedUpPoint {
  const { workers, threadsPerWorker } = summary.point;
  const ideal = reference === 'serial' ? workers * threadsPerWorker : workers;
  const absent = times.size === 0 ? `no ${reference} reference` : `no ${reference} reference in the same session`;
  const trials = summary.eligible.map((record): SpeedUpTrial => {
    const inputs = [times.get(record.session) ?? missing(absent), record.windows.turnaroundSeconds];
    const speedUp = derive(inputs, (referenceSeconds = Number.NaN, seconds = Number.NaN) => referenceSeconds / seconds);
    return { record, speedUp, efficiency: derive([speedUp], (s = Number.NaN) => s / ideal) };
  });
  const over = (name: 'speedUp' | 'efficiency'): Estimated =>
    estimate(
      trials.map((trial) => ({ session: trial.record.session, value: trial[name] })),
      'log',
    );
  const efficiency = over('efficiency');
  // By more than the noise: the whole interval, or without one every trial.
  const least = isEstimate(efficiency) ? (efficiency.interval?.lo ?? efficiency.min) : 0;
  const aboveIdeal = least > 1 && !(reference === 'one worker' && workers === 1);
  return {
    summary,
    workers,
    speedUp: over('speedUp'),
    efficiency,
    trials,
    aboveIdeal,
    oversubscribed: summary.oversubscribed,
  };
}

function fit(points: readonly SpeedUpPoint[], reference: Reference): Scaling['amdahl'] {
  if (reference === 'serial') return { missing: 'fitted against one worker' };
  const eligible = points.filter(({ oversubscribed }) => !oversubscribed);
  return fitAmdahl(
    eligible.flatMap(({ workers, trials }) =>
      sessionMedians(trials.map(({ record, speedUp }) => ({ session: record.session, value: speedUp }))).map(
        ({ session, median: speedUp }) => ({ session, n: workers, speedUp }),
      ),
    ),
  );
}

/** The runs of so many threads without Dask of the same work as `point`. */
export function serialReference(
  summaries: readonly PointSummary[],
  point: Point,
  threads = 1,
): readonly PointSummary[] {
  return summaries.filter(
    ({ point: other, oversubscribed }) =>
      isSerial(other) && other.threadsPerWorker === threads && !oversubscribed && workKey(other) === workKey(point),
  );
}

function references(
  summaries: readonly PointSummary[],
  curve: readonly PointSummary[],
  reference: Reference,
): readonly PointSummary[] {
  if (reference === 'serial') return curve[0] ? serialReference(summaries, curve[0].point) : [];
  return curve.filter(({ point, oversubscribed }) => point.workers === 1 && !oversubscribed);
}

/** The points of each scaling curve. A point without a warm trial joins the curve that it was planned for, where it is a hole. */
function curvesOf(summaries: readonly PointSummary[]): ReadonlyMap<string, readonly PointSummary[]> {
  const isWarm = ({ records }: PointSummary): boolean => records.some(({ repeat }) => repeat > 0);
  const keyOf = ({ point, warmth }: PointSummary): string => JSON.stringify([curveKey(point), warmth]);
  const local = summaries.filter(({ point }) => !isSerial(point));
  const warm = local.filter(isWarm);
  return Map.groupBy(local, (summary) => {
    const planned = warm.find(({ point }) => curveKey(point) === curveKey(summary.point));
    return keyOf(isWarm(summary) ? summary : (planned ?? summary));
  });
}

/** Speed-ups of every scaling curve against `reference`; the ratio of two trials is taken within one session (neighbouring blocks). */
export function speedups(summaries: readonly PointSummary[], reference: Reference): readonly Scaling[] {
  return [...curvesOf(summaries)].flatMap(([key, curve]) => {
    const sorted = curve.toSorted((a, b) => a.point.workers - b.point.workers);
    const first = curve.find(({ records }) => records.some(({ repeat }) => repeat > 0)) ?? curve[0];
    if (!first) return [];
    const times = referenceTimes(references(summaries, curve, reference));
    const points = sorted.map((summary) => speedUpPoint(summary, reference, times));
    return [{ key, point: first.point, warmth: first.warmth, reference, points, amdahl: fit(points, reference) }];
  });
}
