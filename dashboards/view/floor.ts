import type { Experiment } from '../../core/model/record.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import { floorDistances } from '../../core/stats/floor.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import { metricEstimate, type PointSummary } from '../../core/stats/summarise.ts';
import { formatIn, formatPercent } from '../format.ts';
import { pointLabels } from './labels.ts';

/** How far one point is from reading its columns and doing nothing with them. */
export interface FloorRow {
  readonly point: string;
  readonly rate: Quantity;
  readonly columnBytes: Quantity;
  readonly floorRate: Quantity;
  readonly ratio: Quantity;
}

/** One row for each point that reads data. */
export function floorRows(experiment: Experiment, summaries: readonly PointSummary[]): readonly FloorRow[] {
  const distances = floorDistances(experiment, summaries);
  const labels = pointLabels(distances.map(({ summary }) => summary));
  return distances.map(({ summary, columnBytes, floorRate, ratio }, i) => {
    const rate = metricEstimate(summary, 'event_rate');
    return {
      point: labels[i] ?? '',
      rate: isEstimate(rate) ? rate.median : { missing: rate.missing },
      columnBytes,
      floorRate,
      ratio,
    };
  });
}

/** For the terminal: what is known, one line for each point. */
export function floorLines(rows: readonly FloorRow[]): string[] {
  return rows
    .flatMap(({ point, floorRate, ratio }) =>
      isKnown(ratio) && isKnown(floorRate)
        ? [`${point}: ${formatPercent(ratio)} of the event rate of reading alone, ${formatIn(floorRate, 'events/s')}`]
        : [],
    )
    .map((line) => line.replaceAll('\u202f', ' '));
}
