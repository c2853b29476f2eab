import type { Section } from './board.ts';
import { gauges, lines, rates } from './influxql.ts';
import { HOSTS, MACHINE, SCHEDULERS } from './origins.ts';
import { linesPanel } from './panels.ts';

/** How a counter is drawn, for descriptions. */
export const RATE = 'Rate between neighbouring samples, mean over the samples of each interval.';

function states(kind: 'tasks' | 'workers', list: readonly string[]) {
  return Object.fromEntries(list.map((state) => [state.replaceAll('_', ' '), `dask_scheduler_${kind}_${state}`]));
}

const SEEN_FROM = ['site', 'run'] as const;
const SCHEDULER_LABEL = '$col $tag_site $tag_run';
const TASK_STATES = ['waiting', 'no_worker', 'queued', 'processing', 'memory', 'erred', 'released', 'forgotten'];
const WORKER_STATES = ['idle', 'partially_saturated', 'saturated', 'paused', 'retiring'];

/** What the scheduler holds. */
export const SCHEDULER_SECTION: Section = {
  id: 103,
  title: 'Scheduler',
  panels: [
    linesPanel({
      id: 30,
      title: 'Tasks by state',
      description:
        'Tasks that the scheduler holds, from its own counts (dask_scheduler_tasks_*): mean over the interval.',
      unit: 'short',
      stacked: true,
      queries: [lines(gauges(SCHEDULERS, states('tasks', TASK_STATES), SEEN_FROM), SCHEDULER_LABEL)],
    }),
    linesPanel({
      id: 31,
      title: 'Workers by state',
      description:
        'Workers as the scheduler sees them (dask_scheduler_workers_*): mean over the interval. Paused means out of memory.',
      unit: 'short',
      stacked: true,
      queries: [lines(gauges(SCHEDULERS, states('workers', WORKER_STATES), SEEN_FROM), SCHEDULER_LABEL)],
    }),
  ],
};

const CPU_STATES = ['user', 'nice', 'system', 'iowait', 'irq', 'softirq', 'steal', 'idle'];
const CPU_COLUMNS = Object.fromEntries(CPU_STATES.map((state) => [state, `host_cpu_${state}_seconds_total`]));
const PRESSURES = Object.fromEntries(
  ['cpu', 'io', 'memory'].map((what) => [what, `host_${what}_pressure_seconds_total`]),
);
const HOST_LABEL = '$col $tag_host $tag_site';

/** The machine as a whole. */
export const HOST_SECTION: Section = {
  id: 104,
  title: 'The machine that bench runs on',
  panels: [
    linesPanel({
      id: 40,
      title: 'Host CPU by state',
      description: `Cores in each state, from host_cpu_*_seconds_total. ${RATE} Steal is what other guests of the machine took.`,
      unit: 'short',
      stacked: true,
      queries: [lines(rates(HOSTS, CPU_COLUMNS, MACHINE), HOST_LABEL)],
    }),
    linesPanel({
      id: 41,
      title: 'Host pressure',
      description: `Share of time in which some thread waited for a core, a disk or memory, from host_*_pressure_seconds_total. ${RATE}`,
      unit: 'percentunit',
      queries: [lines(rates(HOSTS, PRESSURES, MACHINE), HOST_LABEL)],
    }),
    linesPanel({
      id: 42,
      title: 'Host load and runnable threads',
      description:
        'Load average over a minute (host_load1) and threads that run or could run (host_runnable_threads): mean over the interval.',
      unit: 'short',
      queries: [lines(gauges(HOSTS, { load: 'host_load1', runnable: 'host_runnable_threads' }, MACHINE), HOST_LABEL)],
    }),
    linesPanel({
      id: 43,
      title: 'Host memory available',
      description:
        'Memory that programs could still get (host_memory_available_bytes): smallest sample of the interval.',
      unit: 'bytes',
      queries: [lines(gauges(HOSTS, { available: 'host_memory_available_bytes' }, MACHINE, 'min'), HOST_LABEL)],
    }),
  ],
};
