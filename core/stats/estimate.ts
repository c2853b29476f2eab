import { isKnown, type Quantity } from '../model/quantity.ts';
import { quantileOfSorted } from './quantile.ts';
import { type Interval, type Scale, studentInterval } from './student.ts';

/** One trial's value and the session that it was measured in. */
export interface Observation {
  readonly session: number;
  readonly value: Quantity;
}

/** A median with its uncertainty; all numbers in the unit of the observations. */
export interface Estimate {
  /** Of all trials. */
  readonly median: number;
  /** 95 % interval; null where fewer than three sessions, or a zero on a logarithmic scale, give none. */
  readonly interval: Interval | null;
  /** The smallest and the largest trial. */
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

function bySession(observations: readonly Observation[]): Map<number, number[]> {
  const sessions = new Map<number, number[]>();
  for (const { session, value } of observations) {
    if (!isKnown(value)) continue;
    const values = sessions.get(session);
    if (values) values.push(value);
    else sessions.set(session, [value]);
  }
  return sessions;
}

/** The median of each session that has a value, in the unit of the observations. */
export function sessionMedians(
  observations: readonly Observation[],
): readonly { readonly session: number; readonly median: number }[] {
  return [...bySession(observations)].map(([session, values]) => ({
    session,
    median: quantileOfSorted(Float64Array.from(values).toSorted(), 0.5),
  }));
}

/**
 * Median and interval with the session as the unit of replication, because repeats inside a session share placement, compiled
 * code and cache: Student's t interval of the medians of the sessions, widened to the shown median where it lies outside.
 * Missing values are left out and seen in `trials`; without any value the first reason is passed on. docs/statistics.md says how
 * often such intervals hold the truth.
 */
export function estimate(observations: readonly Observation[], scale: Scale): Estimated {
  const sessions = bySession(observations);
  const sorted = Float64Array.from([...sessions.values()].flat()).toSorted();
  const min = sorted.at(0);
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) {
    const reason = observations.map(({ value }) => value).find((value) => !isKnown(value));
    return { missing: reason && !isKnown(reason) ? reason.missing : 'no eligible trial', trials: 0, sessions: 0 };
  }
  const median = quantileOfSorted(sorted, 0.5);
  const medians = sessionMedians(observations).map((one) => one.median);
  const found = studentInterval(medians, scale);
  const interval = found && { lo: Math.min(found.lo, median), hi: Math.max(found.hi, median) };
  return { median, interval, min, max, trials: sorted.length, sessions: sessions.size };
}
