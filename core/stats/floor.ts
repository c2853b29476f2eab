import { identityOf } from '../model/axes.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Experiment, TrialRecord } from '../model/record.ts';
import { isEstimate } from './estimate.ts';
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
  /** Events per second of reading alone: the same backend, workers and data, and as many bytes of columns. */
  readonly floorRate: Quantity;
  /** Event rate of the point / that of reading alone. */
  readonly ratio: Quantity;
}

interface Floor {
  readonly bytes: number;
  readonly secondsPerEvent: number;
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
    const floorRate = floorRateAt(columnBytes, alike);
    const rate = metricEstimate(summary, 'event_rate');
    const measured: Quantity = isEstimate(rate) ? rate.median : rate;
    return [
      { summary, columnBytes, floorRate, ratio: derive([measured, floorRate], (own = 0, least = 1) => own / least) },
    ];
  });
}

/** All axes but what is done with the columns, and how the work is cut. */
function placeOf({ point, warmth }: PointSummary): string {
  return `${identityOf(point, ['work', 'curve', 'point'], ['suite', 'parameters', 'tasks'])} ${warmth}`;
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
function floorRateAt(columnBytes: Quantity, floors: readonly PointSummary[]): Quantity {
  if (!isKnown(columnBytes)) return columnBytes;
  const known = floors.flatMap((summary): Floor[] => {
    const [bytes, rate] = [columnBytesOf(summary.eligible), metricEstimate(summary, 'event_rate')];
    return isKnown(bytes) && isEstimate(rate) ? [{ bytes, secondsPerEvent: 1 / rate.median }] : [];
  });
  const equal = known.find(({ bytes }) => Math.abs(bytes / columnBytes - 1) < SAME_BYTES);
  if (equal) return 1 / equal.secondsPerEvent;
  const sorted = known.toSorted((one, two) => one.bytes - two.bytes);
  const above = sorted.findIndex(({ bytes }) => bytes > columnBytes);
  const [less, more] = [sorted[above - 1], sorted[above]];
  if (!less || !more) return missing(howToGet(floors.length > 0));
  const share = (columnBytes - less.bytes) / (more.bytes - less.bytes);
  return 1 / (less.secondsPerEvent + share * (more.secondsPerEvent - less.secondsPerEvent));
}

function howToGet(some: boolean): string {
  return some
    ? 'reading alone was not measured with as many bytes of columns, or with fewer and more: bench --suite iobench --param columns=NAMES'
    : 'reading alone was not measured here: run bench --suite iobench --param columns=4/15/25/50/100 with the same data, backends and workers, then bench report FOLDER --floor IT';
}
