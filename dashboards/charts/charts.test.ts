import { expect, test } from 'vitest';

import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { summarise } from '../../core/stats/summarise.ts';
import { budgetView, coldWarmView } from '../view/bars.ts';
import { histogramViews } from '../view/histograms.ts';
import { metricOverWorkers, ratioOverWorkers } from '../view/scaling.ts';
import { rateOverDataSize, rateOverFileSize } from '../view/sizes.ts';
import { trialViews } from '../view/trials.ts';
import { coldWarmChart } from './cold-warm.ts';
import { coresOverTimeChart } from './cores-over-time.ts';
import { curveChart } from './curve-chart.ts';
import { histogramChart } from './histogram.ts';
import { lossBudgetChart, lossShareChart } from './loss-budget.ts';
import { readRateOverTimeChart } from './read-rate-over-time.ts';
import { taskTimelineChart } from './task-timeline.ts';
import { curveStyle, DARK, LIGHT } from './theme.ts';

const oversubscribed = [{ code: 'oversubscribed', message: '4 workers on 2 cores' }];

function rates(workers: number, rate: number) {
  return [1, 2, 3].map((session) =>
    aRecord({
      session,
      T: 1e6 / rate,
      metrics: { event_rate: rate + session },
      point: { workers },
      flags: workers > 2 ? oversubscribed : [],
    }),
  );
}

const summaries = summarise(anExperiment([...rates(1, 100), ...rates(2, 190), ...rates(4, 200)]));

test('every trial is a point beside its median, and oversubscribed medians are hollow', () => {
  const view = metricOverWorkers(summaries, 'event_rate', 'rate', 'events/s');
  const [medians, trials] = curveChart(view, LIGHT).data.datasets;
  expect(medians?.data.map(({ x, y }) => [x, y])).toEqual([
    [1, 102],
    [2, 192],
    [4, 202],
  ]);
  expect(medians?.data[0]?.note).toContain('n = 3 trials in 3 sessions');
  expect(medians?.pointBackgroundColor).toEqual(['#d55e00', '#d55e00', LIGHT.page]);
  expect(trials?.data).toHaveLength(9);
  expect(view.oversubscribed).toEqual([4]);
});

test('the axis shows the whole of an interval, and of a very wide one half as much again as the points', () => {
  const reachOf = (spread: number): number => {
    const rows = [0, spread, 2 * spread].map((more, i) =>
      aRecord({ session: i + 1, metrics: { event_rate: 100 + more }, point: { workers: 1 } }),
    );
    const view = metricOverWorkers(summarise(anExperiment(rows)), 'event_rate', 'rate', 'events/s');
    const y = curveChart(view, LIGHT).options?.scales?.['y'];
    expect(view.curves[0]?.middles[0]?.hi).toBeGreaterThan(100 + 2 * spread);
    return y?.type === 'linear' ? Number(y.suggestedMax) / (100 + 2 * spread) : Number.NaN;
  };
  expect(reachOf(5)).toBeGreaterThan(1);
  expect(reachOf(5)).toBeLessThan(1.5);
  expect(reachOf(100)).toBe(1.5);
});

test('the speed-up has its ideal line, straight on two logarithmic axes', () => {
  const chart = curveChart(ratioOverWorkers(summaries, 'speedUp', 'one worker'), DARK);
  expect(chart.data.datasets.at(-1)?.data.map(({ x, y }) => [x, y])).toEqual([
    [1, 1],
    [2, 2],
    [4, 4],
  ]);
  expect([chart.options?.scales?.['x']?.type, chart.options?.scales?.['y']?.type]).toEqual([
    'logarithmic',
    'logarithmic',
  ]);
});

test('a missing number is no point of a chart but a row with its reason', () => {
  const lost = summarise(anExperiment([aRecord({ metrics: { event_rate: { missing: 'not counted' } } })]));
  const view = metricOverWorkers(lost, 'event_rate', 'rate', 'events/s');
  expect(curveChart(view, LIGHT).data.datasets).toEqual([]);
  expect(view.rows).toMatchObject([{ median: '—', absent: 'not counted' }]);
  const bars = coldWarmChart(coldWarmView(lost), LIGHT);
  expect(bars.data.datasets.map(({ data }) => data)).toEqual([[null], [null], [null], [10]]);
});

test('the parts of the budget are stacked and add up to core-seconds or to 100 %', () => {
  const serial = aRecord({ point: { runner: 'serial', startMethod: 'none' }, metrics: { cpu_seconds_per_mevent: 5 } });
  const view = budgetView(summarise(anExperiment([serial, aRecord()])));
  const sum = (chart: ReturnType<typeof lossBudgetChart>, row: number) =>
    chart.data.datasets.reduce((total, { data }) => total + (data[row] ?? 0), 0);
  expect(sum(lossBudgetChart(view, LIGHT), 1)).toBeCloseTo(10);
  expect(sum(lossShareChart(view, LIGHT), 1)).toBeCloseTo(1);
  expect(view.series.map(({ name }) => name)).not.toContain('taskCpu');
});

test('sizes are drawn only where they vary, file size only at constant events', () => {
  expect(rateOverDataSize(summaries)).toBeNull();
  expect(rateOverFileSize(summaries)).toBeNull();
  const of = (files: number, fileBytes: number, eventsPlanned: number) =>
    aRecord({ metrics: { event_rate: 1 }, point: { files, fileBytes }, counts: { eventsPlanned } });
  const both = summarise(anExperiment([of(4, 1e8, 4e6), of(8, 1e8, 8e6), of(8, 5e7, 4.1e6)]));
  expect(rateOverDataSize(both)?.curves.map(({ middles }) => middles.map(({ x }) => x))).toEqual([[4e8, 8e8]]);
  expect(rateOverFileSize(both)?.curves.map(({ middles }) => middles.map(({ x }) => x))).toEqual([[5e7, 1e8]]);
});

test('the inside of a trial shows each worker, and a sum only where every worker has a sample', () => {
  const sample = (t: number, target: string, cpuCores: number) => ({
    t,
    target,
    cpuCores,
    readBytesPerSecond: { missing: 'no hook' },
    rssBytes: 1,
  });
  const task = { key: 'k', kind: 'process', status: 'ok', start: 0.5, stop: 2 } as const;
  const record = aRecord({
    tasks: [
      { ...task, worker: 'w1' },
      { ...task, worker: 'w10' },
      { ...task, worker: 'w2', kind: 'merge' },
    ],
    series: [sample(0.5, 'w1', 1), sample(0.6, 'w2', 0.5), sample(0.7, 'w10', 0.25), sample(1.5, 'w1', 1)],
  });
  const [trial] = trialViews(summarise(anExperiment([record])));
  if (!trial) throw new Error('no trial');
  expect(trial.workers).toEqual(['w1', 'w2', 'w10']);
  expect(coresOverTimeChart(trial, LIGHT).data.datasets[0]?.data).toEqual([
    { x: 0.5, y: 1.75 },
    { x: 1.5, y: null },
  ]);
  expect(trial.readRateAbsent).toBe('no hook');
  expect(readRateOverTimeChart(trial, LIGHT).data.datasets[0]?.data).toEqual([]);
  expect(taskTimelineChart(trial, LIGHT).data.datasets.map(({ data }) => data.length)).toEqual([2, 1, 0]);
});

test('a histogram is drawn from lower to upper edge without its overflow, and backends are compared', () => {
  const histogram = { name: 'h', title: 'x', bins: 2, lo: 0, hi: 4, values: [9, 1, 2, 9], sumw2: [] };
  const other = { ...histogram, values: [9, 1, 5, 9] };
  const [view] = histogramViews(
    anExperiment([
      aRecord({ histograms: [histogram] }),
      aRecord({ point: { backend: 'rdataframe' }, histograms: [other] }),
      aRecord({ state: 'invalid', histograms: [other] }),
    ]),
  );
  if (!view) throw new Error('no histogram');
  expect(histogramChart(view, LIGHT).data.datasets[0]?.data).toEqual([
    { x: 0, y: 1 },
    { x: 2, y: 2 },
    { x: 4, y: 2 },
  ]);
  expect(view.note).toContain('largest difference 3.00 in bin 2 of 2');
});

test('backends differ in colour, marker and dash', () => {
  const styles = ['rdataframe', 'coffea', 'dask'].map((backend) => curveStyle(LIGHT, backend, 0));
  for (const key of ['colour', 'marker', 'dash'] as const)
    expect(new Set(styles.map((style) => String(style[key]))).size).toBe(3);
});
