import type { ChartDataset } from 'chart.js';

import { formatIn, formatMoment, type Unit } from '../format.ts';
import type { TimeRow, TrialView } from '../view/types.ts';
import { legend, linearAxis, tooltip, UNLISTED } from './axes.ts';
import type { LineChart } from './curve-chart.ts';
import type { Plotted } from './marks.ts';
import { faded, type Theme } from './theme.ts';

/** All workers together as a bold line and each of them as a faint one, against seconds after the trigger. */
export function overTimeChart(
  trial: TrialView,
  rows: readonly TimeRow[],
  theme: Theme,
  title: string,
  unit: Unit,
): LineChart {
  const colour = theme.palette.blue;
  const line = (
    label: string,
    pick: (row: TimeRow) => number | null,
    bold: boolean,
  ): ChartDataset<'line', Plotted[]> => ({
    label,
    data: rows.map((row) => ({ x: row.t, y: pick(row) })),
    borderColor: bold ? colour : faded(theme.palette.dark, 0.55),
    backgroundColor: bold ? colour : faded(theme.palette.dark, 0.55),
    borderWidth: bold ? 2.5 : 1,
    pointRadius: bold ? 1.5 : 0,
    pointStyle: 'line',
  });
  const workers = trial.workers.map((name, i) =>
    line(i === 0 ? 'each worker' : name + UNLISTED, (row) => row.workers[i] ?? null, false),
  );
  const x = linearAxis(theme, 'time after the trigger (s)', 's');
  return {
    type: 'line',
    data: { datasets: [line('all workers', ({ total }) => total, true), ...workers] },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: { x, y: linearAxis(theme, title, unit) },
      interaction: { mode: 'nearest', intersect: false },
      plugins: {
        legend: { ...legend(theme), onClick: () => undefined },
        tooltip: {
          ...tooltip(theme),
          callbacks: {
            title: ([item]) => (item ? `${formatMoment(item.parsed.x ?? 0)} after the trigger` : ''),
            label: ({ datasetIndex, parsed }) =>
              `${datasetIndex === 0 ? 'all workers' : (trial.workers[datasetIndex - 1] ?? '')}: ${formatIn(parsed.y ?? 0, unit)}`,
          },
        },
      },
    },
  };
}
