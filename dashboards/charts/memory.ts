import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Peak memory of a worker against workers. */
export function memoryChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme);
}
