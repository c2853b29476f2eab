/** Fewer worker counts than this leave nothing to judge a fit by. */
const WORKER_COUNTS_FOR_FIT = 3;

/** Amdahl's law fitted to speed-ups against one worker: 1 / S(n) = f + (1 - f) / n. */
export interface Amdahl {
  /** f: the part of T on one worker that more workers do not shorten. Below 0 when the speed-ups lie above n. */
  readonly serialFraction: number;
  /** 1 / f, the speed-up that no number of workers exceeds; infinite for f <= 0. */
  readonly limit: number;
  readonly workerCounts: number;
}

/** Least squares of 1 / S, in which the law is linear; `points` are (n, S) with one entry per worker count. */
export function fitAmdahl(
  points: readonly { readonly n: number; readonly speedUp: number }[],
): Amdahl | { missing: string } {
  const workerCounts = new Set(points.map(({ n }) => n)).size;
  if (workerCounts < WORKER_COUNTS_FOR_FIT)
    return { missing: `needs ${WORKER_COUNTS_FOR_FIT} worker counts, has ${workerCounts}` };
  let covariance = 0;
  let variance = 0;
  for (const { n, speedUp } of points) {
    const lever = 1 - 1 / n;
    covariance += (1 / speedUp - 1 / n) * lever;
    variance += lever * lever;
  }
  const serialFraction = covariance / variance;
  return { serialFraction, limit: serialFraction > 0 ? 1 / serialFraction : Number.POSITIVE_INFINITY, workerCounts };
}
