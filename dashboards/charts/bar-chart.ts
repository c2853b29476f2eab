import type { Chart, ChartConfiguration, ChartDataset, Plugin } from 'chart.js';

import type { BarView } from '../view/types.ts';
import { FONT, legend, linearAxis, tooltip } from './axes.ts';
import type { Theme } from './theme.ts';
import { ABSENT, type Unit } from '../format.ts';

export type BarChart = ChartConfiguration<'bar', (number | null)[]>;

export interface BarLook {
  readonly title: string;
  readonly unit: Unit;
  readonly stacked: boolean;
  readonly colour: (series: string) => string;
  /** The values as drawn, parallel to those of the view. */
  readonly value: (row: number, series: number) => number | null;
}

function bars(view: BarView, theme: Theme, look: BarLook): ChartDataset<'bar', (number | null)[]>[] {
  return view.series.map(({ name, title }, i) => {
    const colour = look.colour(name);
    const hollow = colour === theme.page;
    return {
      label: title,
      data: view.rows.map((_row, k) => look.value(k, i)),
      backgroundColor: colour,
      borderColor: hollow ? theme.muted : theme.page,
      borderWidth: hollow ? 1 : look.stacked ? 0.5 : 0,
      barPercentage: look.stacked ? 0.86 : 0.92,
      categoryPercentage: look.stacked ? 0.95 : 0.8,
    };
  });
}

/** Bounds that are no round numbers: a part a little below zero must not cost a whole step of the axis. */
function bounded(axis: ReturnType<typeof linearAxis>, view: BarView, look: BarLook) {
  if (!look.stacked) return axis;
  const rows = view.rows.map((_row, k) => view.series.map((_series, i) => look.value(k, i) ?? 0));
  const sum = (values: readonly number[], sign: 1 | -1): number =>
    values.reduce((total, value) => (Math.sign(value) === sign ? total + value : total), 0);
  const min = Math.min(0, ...rows.map((values) => sum(values, -1)));
  const max = Math.max(...rows.map((values) => sum(values, 1)));
  return { ...axis, stacked: true, min, max: max * 1.01, ticks: { ...axis.ticks, includeBounds: false } };
}

/** Writes a dash where a bar is missing, so that nobody reads it as zero. */
function dashes(theme: Theme): Plugin<'bar'> {
  return {
    id: 'dashes',
    afterDatasetsDraw(chart: Chart<'bar', (number | null)[]>): void {
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.fillStyle = theme.muted;
      ctx.font = `11px ${FONT.family}`;
      ctx.textBaseline = 'middle';
      for (const [i, { data }] of chart.data.datasets.entries()) {
        if (!chart.isDatasetVisible(i)) continue;
        for (const [k, bar] of chart.getDatasetMeta(i).data.entries()) {
          if (data[k] === null) ctx.fillText(ABSENT, chartArea.left + 3, bar.y);
        }
      }
      ctx.restore();
    },
  };
}

/** Horizontal bars with one row per point; the tooltip says every value of a row and n. */
export function barChart(view: BarView, theme: Theme, look: BarLook): BarChart {
  return {
    type: 'bar',
    data: { labels: view.rows.map(({ label }) => label), datasets: bars(view, theme, look) },
    options: {
      animation: false,
      indexAxis: 'y',
      maintainAspectRatio: false,
      scales: {
        x: bounded(linearAxis(theme, look.title, look.unit), view, look),
        y: {
          stacked: look.stacked,
          border: { color: theme.grid },
          grid: { display: false },
          ticks: { color: theme.ink, font: FONT, autoSkip: false },
        },
      },
      interaction: { mode: 'index', axis: 'y', intersect: false },
      plugins: {
        legend: { ...legend(theme), labels: { ...legend(theme).labels, pointStyle: 'rect', pointStyleWidth: 12 } },
        tooltip: {
          ...tooltip(theme),
          callbacks: {
            label: ({ dataset, dataIndex, datasetIndex }) =>
              `${dataset.label ?? ''}: ${view.rows[dataIndex]?.notes[datasetIndex] ?? ''}`,
            footer: ([item]) => (item ? (view.rows[item.dataIndex]?.n ?? '') : ''),
          },
        },
      },
    },
    plugins: look.stacked ? [] : [dashes(theme)],
  };
}
