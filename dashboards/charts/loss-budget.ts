import type { BudgetView } from '../view/types.ts';
import { type BarChart, barChart } from './bar-chart.ts';
import { partColour, type Theme } from './theme.ts';

/** Core-seconds of each point by what they were spent on. */
export function lossBudgetChart(view: BudgetView, theme: Theme): BarChart {
  return barChart(view, theme, {
    title: 'core-seconds (workers × T)',
    unit: 'core-s',
    stacked: true,
    colour: (part) => partColour(theme, part),
    value: (row, part) => view.rows[row]?.values[part] ?? null,
  });
}

/** The same in per cent of the core-seconds. */
export function lossShareChart(view: BudgetView, theme: Theme): BarChart {
  return barChart(view, theme, {
    title: 'share of the core-seconds (of workers × T)',
    unit: 'percent',
    stacked: true,
    colour: (part) => partColour(theme, part),
    value: (row, part) => {
      const [value, total] = [view.rows[row]?.values[part] ?? null, view.totals[row] ?? null];
      return value === null || total === null || total === 0 ? null : value / total;
    },
  });
}
