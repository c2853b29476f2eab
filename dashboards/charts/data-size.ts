import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Event rate against data size at constant file size. */
export function dataSizeChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme);
}
