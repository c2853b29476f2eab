import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import { isEstimate, medianOf, type Observation, sessionMedians } from './estimate.ts';
import { median } from './quantile.ts';
import type { SpeedUpPoint } from './speedups.ts';
import { COVERAGE, type Interval, SESSIONS_FOR_INTERVAL, studentFactor, studentInterval } from './student.ts';
import type { PointSummary } from './summarise.ts';

/** Fewer counted trials than this carry no statement. */
export const TRIALS_FOR_STATEMENT = 3;
/** T has to be this many times the floor of Dask's overhead before a statement is made. */
export const FLOORS_FOR_STATEMENT = 10;
/**
 * With fewer than three sessions a ratio is taken to be this uncertain, as a share, for one session: about twice what ratios vary by
 * where T varies by 6 % between sessions and by 10 % between repeats, the most in the tables of docs/trust.md.
 */
const ASSUMED_SPREAD = 0.25;

/** How uncertain a ratio is taken to be, as a share, in so few sessions. */
export function assumedSpread(sessions: number): number {
  return ASSUMED_SPREAD / Math.sqrt(sessions);
}

/** Whether a ratio lies above a threshold: surely, surely not, or not to be told. */
export type Side = 'above' | 'below' | 'either';

/** The ratios of one worker count, to be held against a threshold together with those of `counts` - 1 others. */
export function sideOf(ratios: readonly Observation[], threshold: number, counts: number): Side | undefined {
  const interval = intervalFor(ratios, counts);
  if (!interval) return undefined;
  if (interval.lo > threshold) return 'above';
  return interval.hi < threshold ? 'below' : 'either';
}

/**
 * Where a ratio lies: so wide that all `counts` statements of a curve together are right in 95 % of experiments: each errs to one side only, so
 * each may err in 5 % / counts (Bonferroni), and never more often than a 95 % interval does. Where too few sessions give no
 * spread it is assumed, and not taken to be smaller than what the trials themselves show.
 */
export function intervalFor(ratios: readonly Observation[], counts: number): Interval | undefined {
  const values = sessionMedians(ratios).map((one) => one.median);
  const middle = median(values);
  if (!isKnown(middle) || middle <= 0) return undefined;
  if (values.length < SESSIONS_FOR_INTERVAL) {
    const spread = assumedSpread(values.length);
    const trials = ratios.map(({ value }) => value).filter(isKnown);
    return {
      lo: Math.min(middle * Math.exp(-spread), ...trials),
      hi: Math.max(middle * Math.exp(spread), ...trials),
    };
  }
  return studentInterval(values, 'log', coverageOf(counts)) ?? undefined;
}

function coverageOf(counts: number): number {
  return Math.max(COVERAGE, 1 - 0.1 / counts);
}

/** More sessions than this are no advice: the whole experiment again, that many times. */
export const MOST_SESSIONS = 20;
/** How often the advised number of sessions is to tell, were the ratio and its spread as they were measured. */
const POWER = 0.8;

/**
 * How many sessions would tell on which side of a threshold a ratio lies: so many that Student's interval is shorter than its distance, with
 * room for where the next mean falls, which is nearer than this one in every second experiment. Undefined beyond {@link MOST_SESSIONS}.
 */
export function sessionsToTell(ratios: readonly Observation[], threshold: number, counts: number): number | undefined {
  const logs = sessionMedians(ratios).map((one) => Math.log(one.median));
  const mean = meanOf(logs);
  // What is assumed of one session is twice its spread; and no less than what the trials show.
  const trials = ratios.map(({ value }) => value).filter(isKnown);
  const few = Math.max(ASSUMED_SPREAD / 2, deviationOf(trials.map((value) => Math.log(value))));
  const spread = logs.length < SESSIONS_FOR_INTERVAL ? few : deviationOf(logs);
  for (let n = Math.max(SESSIONS_FOR_INTERVAL, logs.length + 1); n <= MOST_SESSIONS; n++) {
    // A quantile of one side is that of an interval which leaves out as much on the other.
    const widths = studentFactor(n, coverageOf(counts)) + studentFactor(n, 2 * POWER - 1);
    if ((widths * spread) / Math.sqrt(n) < Math.abs(mean - Math.log(threshold))) return n;
  }
  return undefined;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
}

/** Median floor of a point's trials, in seconds. */
export function floorOf({ eligible }: PointSummary): Quantity {
  const floors = eligible.map(({ probe }) => probe?.floorSeconds ?? missing('not measured')).filter(isKnown);
  return floors.length > 0 ? median(floors) : missing('the floor of Dask was not measured');
}

/** Why warm trials of one kind carry no statement, in words that follow their name; undefined when they do. Failed and wrong ones are named elsewhere. */
export function whyTooFew(summaries: readonly PointSummary[]): string | undefined {
  const warm = summaries.flatMap(({ records }) => records.filter(({ repeat }) => repeat > 0));
  const counted = summaries.reduce((sum, { trials }) => sum + trials, 0);
  if (counted >= TRIALS_FOR_STATEMENT && counted > warm.length / 2) return undefined;
  const needed = counted < TRIALS_FOR_STATEMENT ? String(TRIALS_FOR_STATEMENT) : 'more than half';
  const of = warm.length > counted ? ` of ${warm.length}` : '';
  const verb = counted === 1 && of === '' ? 'trial counts' : 'trials count';
  const tainted = warm.filter(({ state, taints }) => state === 'valid' && taints.length > 0);
  const taint = tainted[0]?.taints[0]?.message;
  return `${counted}${of} ${verb}, ${needed} are needed${taint === undefined ? '' : ` (${tainted.length} tainted: ${taint})`}`;
}

/** Why nothing may be held against a reference: it was disturbed itself, which would bend every ratio. In words that follow its name. */
export function whyDisturbed(all: readonly PointSummary[]): string | undefined {
  const reference = all.filter(({ oversubscribed }) => !oversubscribed);
  return all.length > 0 && reference.length === 0 ? 'it was oversubscribed itself' : whyTooFew(reference);
}

/** Why T may not be told from what Dask needs for no work at all; undefined when it may, or when that was not measured. */
export function whyAtFloor(summary: PointSummary): string | undefined {
  const floors = derive([medianOf(summary.turnaround), floorOf(summary)], (seconds = 0, floor = 0) => seconds / floor);
  if (!isKnown(floors) || floors >= FLOORS_FOR_STATEMENT) return undefined;
  return `T is only ${floors.toFixed(1)} times what Dask needs for as many empty tasks, ${FLOORS_FOR_STATEMENT} are needed`;
}

/** Why the trials of a worker count carry no statement, whatever T is; in words that follow its name. */
export function whyUncounted({ summary, efficiency }: SpeedUpPoint): string | undefined {
  const few = whyTooFew([summary]);
  if (few !== undefined) return few;
  if (!isEstimate(efficiency)) return efficiency.missing;
  if (efficiency.trials >= TRIALS_FOR_STATEMENT) return undefined;
  return `${efficiency.trials} of ${summary.trials} trials have a reference in their session, ${TRIALS_FOR_STATEMENT} are needed`;
}
