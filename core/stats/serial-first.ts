import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import { CPU_BOUND } from './core-speed.ts';
import { type Estimated, medianOf } from './estimate.ts';
import { median } from './quantile.ts';
import { GOOD_EFFICIENCY } from './reach.ts';
import { referenceTimes, type Scaling, serialReference, type SpeedUpPoint } from './speedups.ts';
import type { PointSummary } from './summarise.ts';
import type { Interval } from './student.ts';
import {
  floorOf,
  FLOORS_FOR_STATEMENT,
  intervalFor,
  sideOf,
  TRIALS_FOR_STATEMENT,
  whyDisturbed,
  whyTooFew,
  whyUncounted,
} from './verdict.ts';

/** One worker count against one thread without Dask, on the same data. */
export interface AgainstSerial {
  readonly workers: number;
  /** T, in seconds. */
  readonly seconds: number;
  /** T of one thread without Dask / T, of the same session. */
  readonly speedUp: Estimated;
  /** Whether it is faster than one thread without Dask: surely, surely not, or not to be told. */
  readonly faster: 'yes' | 'no' | 'perhaps';
  /** Seconds of T beyond T of the serial run / workers: what Dask, start of tasks and imbalance add. */
  readonly overheadSeconds: number;
  /** The same as a share of T, as far as the noise tells. */
  readonly overheadShare: Interval;
  /**
   * The work from which this count would be 80 % efficient against one thread, and T ten times the floor where that is known, if only the
   * event loop grew with it, in the workers 1.15 times as much. Null where no events are read, where it would be so already, where
   * fewer workers were surely faster, so that the loop is not shared out, or where that is not known.
   */
  readonly work: Work | null;
}

/** Events to be read, and how often the files were listed where fewer were read. */
export interface Work {
  readonly events: number;
  readonly listings: number;
}

export interface Comparison {
  /** Median T of one thread without Dask, in seconds. */
  readonly serialSeconds: number;
  /** The counts whose trials carry a statement, in ascending order of workers. */
  readonly counts: readonly AgainstSerial[];
}

/** Every tested worker count against serial; null where the serial run gave no time. `claims` are made about the curve in all. */
export function compareWithSerial(
  serial: readonly PointSummary[],
  against: Scaling,
  tested: readonly SpeedUpPoint[],
  claims: number,
): Comparison | null {
  const times = serial.map(({ turnaround }) => medianOf(turnaround)).filter(isKnown);
  const serialSeconds = median(times);
  if (!isKnown(serialSeconds)) return null;
  const loopSeconds = median(serial.map(({ execution }) => medianOf(execution)).filter(isKnown));
  const wanted = new Set(tested.map(({ summary }) => summary));
  const points = against.points.filter((point) => wanted.has(point.summary) && whyUncounted(point) === undefined);
  const grew = (point: SpeedUpPoint): boolean =>
    points.some(
      (fewer) => fewer.workers < point.workers && fasterThan([fewer.summary], point.summary, claims) === 'no',
    );
  const counts = points.flatMap((point) =>
    countOf(point, { serialSeconds, loopSeconds }, claims).map((one) => (grew(point) ? { ...one, work: null } : one)),
  );
  return { serialSeconds, counts };
}

/** Whether a point is faster than others of the same data, by the ratios of T within each session; undefined where none is known. */
function fasterThan(
  others: readonly PointSummary[],
  { eligible }: PointSummary,
  claims: number,
): AgainstSerial['faster'] | undefined {
  const times = referenceTimes(others);
  const ratios = eligible.map(({ session, windows }) => ({
    session,
    value: derive(
      [times.get(session) ?? missing('not run in the same session'), windows.turnaroundSeconds],
      (other = Number.NaN, T = Number.NaN) => other / T,
    ),
  }));
  if (ratios.filter(({ value }) => isKnown(value)).length < TRIALS_FOR_STATEMENT) return undefined;
  const side = sideOf(ratios, 1, claims);
  return side && FASTER[side];
}

/** One worker count against as many threads of one process without Dask, on the same data. */
export interface AgainstThreads {
  readonly workers: number;
  readonly threads: number;
  /** Whether the workers are faster: surely, surely not, or not to be told. */
  readonly faster: AgainstSerial['faster'];
}

/** Trials of one worker count, and those of as many threads without Dask. */
export interface BesideThreads {
  readonly summary: PointSummary;
  readonly threads: number;
  readonly references: readonly PointSummary[];
}

/** The worker counts that can be held against as many threads without Dask; one thread is what {@link compareWithSerial} is about. */
export function besideThreads(
  summaries: readonly PointSummary[],
  tested: readonly SpeedUpPoint[],
): readonly BesideThreads[] {
  return tested.flatMap(({ summary }) => {
    const threads = summary.point.workers * summary.point.threadsPerWorker;
    const references = threads > 1 ? serialReference(summaries, summary.point, threads) : [];
    const usable = references.length > 0 && !whyDisturbed(references) && !whyTooFew([summary]);
    return usable ? [{ summary, threads, references }] : [];
  });
}

/** Each of them against the threads of the same session. `claims` are made about the curve in all. */
export function compareWithThreads(beside: readonly BesideThreads[], claims: number): readonly AgainstThreads[] {
  return beside.flatMap(({ summary, threads, references }) => {
    const faster = fasterThan(references, summary, claims);
    return faster === undefined ? [] : [{ workers: summary.point.workers, threads, faster }];
  });
}

const FASTER = { above: 'yes', below: 'no', either: 'perhaps' } as const;

function countOf(
  point: SpeedUpPoint,
  { serialSeconds, loopSeconds }: Pick<Times, 'serialSeconds' | 'loopSeconds'>,
  claims: number,
): AgainstSerial[] {
  const { workers, summary, trials, speedUp } = point;
  const seconds = medianOf(summary.turnaround);
  const ratios = trials.map(({ record, speedUp: value }) => ({ session: record.session, value }));
  const side = sideOf(ratios, 1, claims);
  const interval = intervalFor(ratios, claims);
  if (!isKnown(seconds) || side === undefined || interval === undefined) return [];
  const overheadSeconds = Math.max(0, seconds - serialSeconds / workers);
  const growth = growthOf(summary, { workers, seconds, serialSeconds, loopSeconds });
  return [
    {
      workers,
      seconds,
      speedUp,
      faster: FASTER[side],
      overheadSeconds,
      overheadShare: {
        lo: Math.max(0, 1 - interval.hi / workers),
        hi: Math.max(0, 1 - interval.lo / workers),
      },
      work:
        isKnown(growth) && growth > 1 && summary.point.files > 0
          ? { events: growth * (summary.records[0]?.counts.eventsPlanned ?? 0), listings: summary.point.clone }
          : null,
    },
  ];
}

interface Times {
  readonly workers: number;
  /** T of the workers. */
  readonly seconds: number;
  /** T of one thread without Dask, and of it the event loop. */
  readonly serialSeconds: number;
  readonly loopSeconds: Quantity;
}

/**
 * How many times the events make T long enough. T of one thread is `apart`, what it does before and after its event loop, and the loop, which
 * grows with the events; T of the workers is `added` and the loop / workers. With g times the events the workers are 80 % efficient where
 * apart + g loop = 0.8 (workers added + g 1.15 loop): an event may cost the workers as much more as CPU per event may differ before sessions are
 * called unlike. One size of data does not show how much it is; RDataFrame on two idle cores needed 1.11 times.
 */
function growthOf(summary: PointSummary, { workers, seconds, serialSeconds, loopSeconds }: Times): Quantity {
  if (!isKnown(loopSeconds)) return loopSeconds;
  const apart = serialSeconds - loopSeconds;
  const added = Math.max(0, seconds - loopSeconds / workers);
  const gain = 1 - GOOD_EFFICIENCY * CPU_BOUND;
  const efficient = (GOOD_EFFICIENCY * workers * added - apart) / (gain * loopSeconds);
  const floor = floorOf(summary);
  if (!isKnown(floor)) return efficient;
  return Math.max(efficient, ((FLOORS_FOR_STATEMENT * floor - added) * workers) / loopSeconds);
}
