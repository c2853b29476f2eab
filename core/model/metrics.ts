export interface Metric {
  /** Prometheus style: unit in the name. */
  readonly name: string;
  readonly unit:
    | 'seconds'
    | 'bytes'
    | 'events'
    | 'ratio'
    | 'cores'
    | 'count'
    | 'events/s'
    | 'bytes/s'
    | 'bytes/event'
    | 'seconds/Mevent';
  /** Which of the nested windows it is taken over. */
  readonly window: 'time to result' | 'T' | 'execution' | 'trial';
  /** Zero is one of its values, so that its noise is no factor: intervals are made on the plain scale, not the logarithmic one. */
  readonly mayBeZero?: true;
  readonly title: string;
  readonly help: string;
}

/** Every metric that a record may carry. A metric is declared here before it is used. */
export const METRICS = [
  { name: 'event_rate', unit: 'events/s', window: 'T', title: 'Event rate', help: 'Events read / T.' },
  {
    name: 'event_rate_per_worker',
    unit: 'events/s',
    window: 'T',
    title: 'Event rate per worker',
    help: 'Event rate / workers that were present.',
  },
  {
    name: 'event_rate_per_core',
    unit: 'events/s',
    window: 'T',
    title: 'Event rate per core',
    help: 'Event rate / worker threads that were present.',
  },
  {
    name: 'cpu_occupancy_ratio',
    unit: 'ratio',
    window: 'execution',
    title: 'CPU occupancy',
    help: 'CPU-seconds of the worker processes / (execution window x worker threads).',
  },
  {
    name: 'cpu_seconds',
    unit: 'seconds',
    window: 'T',
    title: 'CPU-seconds',
    help: 'User and system CPU of all worker processes.',
  },
  {
    name: 'cpu_seconds_per_mevent',
    unit: 'seconds/Mevent',
    window: 'T',
    title: 'CPU-seconds per million events',
    help: 'CPU-seconds of event-processing tasks / events read x 1e6.',
  },
  {
    name: 'read_bytes_framework',
    unit: 'bytes',
    window: 'T',
    mayBeZero: true,
    title: 'Bytes read',
    help: 'Compressed bytes asked for, as ROOT or uproot counts them.',
  },
  {
    name: 'read_rate',
    unit: 'bytes/s',
    window: 'execution',
    mayBeZero: true,
    title: 'Read rate',
    help: 'Framework bytes / execution window.',
  },
  {
    name: 'bytes_per_event',
    unit: 'bytes/event',
    window: 'T',
    mayBeZero: true,
    title: 'Bytes per event',
    help: 'Framework bytes / events read.',
  },
  {
    name: 'read_amplification_ratio',
    unit: 'ratio',
    window: 'T',
    mayBeZero: true,
    title: 'Read amplification',
    help: 'Framework bytes / compressed bytes of the columns that are read.',
  },
  {
    name: 'rchar_bytes',
    unit: 'bytes',
    window: 'T',
    mayBeZero: true,
    title: 'Bytes through read calls',
    help: 'rchar of the worker processes inside tasks; misses sockets read by recv and mapped files.',
  },
  {
    name: 'block_read_bytes',
    unit: 'bytes',
    window: 'T',
    mayBeZero: true,
    title: 'Bytes from the block layer',
    help: 'read_bytes of the worker processes inside tasks; misses page-cache hits and the network.',
  },
  {
    name: 'network_bytes',
    unit: 'bytes',
    window: 'T',
    mayBeZero: true,
    title: 'Network bytes',
    help: 'Received bytes of the network namespace without its loopback, as the largest of the workers has it: all workers of a host report the same. 0 on one machine.',
  },
  {
    name: 'rss_peak_bytes',
    unit: 'bytes',
    window: 'T',
    title: 'Peak memory of a worker',
    help: 'Largest resident set of any worker.',
  },
  {
    name: 'rss_mean_bytes',
    unit: 'bytes',
    window: 'T',
    title: 'Mean memory of a worker',
    help: 'Mean over samples and workers of the resident set.',
  },
  {
    name: 'rss_high_water_bytes',
    unit: 'bytes',
    window: 'trial',
    title: 'Largest resident memory of a worker since it began',
    help: 'VmHWM of the fullest worker, trials before this one included: what a limit of memory has to hold.',
  },
  {
    name: 'pss_peak_bytes',
    unit: 'bytes',
    window: 'trial',
    title: 'Peak proportional memory of a worker',
    help: 'Largest proportional set size (shared pages divided among their users).',
  },
  {
    name: 'spilled_bytes_peak',
    unit: 'bytes',
    window: 'T',
    mayBeZero: true,
    title: 'Spilled to disk',
    help: 'Largest size on disk of the results that one worker had spilled.',
  },
  {
    name: 'task_seconds_mean',
    unit: 'seconds',
    window: 'execution',
    title: 'Mean task',
    help: 'Mean duration of event-processing tasks.',
  },
  {
    name: 'task_seconds_sd',
    unit: 'seconds',
    window: 'execution',
    mayBeZero: true,
    title: 'Spread of tasks',
    help: 'Standard deviation of the duration of event-processing tasks.',
  },
  {
    name: 'task_seconds_min',
    unit: 'seconds',
    window: 'execution',
    title: 'Shortest task',
    help: 'Shortest event-processing task.',
  },
  {
    name: 'task_seconds_max',
    unit: 'seconds',
    window: 'execution',
    title: 'Longest task',
    help: 'Longest event-processing task.',
  },
  {
    name: 'imbalance_ratio',
    unit: 'ratio',
    window: 'execution',
    title: 'Imbalance',
    help: 'Longest / mean event-processing task.',
  },
  {
    name: 'watching_cpu_ratio',
    unit: 'ratio',
    window: 'T',
    mayBeZero: true,
    title: 'Cost of watching',
    help: 'Thread CPU of the instruments / CPU-seconds of the worker processes.',
  },
  {
    name: 'sampling_gap_max_seconds',
    unit: 'seconds',
    window: 'T',
    mayBeZero: true,
    title: 'Longest gap between samples',
    help: 'Largest distance between two samples of one worker.',
  },
  {
    name: 'host_foreign_cores',
    unit: 'cores',
    window: 'T',
    mayBeZero: true,
    title: 'Cores taken by others',
    help: 'CPU-seconds of the machine without those of bench and of all that it started / T. Above a tenth of the cores the trial is flagged.',
  },
  {
    name: 'host_steal_cores',
    unit: 'cores',
    window: 'T',
    mayBeZero: true,
    title: 'Cores stolen',
    help: 'CPU-seconds that a hypervisor gave to other machines while ours had work / T.',
  },
  {
    name: 'host_cpu_pressure_ratio',
    unit: 'ratio',
    window: 'T',
    mayBeZero: true,
    title: 'Waiting for a core',
    help: 'Share of T in which some thread of the machine, ours or not, waited for a core.',
  },
] as const satisfies readonly Metric[];

/** The scale on which intervals of a metric are made (core/stats/student.ts). */
export function scaleOf({ mayBeZero }: Metric): 'log' | 'linear' {
  return mayBeZero ? 'linear' : 'log';
}

export type MetricName = (typeof METRICS)[number]['name'];
