import type { CurveView } from '../view/types.ts';
import { curveChart, type LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

/** Event rate against file size at constant events. */
export function fileSizeChart(view: CurveView, theme: Theme): LineChart {
  return curveChart(view, theme);
}
