import type { ChartConfiguration, ChartDataset, LegendElement, LegendItem } from 'chart.js';

import { formatTick } from '../format.ts';
import type { AxisTick, Curve, CurveView } from '../view/types.ts';
import { legend, linearAxis, stepAxis, tooltip, UNLISTED } from './axes.ts';
import { oversubscribedBands, type Plotted, whiskers } from './marks.ts';
import { curveStyle, faded, type Theme } from './theme.ts';

export type LineChart = ChartConfiguration<'line', Plotted[]>;
type LineDataset = ChartDataset<'line', Plotted[]>;

function medians(theme: Theme, { label, backend, variant, middles }: Curve): LineDataset {
  const { colour, marker, dash } = curveStyle(theme, backend, variant);
  return {
    label,
    data: middles.map(({ hollow: _hollow, ...middle }) => middle),
    borderColor: colour,
    backgroundColor: colour,
    pointBackgroundColor: middles.map(({ hollow }) => (hollow ? theme.page : colour)),
    pointBorderColor: colour,
    pointBorderWidth: 1.5,
    pointRadius: 4.5,
    pointHoverRadius: 6,
    pointStyle: marker,
    borderDash: [...dash],
    borderWidth: 2,
    // What leads to an oversubscribed point is no part of the scaling.
    segment: { borderColor: ({ p1DataIndex }) => (middles[p1DataIndex]?.hollow ? faded(colour, 0.45) : colour) },
  };
}

/** Trials stand beside their median, curves on alternate sides, so that they are seen: factors of x. */
function shifted(x: number, curve: number, i: number): number {
  const distance = 0.06 + 0.012 * (i % 6);
  return x * 2 ** (curve % 2 === 0 ? distance : -distance);
}

function trials(theme: Theme, { label, backend, variant, dots }: Curve, curve: number): LineDataset {
  const { colour, marker } = curveStyle(theme, backend, variant);
  return {
    label: label + UNLISTED,
    data: dots.map(({ x, y, note }, i) => ({ x: shifted(x, curve, i), y, note })),
    showLine: false,
    borderColor: colour,
    pointBackgroundColor: dots.map(({ hollow }) => (hollow ? 'transparent' : faded(colour, 0.35))),
    pointBorderColor: faded(colour, 0.6),
    pointBorderWidth: 1,
    pointRadius: 2.5,
    pointHoverRadius: 4,
    pointStyle: marker,
  };
}

/** A dotted line that says what could be had at best. */
interface Ideal {
  readonly label: string;
  readonly at: (x: number) => number;
  /** Draws y on a logarithmic axis, too, where a proportional ideal is straight. */
  readonly steps: boolean;
}

const IDEALS: { readonly [name in NonNullable<CurveView['ideal']>]: Ideal } = {
  workers: { label: 'ideal, S = n', at: (n) => n, steps: true },
  all: { label: 'ideal, 100 %', at: () => 1, steps: false },
};

/** Room for intervals, but not so much that one of them dwarfs the points. */
const MOST_BEYOND = 1.5;

/** The y of every trial, and of the ends of the intervals as far as the axis is to show them. */
function drawnIn({ curves }: CurveView): number[] {
  const points = curves.flatMap(({ dots }) => dots.map(({ y }) => y));
  const [least, most] = [Math.min(...points) / MOST_BEYOND, Math.max(...points) * MOST_BEYOND];
  const ends = curves.flatMap(({ middles }) => middles.flatMap(({ y, lo = y, hi = y }) => [lo, hi]));
  return [...points, ...ends.map((end) => Math.min(Math.max(end, least), most))];
}

/** Powers of two from the smallest y to the largest or the ideal, whichever is more. */
function stepTicks(view: CurveView, { at }: Ideal): AxisTick[] {
  const all = [...drawnIn(view), ...view.ticks.map(({ value }) => at(value))].filter((y) => y > 0);
  const [first, last] = [Math.floor(Math.log2(Math.min(...all) * 1.05)), Math.ceil(Math.log2(Math.max(...all) / 1.05))];
  return Array.from({ length: last - first + 1 }, (_, i) => ({
    value: 2 ** (first + i),
    label: formatTick(2 ** (first + i)),
  }));
}

function idealLine(theme: Theme, view: CurveView, { label, at }: Ideal): LineDataset {
  const xs = view.ticks.map(({ value }) => value);
  return {
    label,
    data: xs.map((x) => ({ x, y: at(x) })),
    borderColor: theme.muted,
    backgroundColor: theme.muted,
    borderDash: [2, 3],
    borderWidth: 1.5,
    pointRadius: 0,
    pointHitRadius: 0,
    pointStyle: 'line',
  };
}

/** A click on a curve hides its trials, too. */
function toggle(_event: unknown, item: LegendItem, { chart }: LegendElement<'line'>): void {
  const visible = chart.isDatasetVisible(item.datasetIndex ?? 0);
  for (const [i, { label }] of chart.data.datasets.entries()) {
    if (label === item.text || label === item.text + UNLISTED) chart.setDatasetVisibility(i, !visible);
  }
  chart.update();
}

/** Every trial a point, a line through the medians with their intervals, and the ideal; oversubscribed points are hollow. */
export function curveChart(view: CurveView, theme: Theme): LineChart {
  const ideal = view.ideal && IDEALS[view.ideal];
  const y = ideal?.steps
    ? stepAxis(theme, view.yTitle, stepTicks(view, ideal))
    : linearAxis(theme, view.yTitle, view.unit, Math.max(0, ...drawnIn(view)));
  const curves = view.curves.flatMap((curve, i) => [medians(theme, curve), trials(theme, curve, i)]);
  return {
    type: 'line',
    data: { datasets: ideal ? [...curves, idealLine(theme, view, ideal)] : curves },
    options: {
      animation: false,
      parsing: false,
      maintainAspectRatio: false,
      scales: { x: stepAxis(theme, view.xTitle, view.ticks), y },
      interaction: { mode: 'nearest', intersect: true },
      plugins: {
        legend: { ...legend(theme), onClick: toggle },
        tooltip: {
          ...tooltip(theme),
          callbacks: {
            title: ([item]) =>
              item ? `${item.dataset.label?.replace(UNLISTED, '') ?? ''}, ${labelAt(view, item.parsed.x)}` : '',
            label: ({ raw }) => noteOf(raw).split('; '),
          },
        },
      },
    },
    plugins: [
      whiskers,
      oversubscribedBands(
        theme,
        view.oversubscribed,
        view.ticks.map(({ value }) => value),
      ),
    ],
  };
}

function labelAt(view: CurveView, x: number | null): string {
  const distance = ({ value }: AxisTick): number => Math.abs(Math.log(value / (x ?? 1)));
  const label = view.ticks.toSorted((a, b) => distance(a) - distance(b))[0]?.label ?? '';
  return view.xTitle === 'workers' && label !== 'serial' ? `${label} workers` : label;
}

/** The words that a plotted point carries. */
function noteOf(raw: unknown): string {
  return typeof raw === 'object' && raw !== null && 'note' in raw ? String(raw.note) : '';
}
