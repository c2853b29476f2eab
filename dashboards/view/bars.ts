import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import { BUDGET_PARTS, UNMETERED } from '../../core/stats/budget.ts';
import { pointBudget, type Share } from '../../core/stats/budget-shares.ts';
import { type Estimated, isEstimate, medianOf } from '../../core/stats/estimate.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { ABSENT, formatPercent, formatSi, plural } from '../format.ts';
import { intervalText, nText, spreadText } from './curves.ts';
import { pointLabels } from './labels.ts';
import { scalingPoints } from './scaling.ts';
import type { BarRow, BarView, BudgetView } from './types.ts';

function valueOrNull(quantity: Quantity): number | null {
  return isKnown(quantity) ? quantity : null;
}

function estimateNote(estimated: Estimated): string {
  if (!isEstimate(estimated)) return `${ABSENT} ${estimated.missing}`;
  return `median ${formatSi(estimated.median, 's')}; ${spreadText(estimated, 's')}; ${nText(estimated)}`;
}

/** Time to the first histogram, first trial and warm median of each point, in seconds. */
export function coldWarmView(summaries: readonly PointSummary[]): BarView {
  const points = scalingPoints(summaries);
  const labels = pointLabels(points);
  return {
    series: [
      { name: 'first', title: 'time to first histogram, cold (cluster asked for to result)' },
      { name: 'cold', title: 'T of the first trial, cold' },
      { name: 'edited', title: 'T after an edited cut' },
      { name: 'warm', title: 'T, warm median' },
    ],
    rows: points.map((summary, i): BarRow => {
      const estimates = [summary.cold.timeToResult, summary.cold.turnaround, summary.cold.edited, summary.turnaround];
      return {
        label: labels[i] ?? '',
        values: estimates.map((estimated) => valueOrNull(medianOf(estimated))),
        notes: estimates.map(estimateNote),
        n: `${plural(summary.cold.records.length, 'cold trial')}, ${plural(summary.trials, 'warm trial')}, ${plural(summary.sessions, 'session')}`,
      };
    }),
  };
}

function partNote(part: Quantity, { share, interval }: Share): string {
  if (!isKnown(part)) return `${ABSENT} ${part.missing}`;
  const words = [
    formatSi(part, 'core-s'),
    ...(isKnown(share) ? [formatPercent(share)] : []),
    ...(interval ? [intervalText(interval, 'percent')] : []),
  ];
  return words.join(', ');
}

/** Where the core-seconds of each point went: mean over its warm trials. */
export function budgetView(summaries: readonly PointSummary[]): BudgetView {
  const points = scalingPoints(summaries).filter(({ trials }) => trials > 0);
  const labels = pointLabels(points);
  const budgets = points.map((summary) => pointBudget(summary, summaries));
  const shown = BUDGET_PARTS.filter(
    ({ name }) =>
      (name !== 'taskCpu' || budgets.some(({ parts }) => isKnown(parts.taskCpu))) &&
      budgets.some(({ parts }) => parts[name] !== UNMETERED),
  );
  const remarks = new Set<string>();
  for (const [i, { parts, shares, deflation }] of budgets.entries()) {
    const label = labels[i] ?? '';
    if (deflation)
      remarks.add(
        `${label}: deflation (${partNote(parts.inflation, shares.inflation)}): the tasks used less CPU per event than the serial median; drawn below zero`,
      );
    if (!isKnown(parts.useful)) remarks.add(`${label}: task CPU is not split, ${parts.useful.missing}`);
  }
  return {
    series: shown.map(({ name, title }) => ({ name, title })),
    rows: budgets.map(({ parts, shares }, i) => ({
      label: labels[i] ?? '',
      values: shown.map(({ name }) => valueOrNull(parts[name])),
      notes: shown.map(({ name }) => partNote(parts[name], shares[name])),
      n: nText(points[i] ?? { trials: 0, sessions: 0 }),
    })),
    totals: budgets.map(({ coreSeconds }) => valueOrNull(coreSeconds)),
    remarks: [...remarks],
  };
}
