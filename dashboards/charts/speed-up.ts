import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Speed-up against workers with the ideal S = n. */
export function speedUpChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme, { label: 'ideal, S = n', at: (n) => n, steps: true });
}
