import { type Estimate, estimate, isEstimate } from './estimate.ts';

/** Fewer worker counts than this leave nothing to judge a fit by. */
const WORKER_COUNTS_FOR_FIT = 3;

/** Amdahl's law fitted to speed-ups against one worker: 1 / S(n) = f + (1 - f) / n. */
export interface Amdahl {
  /**
   * f: the part of T on one worker that more workers do not shorten; fitted in each session, median and interval over the
   * sessions. Below 0 when the speed-ups lie above n.
   */
  readonly serialFraction: Estimate;
  /** 1 / f, the speed-up that no number of workers exceeds; infinite for f <= 0. */
  readonly limit: number;
  readonly workerCounts: number;
}

/** The speed-up S that one session had on n workers. */
export interface SessionSpeedUp {
  readonly session: number;
  readonly n: number;
  readonly speedUp: number;
}

/** Fits each session that has enough worker counts; the session is the unit of replication here, too. */
export function fitAmdahl(points: readonly SessionSpeedUp[]): Amdahl | { missing: string } {
  const countsOf = (some: readonly SessionSpeedUp[]) => new Set(some.map(({ n }) => n)).size;
  const sessions = [...Map.groupBy(points, ({ session }) => session)].filter(
    ([, own]) => countsOf(own) >= WORKER_COUNTS_FOR_FIT,
  );
  if (sessions.length === 0) {
    const most = Math.max(0, ...[...Map.groupBy(points, ({ session }) => session).values()].map(countsOf));
    return { missing: `needs ${WORKER_COUNTS_FOR_FIT} worker counts, has ${most}` };
  }
  const fitted = estimate(
    sessions.map(([session, own]) => ({ session, value: serialFractionOf(own) })),
    'linear',
  );
  if (!isEstimate(fitted)) return { missing: fitted.missing };
  const { median } = fitted;
  const used = sessions.flatMap(([, own]) => own);
  return {
    serialFraction: fitted,
    limit: median > 0 ? 1 / median : Number.POSITIVE_INFINITY,
    workerCounts: countsOf(used),
  };
}

/** Least squares of 1 / S, in which the law is linear. */
function serialFractionOf(points: readonly SessionSpeedUp[]): number {
  let covariance = 0;
  let variance = 0;
  for (const { n, speedUp } of points) {
    const lever = 1 - 1 / n;
    covariance += (1 / speedUp - 1 / n) * lever;
    variance += lever * lever;
  }
  return covariance / variance;
}
