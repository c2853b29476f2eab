import { medianOf } from './estimate.ts';
import type { Quantity } from '../model/quantity.ts';
import type { SpeedUpPoint } from './speedups.ts';
import { sessionsToTell, sideOf, whyAtFloor, whyUncounted } from './verdict.ts';

/** The efficiency that is still called good. */
export const GOOD_EFFICIENCY = 0.8;

/** Where the chain of good worker counts ends. */
export interface Stop {
  readonly workers: number;
  readonly efficiency: Quantity;
  /** Why nothing may be said about this count; undefined when it is surely not good. */
  readonly why: string | undefined;
}

/** How far a curve scales: every tested count up to `from` is surely good, those up to `to` perhaps. */
export interface Reach {
  /** 0: not even the smallest tested count is surely good. */
  readonly from: number;
  readonly to: number;
  /** The first count that is not good, or of which nothing is known; undefined when all tested ones are good, perhaps. */
  readonly stop: Stop | undefined;
  /** The first count that is perhaps good, and how many sessions would tell; undefined sessions: the difference is too small. */
  readonly open: { readonly workers: number; readonly sessions: number | undefined } | undefined;
}

/**
 * Follows the tested counts upwards, for as long as each of them is good; `tested` ascends, is not oversubscribed, and is without the
 * reference, which would prove nothing by being as good as itself. `claims` are made about the curve in all.
 */
export function reachOf(tested: readonly SpeedUpPoint[], claims: number): Reach {
  let [from, to] = [0, 0];
  let open: Reach['open'];
  for (const point of tested) {
    const { workers, trials, efficiency } = point;
    const ratios = trials.map(({ record, efficiency: value }) => ({ session: record.session, value }));
    const why = whyUncounted(point) ?? whyAtFloor(point.summary);
    const side = sideOf(ratios, GOOD_EFFICIENCY, claims);
    if (why !== undefined || side === undefined || side === 'below')
      return { from, to, stop: { workers, efficiency: medianOf(efficiency), why }, open };
    if (side === 'either') open ??= { workers, sessions: sessionsToTell(ratios, GOOD_EFFICIENCY, claims) };
    if (!open) from = workers;
    to = workers;
  }
  return { from, to, stop: undefined, open };
}
