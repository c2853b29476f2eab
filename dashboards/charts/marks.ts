// What Chart.js cannot draw by itself: whiskers, and the wash behind oversubscribed points.
import type { Chart, Plugin } from 'chart.js';

import { FONT } from './axes.ts';
import type { Theme } from './theme.ts';

const CAP = 4;

/** A point of a line with what its tooltip says; medians carry their interval. */
export interface Plotted {
  readonly x: number;
  readonly y: number | null;
  readonly note?: string;
  readonly lo?: number;
  readonly hi?: number;
}

type Scale = { getPixelForValue: (value: number) => number; readonly top: number; readonly bottom: number };

/** An end beyond the axis has no cap: the line is seen to go on. */
function whisker(context: CanvasRenderingContext2D, x: number, y: Scale, lo: number, hi: number): void {
  const ends = [lo, hi].map((value) => y.getPixelForValue(value));
  const [bottom = y.bottom, top = y.top] = ends.map((end) => Math.min(Math.max(end, y.top), y.bottom));
  context.beginPath();
  context.moveTo(x, bottom);
  context.lineTo(x, top);
  for (const end of ends.filter((pixel) => pixel === bottom || pixel === top)) {
    context.moveTo(x - CAP, end);
    context.lineTo(x + CAP, end);
  }
  context.stroke();
}

/** Draws the interval of each median as a vertical line with caps. */
export const whiskers: Plugin<'line'> = {
  id: 'whiskers',
  afterDatasetsDraw(chart: Chart<'line', Plotted[]>): void {
    const { ctx, scales } = chart;
    const y = scales['y'];
    if (!y) return;
    for (const [i, dataset] of chart.data.datasets.entries()) {
      if (!chart.isDatasetVisible(i)) continue;
      ctx.save();
      ctx.strokeStyle = typeof dataset.borderColor === 'string' ? dataset.borderColor : '#888888';
      ctx.lineWidth = 1.5;
      for (const [k, element] of chart.getDatasetMeta(i).data.entries()) {
        const { lo, hi } = dataset.data[k] ?? {};
        if (lo !== undefined && hi !== undefined) whisker(ctx, element.x, y, lo, hi);
      }
      ctx.restore();
    }
  },
};

/** Merges neighbouring positions into ranges, each reaching half a step to both sides. */
function ranges(marked: readonly number[], all: readonly number[]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [i, x] of all.entries()) {
    if (!marked.includes(x)) continue;
    const [before, after] = [all[i - 1], all[i + 1]];
    const from = before === undefined ? 0 : Math.sqrt(before * x);
    const to = after === undefined ? Number.MAX_VALUE : Math.sqrt(after * x);
    const last = merged.at(-1);
    if (last && last[1] === from) last[1] = to;
    else merged.push([from, to]);
  }
  return merged;
}

/** A wash and the word `oversubscribed` behind the positions in `marked`; `all` are the positions of the axis, ascending. */
export function oversubscribedBands(theme: Theme, marked: readonly number[], all: readonly number[]): Plugin<'line'> {
  const bands = ranges(marked, all);
  return {
    id: 'oversubscribed',
    beforeDatasetsDraw({ ctx, scales, chartArea }: Chart<'line', Plotted[]>): void {
      const x = scales['x'];
      if (!x) return;
      ctx.save();
      for (const [from, to] of bands) {
        const left = from <= x.min ? chartArea.left : x.getPixelForValue(from);
        const right = to >= x.max ? chartArea.right : x.getPixelForValue(to);
        ctx.fillStyle = theme.band;
        ctx.fillRect(left, chartArea.top, right - left, chartArea.bottom - chartArea.top);
        ctx.fillStyle = theme.muted;
        ctx.font = `italic 11px ${FONT.family}`;
        ctx.textAlign = 'center';
        ctx.fillText('oversubscribed', (left + right) / 2, chartArea.bottom - 8, right - left);
      }
      ctx.restore();
    },
  };
}
