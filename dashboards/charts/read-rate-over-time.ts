import type { TrialView } from '../view/types.ts';
import type { LineChart } from './curve-chart.ts';
import { overTimeChart } from './over-time.ts';
import type { Theme } from './theme.ts';

/** Bytes read per second against time of one trial. */
export function readRateOverTimeChart(trial: TrialView, theme: Theme): LineChart {
  return overTimeChart(trial, trial.readRate, theme, 'read rate (bytes per second, 1 s means)', 'B/s');
}
