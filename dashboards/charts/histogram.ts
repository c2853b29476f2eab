import { formatSi } from '../format.ts';
import type { HistogramView } from '../view/types.ts';
import { legend, linearAxis, tooltip } from './axes.ts';
import type { LineChart } from './curve-chart.ts';
import { curveStyle, type Theme } from './theme.ts';

/** A physics histogram as a step line per backend; underflow and overflow are in the table only. */
export function histogramChart({ xTitle, yTitle, lo, hi, curves }: HistogramView, theme: Theme): LineChart {
  const x = { ...linearAxis(theme, xTitle, 'ratio'), min: lo, max: hi };
  return {
    type: 'line',
    data: {
      datasets: curves.map(({ label, backend, values }, i) => {
        const bins = values.slice(1, -1);
        const width = (hi - lo) / bins.length;
        const { colour, dash } = curveStyle(theme, backend, 0);
        return {
          label,
          // A bin's content holds from its lower edge to its upper edge, where the last one needs a point of its own.
          data: [...bins, bins.at(-1) ?? 0].map((y, bin) => ({ x: lo + bin * width, y })),
          stepped: 'before',
          borderColor: colour,
          backgroundColor: colour,
          borderDash: i === 0 ? [] : [...dash],
          borderWidth: i === 0 ? 3 : 1.75,
          // The first one is drawn first, wide, so that an equal one is seen on top of it.
          order: curves.length - i,
          pointRadius: 0,
          pointHitRadius: 6,
          pointStyle: 'line',
        };
      }),
    },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: { x, y: linearAxis(theme, yTitle, 'ratio') },
      plugins: {
        legend: legend(theme),
        tooltip: {
          ...tooltip(theme),
          callbacks: {
            title: ([item]) => (item ? `from ${formatSi(item.parsed.x ?? 0)}` : ''),
            label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${parsed.y ?? 0}`,
          },
        },
      },
    },
  };
}
