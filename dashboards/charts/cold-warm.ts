import type { BarView } from '../view/types.ts';
import { type BarChart, barChart } from './bar-chart.ts';
import type { Theme } from './theme.ts';

/** Time to the first histogram, first trial, after an edited cut and warm median side by side. */
export function coldWarmChart(view: BarView, theme: Theme): BarChart {
  const { dark, sky, purple, orange } = theme.palette;
  const colours = new Map([
    ['first', dark],
    ['cold', sky],
    ['edited', purple],
    ['warm', orange],
  ]);
  return barChart(view, theme, {
    title: 'time (s; windows: time to result, T)',
    unit: 's',
    stacked: false,
    colour: (series) => colours.get(series) ?? dark,
    value: (row, series) => view.rows[row]?.values[series] ?? null,
  });
}
