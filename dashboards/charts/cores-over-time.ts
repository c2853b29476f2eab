import type { TrialView } from '../view/types.ts';
import type { LineChart } from './curve-chart.ts';
import { overTimeChart } from './over-time.ts';
import type { Theme } from './theme.ts';

/** CPU cores in use against time of one trial. */
export function coresOverTimeChart(trial: TrialView, theme: Theme): LineChart {
  return overTimeChart(trial, trial.cores, theme, 'CPU in use (cores, 1 s means)', 'cores');
}
