import { AXIS_LIST } from './axes.ts';
import { METRICS } from './metrics.ts';

/** One value of a measurement. Its type is fixed for ever: InfluxDB keeps both sides of a conflict and shows one. */
export interface Field {
  readonly name: string;
  readonly type: 'float' | 'integer' | 'string';
  /** `counter` grows while its source lives. */
  readonly kind: 'counter' | 'gauge' | 'label';
  readonly unit: string;
  readonly help: string;
}

export interface Measurement {
  readonly name: string;
  /** `raw`: samples, kept for weeks. `lasting`: one point for each trial, kept for years. */
  readonly bucket: 'raw' | 'lasting';
  readonly help: string;
  /** Every point has all of them but those of `mayLack`. Values are bounded by what is configured; those of {@link RUN_TAGS} by the retention. */
  readonly tags: readonly string[];
  /** Tags that a point does not have where it is as all points were before there was the tag. */
  readonly mayLack?: readonly string[];
  readonly fields: readonly Field[];
}

function counters(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'float', kind: 'counter', unit, help }));
}

function gauges(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'float', kind: 'gauge', unit, help }));
}

function integers(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'integer', kind: 'gauge', unit, help }));
}

function labels(fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'string', kind: 'label', unit: 'text', help }));
}

/**
 * Tell apart what goes on at once, and what begins to count anew. `run`: the experiment, or the monitor. `cluster`: the block, or the
 * scheduler that is watched.
 */
const RUN_TAGS = ['run', 'cluster'] as const;
/** Of a sample: where, what was running, and in which run. */
const SAMPLE_TAGS = ['site', 'runner', 'suite', 'backend', ...RUN_TAGS] as const;

const WORKER: Measurement = {
  name: 'hepbench_worker',
  bucket: 'raw',
  help: 'A worker process and its cgroup, read from inside by the agent.',
  tags: [...SAMPLE_TAGS, 'worker'],
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
};

const SCHEDULER: Measurement = {
  name: 'hepbench_scheduler',
  bucket: 'raw',
  help: "The Dask scheduler's own counters, from its page /metrics.",
  tags: [...SAMPLE_TAGS],
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
};

const HOST: Measurement = {
  name: 'hepbench_host',
  bucket: 'raw',
  help: 'The machine that bench runs on, as a whole.',
  tags: [...SAMPLE_TAGS, 'host'],
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
};

const SINK: Measurement = {
  name: 'hepbench_sink',
  bucket: 'raw',
  help: 'The sink itself: what it has sent and what still waits in the journals.',
  tags: [...SAMPLE_TAGS],
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
};

/** Parts of the loss budget as fields. */
const BUDGET = {
  budget_core_seconds: 'Core-seconds of the workers during T.',
  budget_task_cpu_seconds: 'CPU of event-processing tasks without compilation.',
  budget_core_wait_seconds: 'Waiting for a core.',
  budget_read_wait_seconds: 'Off CPU inside hooked read calls.',
  budget_other_wait_seconds: 'Off CPU inside tasks otherwise.',
  budget_compilation_seconds: 'Compilation and imports.',
  budget_preparation_seconds: 'Tasks that read no events.',
  budget_scheduling_seconds: 'Before the first task and between tasks.',
  budget_merging_seconds: 'Fetching, reducing and handing over.',
  budget_idle_tail_seconds: 'Done while others still worked.',
  budget_unexplained_seconds: 'What is left.',
} as const;

const TRIAL: Measurement = {
  name: 'hepbench_trial',
  bucket: 'lasting',
  help: 'One trial, dated by its start, so that sending it again changes nothing.',
  tags: ['site', ...AXIS_LIST.map(({ tag }) => tag), 'process', 'compiled', 'page_cache'],
  mayLack: AXIS_LIST.filter(({ before }) => before !== undefined).map(({ tag }) => tag),
  fields: [
    ...labels({
      experiment: 'Name of the experiment, which is that of its folder.',
      trial: 'Name of the trial within the experiment.',
      dataset: 'Identity of the data set.',
      state: 'valid, invalid, incomplete or failed.',
      reasons: 'Why the state is not valid.',
      taints: 'What disturbed the timing.',
      commit: 'Commit of hepbench.',
      report_url: 'Address of the report, where the results folder is served.',
    }),
    ...integers('trials', {
      valid: '1 when the answer is right and the journal is whole.',
      counted: '1 when it enters medians: valid, not tainted, not the first of its block.',
      oversubscribed: '1 when there were more workers than cores.',
    }),
    ...integers('', { session: 'Ordinal of the session.', repeat: '0 is the first trial of a block.' }),
    ...integers('workers', {
      workers_asked: 'Workers asked for.',
      workers_seen: 'Workers that were there.',
      workers_used: 'Workers that processed events.',
    }),
    ...integers('threads', { threads_seen: 'Threads of the workers that were there.' }),
    ...integers('events', { events_planned: 'Events of a right answer.', events_read: 'Events read.' }),
    ...integers('tasks', {
      tasks_planned: 'Event-processing tasks planned.',
      tasks_seen: 'Event-processing tasks seen.',
      tasks_erred: 'Tasks that failed.',
    }),
    ...gauges('seconds', {
      time_to_result_seconds: 'Cluster asked for, to merged result.',
      turnaround_seconds: 'T: computation triggered, to merged result.',
      execution_seconds: 'First to last event-processing task.',
      ...BUDGET,
    }),
    ...gauges('tasks', {
      concurrency_mean: 'Event-processing tasks that ran at once, mean over the execution window.',
    }),
    ...METRICS.map(({ name, unit, help }): Field => ({ name, type: 'float', kind: 'gauge', unit, help })),
  ],
};

/** Everything that may go to a database or a metrics page. A field is declared here before it is sent. */
export const MEASUREMENTS = [WORKER, SCHEDULER, HOST, SINK, TRIAL] as const;

const BY_COLLECTOR = { agent: WORKER, scheduler: SCHEDULER, host: HOST, sink: SINK } as const;

/** Which measurement the samples of a collector belong to, and the tag that names their target. */
export function measurementOf(collector: keyof typeof BY_COLLECTOR): Measurement {
  return BY_COLLECTOR[collector];
}

/** The labels of a measurement on a page: who scrapes it keeps no series of its own for each run. */
export function labelsOf({ tags }: Measurement): readonly string[] {
  const ofRuns: readonly string[] = RUN_TAGS;
  return tags.filter((tag) => !ofRuns.includes(tag));
}

/** The measurement of a trial's summary. */
export const TRIAL_MEASUREMENT = TRIAL;
