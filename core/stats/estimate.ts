import { isKnown, type Quantity } from '../model/quantity.ts';
import { quantileOfSorted } from './quantile.ts';
import { seededRandom } from './random.ts';

/** Fewer sessions than this say nothing about the spread between sessions. */
export const SESSIONS_FOR_INTERVAL = 3;
const RESAMPLES = 1000;
const COVERAGE = 0.95;

/** One trial's value and the session that it was measured in. */
export interface Observation {
  readonly session: number;
  readonly value: Quantity;
}

/** A median with its uncertainty; all numbers in the unit of the observations. */
export interface Estimate {
  readonly median: number;
  readonly lo: number;
  readonly hi: number;
  /** `bootstrap`: 95 % interval over sessions. `range`: too few sessions, so `lo` and `hi` are the smallest and largest trial. */
  readonly interval: 'bootstrap' | 'range';
  readonly min: number;
  readonly max: number;
  readonly trials: number;
  readonly sessions: number;
}

interface NoEstimate {
  readonly missing: string;
  readonly trials: 0;
  readonly sessions: 0;
}

/** A median with its uncertainty, or the reason why there is none. */
export type Estimated = Estimate | NoEstimate;

/** Whether there is a number. */
export function isEstimate(estimated: Estimated): estimated is Estimate {
  return 'median' in estimated;
}

/** The median as a quantity, with the reason passed on. */
export function medianOf(estimated: Estimated): Quantity {
  return isEstimate(estimated) ? estimated.median : { missing: estimated.missing };
}

function bySession(observations: readonly Observation[]): number[][] {
  const sessions = new Map<number, number[]>();
  for (const { session, value } of observations) {
    if (!isKnown(value)) continue;
    const values = sessions.get(session);
    if (values) values.push(value);
    else sessions.set(session, [value]);
  }
  return [...sessions.values()];
}

function resampledMedians(clusters: readonly (readonly number[])[], seed: number): Float64Array {
  const random = seededRandom(seed);
  const medians = new Float64Array(RESAMPLES);
  for (let i = 0; i < RESAMPLES; i += 1) {
    const drawn: number[] = [];
    for (let k = 0; k < clusters.length; k += 1) {
      const cluster = clusters[Math.floor(random() * clusters.length)] ?? [];
      for (let j = 0; j < cluster.length; j += 1)
        drawn.push(cluster[Math.floor(random() * cluster.length)] ?? Number.NaN);
    }
    medians[i] = quantileOfSorted(Float64Array.from(drawn).toSorted(), 0.5);
  }
  return medians.toSorted();
}

/**
 * Median and interval with the session as the unit of replication: sessions are drawn with replacement, then repeats
 * within each, because repeats inside a session share placement, compiled code and cache. Missing values are left out
 * and seen in `trials`; without any value the first reason is passed on.
 */
export function estimate(observations: readonly Observation[], seed: number): Estimated {
  const clusters = bySession(observations);
  const sorted = Float64Array.from(clusters.flat()).toSorted();
  const min = sorted.at(0);
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) {
    const reason = observations.map(({ value }) => value).find((value) => !isKnown(value));
    return { missing: reason && !isKnown(reason) ? reason.missing : 'no eligible trial', trials: 0, sessions: 0 };
  }
  const size = { median: quantileOfSorted(sorted, 0.5), min, max, trials: sorted.length, sessions: clusters.length };
  if (clusters.length < SESSIONS_FOR_INTERVAL) return { ...size, lo: min, hi: max, interval: 'range' };
  const medians = resampledMedians(clusters, seed);
  const tail = (1 - COVERAGE) / 2;
  return {
    ...size,
    lo: quantileOfSorted(medians, tail),
    hi: quantileOfSorted(medians, 1 - tail),
    interval: 'bootstrap',
  };
}
