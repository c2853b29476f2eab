import jstat from 'jstat';

/** Fewer sessions than this say nothing about the spread between sessions. */
export const SESSIONS_FOR_INTERVAL = 3;
export const COVERAGE = 0.95;

/** A 95 % interval, in the unit of what it belongs to. */
export interface Interval {
  readonly lo: number;
  readonly hi: number;
}

/** `log`: quantities that are positive by nature, whose noise is a factor. `linear`: what may be zero or negative. */
export type Scale = 'log' | 'linear';

/** The two-sided quantile of Student's t distribution with n - 1 degrees of freedom. */
export function studentFactor(n: number, coverage: number): number {
  return jstat.studentt.inv((1 + coverage) / 2, n - 1);
}

/**
 * Student's t interval for the middle of independent values, one for each session: mean +- t s / sqrt(n) with n - 1 degrees of freedom, on the
 * logarithm where `scale` says so (Student 1908; any textbook). Null for fewer than three values, and on the logarithmic scale when
 * a value is not positive.
 */
export function studentInterval(values: readonly number[], scale: Scale, coverage = COVERAGE): Interval | null {
  const n = values.length;
  if (n < SESSIONS_FOR_INTERVAL) return null;
  if (scale === 'log' && values.some((value) => value <= 0)) return null;
  const scaled = scale === 'log' ? values.map((value) => Math.log(value)) : values;
  const mean = scaled.reduce((sum, value) => sum + value, 0) / n;
  const variance = scaled.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const half = studentFactor(n, coverage) * Math.sqrt(variance / n);
  return scale === 'log'
    ? { lo: Math.exp(mean - half), hi: Math.exp(mean + half) }
    : { lo: mean - half, hi: mean + half };
}
