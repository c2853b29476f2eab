import type { Board, Section } from './board.ts';
import { gauges, lines, rates, summedGauge, summedRate } from './influxql.ts';
import { HOST_SECTION, RATE, SCHEDULER_SECTION } from './live-cluster.ts';
import { RUN, WORKERS } from './origins.ts';
import { linesPanel } from './panels.ts';
import { SAMPLE_VARIABLES } from './variables.ts';

const RUN_LABEL = '$tag_site $tag_suite $tag_backend $tag_run';
const WORKER_LABEL = '$tag_worker $tag_suite $tag_backend $tag_site $tag_run $tag_cluster';

const PRESENT =
  'A worker that was there for a part of the interval counts for that part; the newest interval is still filling and shows less.';
const SUM = `Rate between neighbouring samples of each worker, mean over the interval, then summed over the workers. ${PRESENT}`;

/** A counter of the workers as a rate, summed over the workers of a run. */
function summed(id: number, title: string, field: string, unit: string, says: string) {
  return linesPanel({
    id,
    title: `${title}, all workers`,
    description: `${says} From ${field}. ${SUM}`,
    unit,
    queries: [lines(summedRate(WORKERS, field, RUN), RUN_LABEL)],
  });
}

/** A counter as a rate of each worker. */
function each(id: number, title: string, fields: Readonly<Record<string, string>>, unit: string, says: string) {
  const several = Object.keys(fields).length > 1;
  return linesPanel({
    id,
    title: `${title}, each worker`,
    description: `${says} From ${Object.values(fields).join(' and ')}. ${RATE}`,
    unit,
    queries: [lines(rates(WORKERS, fields), several ? `$col ${WORKER_LABEL}` : WORKER_LABEL)],
  });
}

/** A gauge of the workers, summed and for each of them. */
function sizes(first: number, title: string, field: string, says: string) {
  const shared = { unit: 'bytes' } as const;
  return [
    linesPanel({
      ...shared,
      id: first,
      title: `${title}, all workers`,
      description: `${says} From ${field}: mean of each worker over the interval, summed over the workers. ${PRESENT}`,
      queries: [lines(summedGauge(WORKERS, field, RUN), RUN_LABEL)],
    }),
    linesPanel({
      ...shared,
      id: first + 1,
      title: `${title}, each worker`,
      description: `${says} From ${field}: largest sample of the interval.`,
      queries: [lines(gauges(WORKERS, { size: field }, WORKERS.tags, 'max'), WORKER_LABEL)],
    }),
  ];
}

const CPU: Section = {
  id: 100,
  title: 'CPU of the workers',
  panels: [
    summed(1, 'Cores in use', 'cpu_seconds_total', 'short', 'CPU-seconds per second of the worker processes.'),
    each(2, 'Cores in use', { rate: 'cpu_seconds_total' }, 'short', 'CPU-seconds per second of the worker process.'),
    each(
      3,
      'Waiting for a core',
      { rate: 'run_queue_seconds_total' },
      'short',
      'Threads that could run and had no core, on average. Above zero the machine is too small for its workers.',
    ),
    each(
      4,
      'Throttled',
      { rate: 'cgroup_throttled_seconds_total' },
      'percentunit',
      'Share of time in which the CPU limit of the cgroup held the worker back. Workers of one cgroup report the same.',
    ),
  ],
};

const DATA: Section = {
  id: 101,
  title: 'Data and tasks',
  panels: [
    summed(
      10,
      'Bytes read by the frameworks',
      'framework_read_bytes_total',
      'Bps',
      'Compressed bytes per second, as ROOT and uproot count what they ask for.',
    ),
    each(
      11,
      'Bytes read by the frameworks',
      { rate: 'framework_read_bytes_total' },
      'Bps',
      'Compressed bytes per second, as ROOT and uproot count what they ask for.',
    ),
    summed(12, 'Tasks', 'tasks_total', 'cps', 'Dask tasks of all kinds that ended, per second.'),
    each(13, 'Tasks', { rate: 'tasks_total' }, 'cps', 'Dask tasks of all kinds that ended, per second.'),
    each(
      14,
      'Network',
      { received: 'network_receive_bytes_total', sent: 'network_transmit_bytes_total' },
      'Bps',
      'Bytes per second of the network namespace without its loopback. Workers of one host report the same, so they are not summed.',
    ),
  ],
};

const MEMORY: Section = {
  id: 102,
  title: 'Memory of the workers',
  panels: [
    ...sizes(20, 'Resident memory', 'rss_bytes', 'Resident set, which counts shared pages for each worker.'),
    ...sizes(22, 'Spilled', 'spilled_bytes', 'Results of tasks that are on disk for want of memory.'),
  ],
};

/** What a running experiment does at this moment, from the samples. */
export const LIVE: Board = {
  uid: 'hepbench-live',
  title: 'hepbench: live',
  description: 'Samples of workers, scheduler and host while an experiment runs.',
  from: 'now-15m',
  refresh: '5s',
  variables: SAMPLE_VARIABLES,
  sections: [CPU, DATA, MEMORY, SCHEDULER_SECTION, HOST_SECTION],
};
