import { counters, gauges, type Measurement, RUN_TAGS } from './measurement.ts';
import { drawn, type SampleChart } from './sample-chart.ts';

/** What the samples of a collector consist of. */
export interface SampleMeasurement<C extends string = string> extends Measurement {
  /** As the samples in a journal name it. */
  readonly collector: C;
  /** Tag that names what was watched, where a collector watches several. */
  readonly target?: string;
  /** Curves of the record, drawn in the report of each trial. */
  readonly charts?: readonly SampleChart[];
}

type Sampled<C extends string> = Omit<SampleMeasurement<C>, 'bucket' | 'tags'>;

/** Where, what was running, and in which run; then what was watched. */
function sampled<const C extends string>(entry: Sampled<C>): SampleMeasurement<C> {
  const tags = [
    'site',
    'runner',
    'suite',
    'backend',
    ...RUN_TAGS,
    ...(entry.target === undefined ? [] : [entry.target]),
  ];
  return { ...entry, bucket: 'raw', tags };
}

/**
 * What collectors may emit: each value has a name, a unit and a kind here. The journal's schema, InfluxDB, the page for Prometheus and records
 * are made of this list, and a collector's sample with any other name is refused (`core/engine/collecting.ts`).
 */
export const SAMPLES = [
  sampled({
    collector: 'agent',
    name: 'hepbench_worker',
    help: 'A worker process and its cgroup, read from inside by the agent.',
    target: 'worker',
    fields: [
      ...counters('seconds', {
        cpu_seconds_total: 'User and system CPU of the process.',
        cpu_user_seconds_total: 'User CPU of the process, in clock ticks.',
        cpu_system_seconds_total: 'System CPU of the process, in clock ticks.',
        run_queue_seconds_total: 'Time that threads of the process were runnable and had no core.',
        agent_cpu_seconds_total: 'CPU of the instruments themselves.',
        cgroup_cpu_seconds_total: 'CPU of the cgroup of the process.',
        cgroup_throttled_seconds_total: 'Time that the cgroup was throttled.',
      }),
      ...counters('periods', { cgroup_throttled_periods_total: 'Periods in which the cgroup was throttled.' }),
      ...counters('tasks', { tasks_total: 'Dask tasks that ended in this worker since the agent came.' }),
      ...counters('bytes', {
        framework_read_bytes_total: 'Compressed bytes asked for, as ROOT and uproot count them.',
        root_read_bytes_total: 'Of these, ROOT.',
        uproot_read_bytes_total: 'Of these, uproot.',
        rchar_bytes_total: 'Bytes through read calls; misses sockets read by recv and mapped files.',
        wchar_bytes_total: 'Bytes through write calls.',
        block_read_bytes_total: 'Bytes fetched from the block layer; misses page-cache hits and the network.',
        block_write_bytes_total: 'Bytes sent to the block layer.',
        network_receive_bytes_total:
          'Received by the network namespace without its loopback; workers of one host report the same.',
        network_transmit_bytes_total:
          'Sent by the network namespace without its loopback; workers of one host report the same.',
        loopback_receive_bytes_total: 'Received by the loopback of the network namespace.',
      }),
      ...counters('calls', { framework_read_calls_total: 'Read calls of ROOT and uproot.' }),
      ...gauges('bytes', {
        rss_bytes: 'Resident set.',
        rss_high_water_bytes: 'Largest resident set since the process began, as the kernel keeps it (VmHWM).',
        pss_bytes: 'Proportional set size; read every 30 s.',
        spilled_bytes: 'Results of tasks that are on disk for want of memory.',
        cgroup_memory_bytes: 'Memory of the cgroup, page cache included.',
        cgroup_memory_working_set_bytes: 'Memory of the cgroup without inactive files.',
        cgroup_memory_limit_bytes: 'Limit of the cgroup.',
      }),
      ...gauges('threads', { threads: 'Threads of the process.' }),
    ],
  }),
  sampled({
    collector: 'scheduler',
    name: 'hepbench_scheduler',
    help: "The Dask scheduler's own counters, from its page /metrics.",
    fields: [
      ...gauges('clients', { dask_scheduler_clients: 'Clients.' }),
      ...gauges('workers', {
        dask_scheduler_workers_idle: 'Workers that could take more tasks.',
        dask_scheduler_workers_partially_saturated: 'Workers between idle and saturated.',
        dask_scheduler_workers_saturated: 'Workers with more tasks than they can run.',
        dask_scheduler_workers_paused: 'Workers paused for want of memory.',
        dask_scheduler_workers_retiring: 'Workers that are leaving.',
      }),
      ...gauges('tasks', {
        dask_scheduler_tasks_released: 'Tasks that are not to be computed now.',
        dask_scheduler_tasks_waiting: 'Tasks that wait for others.',
        dask_scheduler_tasks_no_worker: 'Tasks that no worker may run.',
        dask_scheduler_tasks_queued: 'Tasks that wait for a worker.',
        dask_scheduler_tasks_processing: 'Tasks assigned to workers.',
        dask_scheduler_tasks_memory: 'Tasks whose results are held.',
        dask_scheduler_tasks_erred: 'Tasks that failed.',
        dask_scheduler_tasks_forgotten: 'Tasks that are forgotten.',
      }),
      ...counters('workers', {
        dask_scheduler_workers_added_total: 'Workers that joined.',
        dask_scheduler_workers_removed_total: 'Workers that left.',
      }),
      ...counters('tasks', { dask_scheduler_tasks_suspicious_total: 'Tasks whose worker died.' }),
      ...counters('seconds', {
        dask_scheduler_tasks_compute_seconds_total: 'Wall time of tasks.',
        dask_scheduler_tasks_transfer_seconds_total: 'Wall time of transfers between workers.',
      }),
    ],
    charts: [
      {
        name: 'tasks',
        title: 'Tasks by state',
        words: 'As the scheduler counts them, of all kinds.',
        axis: 'tasks',
        unit: 'ratio',
        curves: [
          drawn('dask_scheduler_tasks_processing', 'assigned to workers'),
          drawn('dask_scheduler_tasks_queued', 'waiting for a worker'),
          drawn('dask_scheduler_tasks_waiting', 'waiting for other tasks'),
          drawn('dask_scheduler_tasks_memory', 'results held'),
          drawn('dask_scheduler_tasks_released', 'released'),
          drawn('dask_scheduler_tasks_no_worker', 'no worker may run them'),
          drawn('dask_scheduler_tasks_erred', 'failed'),
        ],
      },
    ],
  }),
  sampled({
    collector: 'host',
    name: 'hepbench_host',
    help: 'The machine that bench runs on, as a whole.',
    target: 'host',
    fields: [
      ...counters(
        'seconds',
        Object.fromEntries(
          ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'].map((state) => [
            `host_cpu_${state}_seconds_total`,
            `CPU in state ${state}, all cores.`,
          ]),
        ),
      ),
      ...counters('seconds', {
        host_own_cpu_seconds_total: 'CPU of bench and of all that it started.',
        host_cpu_pressure_seconds_total: 'Time in which some thread waited for a core.',
        host_io_pressure_seconds_total: 'Time in which some thread waited for a disk.',
        host_memory_pressure_seconds_total: 'Time in which some thread waited for memory.',
      }),
      ...gauges('threads', {
        host_load1: 'Load average over a minute.',
        host_runnable_threads: 'Threads that run or could run.',
      }),
      ...gauges('bytes', { host_memory_available_bytes: 'Memory that programs could still get.' }),
    ],
    charts: [
      {
        name: 'foreign',
        title: 'Cores that others took',
        words:
          'Other programs: CPU of the machine without bench and all that it started. Steal: what a hypervisor gave away.',
        axis: 'cores',
        unit: 'cores',
        curves: [
          {
            name: 'host_foreign_cores',
            label: 'other programs',
            plus: ['host_cpu_user_seconds_total', 'host_cpu_nice_seconds_total', 'host_cpu_system_seconds_total'],
            minus: ['host_own_cpu_seconds_total'],
          },
          { name: 'host_steal_cores', label: 'steal', plus: ['host_cpu_steal_seconds_total'] },
        ],
      },
      {
        name: 'pressure',
        title: 'Pressure on the machine',
        words:
          'Share of the time in which some thread waited, as the kernel adds it up: it may lag by a moment, so that a point is above 100 %.',
        axis: 'share of the time',
        unit: 'percent',
        curves: ['cpu', 'io', 'memory'].map((resource) => ({
          name: `host_${resource}_pressure_ratio`,
          label: { cpu: 'for a core', io: 'for a disk' }[resource] ?? 'for memory',
          plus: [`host_${resource}_pressure_seconds_total`],
        })),
      },
      {
        name: 'load',
        title: 'Load of the machine',
        words: 'Threads that ran or could have run, of all programs.',
        axis: 'threads',
        unit: 'ratio',
        curves: [drawn('host_runnable_threads', 'at the moment'), drawn('host_load1', 'load average over a minute')],
      },
    ],
  }),
  sampled({
    collector: 'sink',
    name: 'hepbench_sink',
    help: 'The sink itself: what it has sent and what still waits in the journals.',
    fields: [
      ...counters('lines', {
        sink_sent_lines_total: 'Lines that the server has acknowledged since the sink was opened.',
        sink_set_aside_lines_total:
          'Lines that the server refused for good, or that are not fit to be sent; they are kept beside the journal.',
        sink_too_old_lines_total: 'Samples older than the retention of the raw bucket, left out.',
      }),
      ...counters('events', {
        sink_missing_events_total: 'Events that a source numbered and that never came into the journal: lost.',
      }),
      ...counters('requests', { sink_failed_requests_total: 'Requests that are tried again.' }),
      ...counters('seconds', { sink_cpu_seconds_total: "CPU of the sink's thread." }),
      ...gauges('bytes', { sink_backlog_bytes: 'Bytes of the journals that are not settled yet.' }),
      ...gauges('seconds', { sink_request_seconds: 'Duration of the last request.' }),
    ],
  }),
] as const;

/** The collectors of samples, as journals name them. */
export type SampleKind = (typeof SAMPLES)[number]['collector'];
export const SAMPLE_KINDS: readonly SampleKind[] = SAMPLES.map(({ collector }) => collector);

/** Which measurement the samples of a collector belong to. */
export function measurementOf(kind: SampleKind): SampleMeasurement<SampleKind> {
  const found = SAMPLES.find(({ collector }) => collector === kind);
  if (!found) throw new Error(`no samples are called ${kind}`);
  return found;
}
