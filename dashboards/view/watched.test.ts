import { expect, test } from 'vitest';
import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { summarise } from '../../core/stats/summarise.ts';
import { LIGHT } from '../charts/theme.ts';
import { watchedChart } from '../charts/watched.ts';
import { trialViews } from './trials.ts';
import { watchedCharts, watchedViews } from './watched.ts';

const host = {
  collector: 'host',
  target: 'here',
  samples: 12,
  t: [-1, 0, 1],
  values: {
    host_load1: [9, 1, null],
    host_runnable_threads: [9, 2, 3],
    host_memory_pressure_ratio: [null, null, null],
  },
};

test('curves of a record are drawn from the trigger on; what is missing is a gap, and a curve of nothing is named', () => {
  const record = aRecord({ curves: [host] });
  const charts = watchedCharts([aRecord(), record]);
  expect(charts.map(({ name }) => name)).toEqual(['foreign', 'pressure', 'load']);
  const [trial] = trialViews(summarise(anExperiment([record])));
  const chart = charts.find(({ name }) => name === 'load');
  const shown = trial?.watched['load'];
  if (!chart || !shown) throw new Error('no chart');
  expect(shown.n).toBe('12 samples in 3 points');
  expect(watchedChart(chart, shown, LIGHT).data.datasets.map(({ label, data }) => [label, data])).toEqual([
    [
      'at the moment',
      [
        { x: 0, y: 2 },
        { x: 1, y: 3 },
      ],
    ],
    [
      'load average over a minute',
      [
        { x: 0, y: 1 },
        { x: 1, y: null },
      ],
    ],
  ]);
  expect(trial?.watched['pressure']).toMatchObject({ absent: 'no value could be read' });
  expect(trial?.watched['pressure']?.groups[0]?.curves.map(({ label }) => label)).toContain(
    'for memory (could not be read)',
  );
});

test('of several targets each curve names its own', () => {
  const { load } = watchedViews(aRecord({ curves: [host, { ...host, target: 'there', samples: 1 }] }));
  expect(load?.groups.flatMap(({ curves }) => curves.map(({ label }) => label))).toEqual([
    'at the moment, here',
    'load average over a minute, here',
    'at the moment, there',
    'load average over a minute, there',
  ]);
  expect(load?.n).toBe('13 samples in 6 points');
});

test('records of before there were curves have none, and their report no charts for them', () => {
  expect(watchedCharts([aRecord()])).toEqual([]);
  expect(watchedViews(aRecord())).toEqual({});
});
