import type { Point } from '../model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Record } from '../model/record.ts';
import { type Amdahl, fitAmdahl } from './amdahl.ts';
import { curveKey, workKey } from './eligible.ts';
import { type Estimated, estimate, isEstimate } from './estimate.ts';
import { median } from './quantile.ts';
import { mixSeed } from './random.ts';
import type { PointSummary } from './summarise.ts';

/** What T is compared with: the same work without Dask, or on one worker. */
export type Reference = 'serial' | 'one worker';

interface SpeedUpTrial {
  readonly record: Record;
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
function referenceTimes(references: readonly PointSummary[]): Map<number, number> {
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
      mixSeed(0, summary.key, reference, name),
    );
  const efficiency = over('efficiency');
  const aboveIdeal = isEstimate(efficiency) && efficiency.median > 1 && !(reference === 'one worker' && workers === 1);
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
    eligible.flatMap(({ workers, speedUp }) => (isEstimate(speedUp) ? [{ n: workers, speedUp: speedUp.median }] : [])),
  );
}

function references(
  summaries: readonly PointSummary[],
  curve: readonly PointSummary[],
  reference: Reference,
): readonly PointSummary[] {
  if (reference === 'one worker')
    return curve.filter(({ point, oversubscribed }) => point.workers === 1 && !oversubscribed);
  const work = curve[0] && workKey(curve[0].point);
  return summaries.filter(
    ({ point, oversubscribed }) =>
      isSerial(point) && point.threadsPerWorker === 1 && !oversubscribed && workKey(point) === work,
  );
}

/** Speed-ups of every scaling curve against `reference`; the ratio of two trials is taken within one session (neighbouring blocks). */
export function speedups(summaries: readonly PointSummary[], reference: Reference): readonly Scaling[] {
  const curves = new Map<string, PointSummary[]>();
  for (const summary of summaries) {
    if (isSerial(summary.point)) continue;
    const key = JSON.stringify([curveKey(summary.point), summary.warmth]);
    curves.set(key, [...(curves.get(key) ?? []), summary]);
  }
  return [...curves].flatMap(([key, curve]) => {
    const first = curve[0];
    if (!first) return [];
    const times = referenceTimes(references(summaries, curve, reference));
    const points = curve
      .toSorted((a, b) => a.point.workers - b.point.workers)
      .map((summary) => speedUpPoint(summary, reference, times));
    return [{ key, point: first.point, warmth: first.warmth, reference, points, amdahl: fit(points, reference) }];
  });
}
