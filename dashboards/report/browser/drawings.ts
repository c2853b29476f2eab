import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  type ChartType,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js';

import { coldWarmChart } from '../../charts/cold-warm.ts';
import { coresOverTimeChart } from '../../charts/cores-over-time.ts';
import { curveChart } from '../../charts/curve-chart.ts';
import { histogramChart } from '../../charts/histogram.ts';
import { lossBudgetChart, lossShareChart } from '../../charts/loss-budget.ts';
import { readRateOverTimeChart } from '../../charts/read-rate-over-time.ts';
import { taskTimelineChart } from '../../charts/task-timeline.ts';
import type { Theme } from '../../charts/theme.ts';
import { watchedChart } from '../../charts/watched.ts';
import type { ChartsView } from '../report-view.ts';
import { makeRoom } from './legend-room.ts';

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
);

/** A chart on the page. */
export interface Drawn {
  readonly destroy: () => void;
}

/** How to draw a chart and, where the number of rows decides, its height in pixels. */
export interface Drawing {
  readonly draw: (canvas: HTMLCanvasElement) => Drawn;
  readonly height: number | undefined;
}

function drawing<T extends ChartType, D>(configuration: ChartConfiguration<T, D>, height?: number): Drawing {
  return {
    height,
    draw: (canvas) => {
      const chart = new Chart(canvas, configuration);
      makeRoom(chart);
      return { destroy: () => chart.destroy() };
    },
  };
}

const WATCHED = 'watched-';
const BAR_ROOM = 120;
const MAX_HEIGHT = 4000;

function rowsHeight(rows: number, each: number): number {
  return Math.min(MAX_HEIGHT, BAR_ROOM + rows * each);
}

/** Finds the drawing of a chart by the name in the page; undefined where there is nothing to draw. */
export function drawings(view: ChartsView, trialIndex: number, theme: Theme): (name: string) => Drawing | undefined {
  const trial = view.trials[trialIndex];
  const simple: { readonly [name: string]: () => Drawing | undefined } = {
    coldWarm: () => drawing(coldWarmChart(view.coldWarm, theme), rowsHeight(view.coldWarm.rows.length, 30)),
    budget: () => drawing(lossBudgetChart(view.budget, theme), rowsHeight(view.budget.rows.length, 24)),
    share: () => drawing(lossShareChart(view.budget, theme), rowsHeight(view.budget.rows.length, 24)),
    cores: () => trial && drawing(coresOverTimeChart(trial, theme)),
    readRate: () => trial && drawing(readRateOverTimeChart(trial, theme)),
    timeline: () => trial && drawing(taskTimelineChart(trial, theme), rowsHeight(trial.workers.length, 18)),
  };
  const watchedOf = (name: string): Drawing | undefined => {
    const [chart, shown] = [view.watched.find((one) => one.name === name), trial?.watched[name]];
    return chart && shown && shown.absent === null ? drawing(watchedChart(chart, shown, theme)) : undefined;
  };
  return (name) => {
    if (name.startsWith(WATCHED)) return watchedOf(name.slice(WATCHED.length));
    const histogram = /^histogram-(\d+)$/.exec(name)?.[1];
    const curves = view.curves[name];
    if (curves) return drawing(curveChart(curves, theme));
    if (histogram === undefined) return simple[name]?.();
    const found = view.histograms[Number(histogram)];
    return found && drawing(histogramChart(found, theme));
  };
}
