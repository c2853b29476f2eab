import { identityOf } from '../model/axes.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Experiment, TrialRecord } from '../model/record.ts';
import { type Estimate, type Estimated, isEstimate } from './estimate.ts';
import type { Interval } from './student.ts';
import { metricEstimate, metricOf, type PointSummary, summarise } from './summarise.ts';

/** The suite that reads columns and does nothing with them. */
export const FLOOR_SUITE = 'iobench';
/** Columns whose bytes differ by less than this count as equally many. */
const SAME_BYTES = 0.01;

/** How far a point is from reading alone. */
export interface FloorDistance {
  readonly summary: PointSummary;
  /** Compressed bytes of the columns that it reads, for each event. */
  readonly columnBytes: Quantity;
  /** Events per second of the point. */
  readonly rate: Estimated;
  /** Events per second of reading alone: the same backend, workers and data, however often they are listed, and as many bytes of columns. */
  readonly floorRate: Estimated;
  /**
   * Event rate of the point / that of reading alone. The two were not taken in pairs: the interval reaches from the lower end of one over the upper
   * end of the other to the reverse, which is wider than 95 % would need.
   */
  readonly ratio: Estimated;
}

interface Floor {
  readonly bytes: number;
  readonly rate: Estimate;
}

/** One entry for each point that reads data and is not itself reading alone. */
export function floorDistances(experiment: Experiment, summaries: readonly PointSummary[]): FloorDistance[] {
  const given = experiment.floor ? summarise({ ...experiment, records: [...experiment.floor] }) : [];
  const floors = [...summaries, ...given].filter(({ point }) => point.suite === FLOOR_SUITE);
  return summaries.flatMap((summary): FloorDistance[] => {
    const { point } = summary;
    if (point.suite === FLOOR_SUITE || point.files === 0) return [];
    const columnBytes = columnBytesOf(summary.eligible);
    const alike = floors.filter((floor) => placeOf(floor) === placeOf(summary));
    // Each suite lists the files as often as its own trials need; rates are per event.
    const listedAlike = alike.filter((floor) => floor.point.clone === point.clone);
    const why = floors.length === 0 ? NOT_MEASURED : NOT_ALIKE;
    const floorRate: Estimated =
      alike.length === 0
        ? { missing: why, trials: 0, sessions: 0 }
        : floorRateAt(columnBytes, listedAlike.length > 0 ? listedAlike : alike);
    const rate = metricEstimate(summary, 'event_rate');
    return [{ summary, columnBytes, rate, floorRate, ratio: ratioOf(rate, floorRate) }];
  });
}

function ratioOf(own: Estimated, floor: Estimated): Estimated {
  if (!isEstimate(own)) return own;
  if (!isEstimate(floor)) return floor;
  return {
    median: own.median / floor.median,
    interval:
      own.interval && floor.interval && floor.interval.lo > 0
        ? { lo: own.interval.lo / floor.interval.hi, hi: own.interval.hi / floor.interval.lo }
        : null,
    min: own.min / floor.max,
    max: own.max / floor.min,
    trials: own.trials,
    sessions: own.sessions,
  };
}

/** All axes but what is done with the columns, how the work is cut, and how often files are listed. */
function placeOf({ point, warmth }: PointSummary): string {
  return `${identityOf(point, ['work', 'curve', 'point'], ['suite', 'parameters', 'tasks', 'clone'])} ${warmth}`;
}

/** What the bytes read are compared with in the metric of read amplification. */
function columnBytesOf(records: readonly TrialRecord[]): Quantity {
  const [first] = records;
  if (!first) return missing('no trial counts');
  return derive(
    [metricOf(first, 'bytes_per_event'), metricOf(first, 'read_amplification_ratio')],
    (read = 0, amplification = 1) => read / amplification,
  );
}

/** Of as many bytes; otherwise between the points of fewer and of more bytes, as if the time for an event grew evenly with them. */
function floorRateAt(columnBytes: Quantity, floors: readonly PointSummary[]): Estimated {
  if (!isKnown(columnBytes)) return { ...columnBytes, trials: 0, sessions: 0 };
  const known = floors.flatMap((summary): Floor[] => {
    const [bytes, rate] = [columnBytesOf(summary.eligible), metricEstimate(summary, 'event_rate')];
    return isKnown(bytes) && isEstimate(rate) ? [{ bytes, rate }] : [];
  });
  const equal = known.find(({ bytes }) => Math.abs(bytes / columnBytes - 1) < SAME_BYTES);
  if (equal) return equal.rate;
  const sorted = known.toSorted((one, two) => one.bytes - two.bytes);
  const above = sorted.findIndex(({ bytes }) => bytes > columnBytes);
  const [less, more] = [sorted[above - 1], sorted[above]];
  if (!less || !more) return { missing: notAround(columnBytes, known), trials: 0, sessions: 0 };
  return between(less.rate, more.rate, (columnBytes - less.bytes) / (more.bytes - less.bytes));
}

/** Part of the way from one rate to another, by the time for an event; it has no more trials and sessions than the one that has fewer. */
function between(less: Estimate, more: Estimate, share: number): Estimate {
  const at = (from: number, to: number) => 1 / (1 / from + share * (1 / to - 1 / from));
  const ends = (from: Interval, to: Interval): Interval => ({ lo: at(from.lo, to.lo), hi: at(from.hi, to.hi) });
  return {
    median: at(less.median, more.median),
    interval: less.interval && more.interval && ends(less.interval, more.interval),
    min: at(less.min, more.min),
    max: at(less.max, more.max),
    trials: Math.min(less.trials, more.trials),
    sessions: Math.min(less.sessions, more.sessions),
  };
}

const NOT_MEASURED =
  'reading alone was not measured here: run bench --suite iobench --param columns=4/15/25/50/100 with the same data, backends and workers, then bench report FOLDER --floor IT';
const NOT_ALIKE =
  'reading alone was measured, but not with these data, backend, workers and page caches: run bench --suite iobench with the same';

function notAround(columnBytes: number, known: readonly Floor[]): string {
  const measured = known.map(({ bytes }) => bytes.toPrecision(3)).join(', ') || 'none';
  return (
    `reading alone was not measured with as many bytes of columns, or with fewer and more: ${columnBytes.toPrecision(3)} for each event here, ` +
    `there ${measured}; name columns with bench --suite iobench --param columns=NAMES`
  );
}
