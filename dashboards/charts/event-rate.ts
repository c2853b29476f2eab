import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Events per second of T against workers. */
export function eventRateChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme);
}
