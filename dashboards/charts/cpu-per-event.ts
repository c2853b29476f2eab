import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** CPU-seconds per million events against workers. */
export function cpuPerEventChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme);
}
