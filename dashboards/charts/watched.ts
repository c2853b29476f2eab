import type { WatchedChart, WatchedView } from '../view/types.ts';
import { formatIn, formatMoment } from '../format.ts';
import { legend, linearAxis, tooltip } from './axes.ts';
import type { LineChart } from './curve-chart.ts';
import type { Theme } from './theme.ts';

const COLOURS = ['blue', 'vermillion', 'green', 'orange', 'purple', 'sky', 'dark'] as const;
const DASHES = [[], [6, 3], [2, 3]] as const;

/** What collectors saw of the surroundings of a trial, against seconds after the trigger; what is missing is a gap of its line. */
export function watchedChart(chart: WatchedChart, { groups, n }: WatchedView, theme: Theme): LineChart {
  const curves = groups.flatMap(({ t, curves: of }) => of.map((curve) => ({ ...curve, t })));
  return {
    type: 'line',
    data: {
      datasets: curves.map(({ label, t, values }, i) => {
        const colour = theme.palette[COLOURS[i % COLOURS.length] ?? 'blue'];
        return {
          label,
          data: t.map((x, at) => ({ x, y: values[at] ?? null })),
          borderColor: colour,
          backgroundColor: colour,
          borderDash: [...(DASHES[Math.floor(i / COLOURS.length) % DASHES.length] ?? [])],
          borderWidth: 1.5,
          // A short trial has a single point, of which no line can be seen.
          pointRadius: t.length < 30 ? 2 : 0,
          pointStyle: 'line',
        };
      }),
    },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: {
        x: linearAxis(theme, `time after the trigger (s); ${n}`, 's'),
        y: linearAxis(theme, chart.axis, chart.unit),
      },
      interaction: { mode: 'nearest', intersect: false },
      plugins: {
        legend: legend(theme),
        tooltip: {
          ...tooltip(theme),
          callbacks: {
            title: ([item]) => (item ? `${formatMoment(item.parsed.x ?? 0)} after the trigger` : ''),
            label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${formatIn(parsed.y ?? 0, chart.unit)}`,
          },
        },
      },
    },
  };
}
