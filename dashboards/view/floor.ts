import type { Experiment } from '../../core/model/record.ts';
import { type FloorDistance, floorDistances } from '../../core/stats/floor.ts';
import { isEstimate } from '../../core/stats/estimate.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { formatIn, formatPercent } from '../format.ts';
import { nText, spreadText } from './curves.ts';
import { pointLabels } from './labels.ts';

/** How far one point is from reading its columns and doing nothing with them. */
export type FloorRow = Omit<FloorDistance, 'summary'> & { readonly point: string };

/** One row for each point that reads data. */
export function floorRows(experiment: Experiment, summaries: readonly PointSummary[]): readonly FloorRow[] {
  const distances = floorDistances(experiment, summaries);
  const labels = pointLabels(distances.map(({ summary }) => summary));
  return distances.map(({ summary: _summary, ...distance }, i) => ({ ...distance, point: labels[i] ?? '' }));
}

/** For the terminal: what is known, one line for each point; where a floor was `given`, also why nothing is known. */
export function floorLines(rows: readonly FloorRow[], given: boolean): string[] {
  return rows
    .flatMap(({ point, floorRate, ratio }) => {
      if (!isEstimate(ratio)) return given ? `${point}: ${ratio.missing}` : [];
      if (!isEstimate(floorRate)) return [];
      const percent = `${formatPercent(ratio.median)} (${spreadText(ratio, 'percent')})`;
      const rate = `${formatIn(floorRate.median, 'events/s')}; ${nText(ratio)}, of reading ${nText(floorRate)}`;
      return `${point}: ${percent} of the event rate of reading alone, ${rate}`;
    })
    .map((line) => line.replaceAll('\u202f', ' '));
}
