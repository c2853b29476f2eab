import type { ChartConfiguration } from 'chart.js';

import { formatMoment } from '../format.ts';
import type { TaskKind, TrialView } from '../view/types.ts';
import { FONT, legend, linearAxis, tooltip } from './axes.ts';
import { paintedSpans } from './spans.ts';
import type { Theme } from './theme.ts';

interface Span {
  readonly x: [number, number];
  readonly y: string;
}

export type TimelineChart = ChartConfiguration<'bar', Span[]>;

const KINDS = [
  ['process', 'event processing', 'sky'],
  ['merge', 'merging', 'vermillion'],
  ['other', 'other', 'grey'],
] as const satisfies readonly (readonly [TaskKind, string, string])[];

/** When which worker ran which kind of task, in seconds after the trigger. */
export function taskTimelineChart(trial: TrialView, theme: Theme): TimelineChart {
  return {
    type: 'bar',
    data: {
      labels: [...trial.workers],
      datasets: KINDS.map(([kind, label, colour]) => ({
        label,
        data: trial.tasks
          .filter((task) => task[1] === kind)
          .map(([worker, , start, stop]) => ({ x: [start, stop], y: trial.workers[worker] ?? '' })),
        backgroundColor: theme.palette[colour],
        grouped: false,
        minBarLength: 2,
        barPercentage: 0.9,
        categoryPercentage: 0.95,
      })),
    },
    plugins: [paintedSpans],
    options: {
      animation: false,
      indexAxis: 'y',
      maintainAspectRatio: false,
      scales: {
        x: linearAxis(theme, 'time after the trigger (s)', 's'),
        y: { border: { color: theme.grid }, grid: { display: false }, ticks: { color: theme.ink, font: FONT } },
      },
      plugins: {
        legend: { ...legend(theme), labels: { ...legend(theme).labels, pointStyle: 'rect', pointStyleWidth: 12 } },
        tooltip: {
          ...tooltip(theme),
          callbacks: { label: ({ dataset, raw }) => `${dataset.label ?? ''}: ${spanText(raw)}` },
        },
      },
    },
  };
}

function spanText(raw: unknown): string {
  if (typeof raw !== 'object' || raw === null || !('x' in raw) || !Array.isArray(raw.x)) return '';
  const [start, stop] = raw.x.map(Number);
  return start === undefined || stop === undefined ? '' : `${formatMoment(start)} to ${formatMoment(stop)}`;
}
