import type { Chart } from 'chart.js';

/** What two lines of a legend take of the height of a chart, in pixels. */
const USUAL = 52;
/** A frame in which no legend is cut: Chart.js gives a legend half of it, and draws the rest over the chart. */
const AMPLE = 6000;

/** Makes the frame of a chart higher by what a legend of many curves takes, so that the chart itself keeps its size. */
export function makeRoom(chart: Pick<Chart, 'canvas' | 'legend' | 'height' | 'resize'>): void {
  const frame = chart.canvas.parentElement;
  const usual = chart.height;
  if (!frame || (chart.legend?.height ?? 0) <= USUAL) return;
  frame.style.height = `${AMPLE}px`;
  chart.resize();
  frame.style.height = `${usual + (chart.legend?.height ?? 0) - USUAL}px`;
  chart.resize();
}
