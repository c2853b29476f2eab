import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseScheduler } from './parse.ts';

const page = readFileSync(join(import.meta.dirname, 'fixtures/metrics.txt'), 'utf8');

test('a page of Dask gives tasks and workers by state and the sums over prefixes', () => {
  expect(parseScheduler(page)).toEqual({
    dask_scheduler_clients: 1,
    dask_scheduler_workers_idle: 1,
    dask_scheduler_workers_partially_saturated: 2,
    dask_scheduler_workers_saturated: 0,
    dask_scheduler_workers_paused: 0,
    dask_scheduler_workers_retiring: 0,
    dask_scheduler_workers_added_total: 4,
    dask_scheduler_workers_removed_total: 1,
    dask_scheduler_tasks_released: 1,
    dask_scheduler_tasks_waiting: 7,
    dask_scheduler_tasks_no_worker: 5,
    dask_scheduler_tasks_queued: 6,
    dask_scheduler_tasks_processing: 2,
    dask_scheduler_tasks_memory: 4,
    dask_scheduler_tasks_erred: 0,
    dask_scheduler_tasks_suspicious_total: 3,
    dask_scheduler_tasks_compute_seconds_total: 13.75,
    dask_scheduler_tasks_transfer_seconds_total: 5e-5,
  });
});

test('what is not finite is left out', () => {
  expect(parseScheduler('dask_scheduler_clients NaN\ndask_scheduler_workers_added_total +Inf\n')).toEqual({});
});

test('a page without prometheus_client has no values', () => {
  expect(parseScheduler('# Prometheus metrics are not available, see https://docs.dask.org\n')).toEqual({});
});

test('a sum that no number holds is left out', () => {
  const line = 'dask_scheduler_clients{client="x"} 1.7e308\n';
  expect(parseScheduler(`${line}${line}dask_scheduler_tasks{state="memory"} 1\n`)).toEqual({
    dask_scheduler_tasks_memory: 1,
  });
});

test('any page is read without an error and gives finite numbers only', () => {
  const line = fc.tuple(
    fc.constantFrom('dask_scheduler_tasks', 'dask_scheduler_clients', 'other'),
    fc.string(),
    fc.oneof(fc.string(), fc.double().map(String)),
  );
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const values = parseScheduler(lines.map(([name, labels, value]) => `${name}{${labels}} ${value}`).join('\n'));
      expect(Object.values(values).filter((value) => !Number.isFinite(value))).toEqual([]);
    }),
  );
});
