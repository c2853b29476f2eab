import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Efficiency against workers with the ideal of 100 %. */
export function efficiencyChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme, { label: 'ideal, 100 %', at: () => 1, steps: false });
}
