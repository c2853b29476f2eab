import { z } from 'zod';
import { Histogram, Point, Warmth } from './event.ts';
import { Quantity } from './quantity.ts';

export const RECORD_VERSION = 1;

export const Reason = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof Reason>;

/** Seconds on the scheduler's clock. Nested: result within T within execution. */
const Windows = z.object({
  /** Cluster asked for, to merged result in the client. Known for the first trial of a session only. */
  timeToResultSeconds: Quantity,
  /** T: computation triggered, to merged result in the client. */
  turnaroundSeconds: Quantity,
  /** First to last event-processing task. */
  executionSeconds: Quantity,
});

/** Core-seconds of the workers during T, by what they were spent on. The parts add up to `coreSeconds` with `unexplained`. */
export const Budget = z.object({
  coreSeconds: Quantity,
  /** CPU inside event-processing tasks without compilation, opening and handing over. The summary splits it into useful compute and inflation. */
  taskCpu: Quantity,
  /** Event-processing threads runnable but without a core. */
  coreWait: Quantity,
  /** Off CPU inside hooked read calls. */
  readWait: Quantity,
  /** Off CPU inside tasks otherwise: sleep, locks, GIL and unhooked I/O, not separated. */
  otherWait: Quantity,
  /** Compilation and imports inside tasks, CPU and waiting. */
  compilation: Quantity,
  /** Opening files, CPU and waiting but for a core. Absent, like `handover`, where the journal does not have it: it is part of `taskCpu`. */
  opening: Quantity.optional(),
  /** CPU of building the graph of a task and of handing over its results. */
  handover: Quantity.optional(),
  /** Tasks that read no events, such as reading the files' metadata before the chunks are known. */
  preparation: Quantity,
  /** Before the first task and between tasks of a worker. */
  scheduling: Quantity,
  /** Fetching inputs, reducing, and handing the result to the client. */
  merging: Quantity,
  /** Worker had finished its last task while others still ran. */
  idleTail: Quantity,
  unexplained: Quantity,
});
export type Budget = z.infer<typeof Budget>;

const TaskRow = z.object({
  key: z.string(),
  kind: z.enum(['process', 'merge', 'other']),
  worker: z.string(),
  status: z.enum(['ok', 'error']),
  /** Seconds after the trigger. */
  start: z.number(),
  stop: z.number(),
});

/** A point of a worker's series: rates are differences of counters between samples, which lie further apart in a record of very many. */
const SeriesPoint = z.object({
  /** Seconds after the trigger. */
  t: z.number(),
  target: z.string(),
  /** Cores in use. */
  cpuCores: Quantity,
  readBytesPerSecond: Quantity,
  rssBytes: Quantity,
});

/** What a collector saw of one target over time: the curves of `core/model/samples.ts`, which share their times. */
const Curves = z.object({
  collector: z.string(),
  target: z.string(),
  /** Samples that the curves are made of; a point of a long trial spans several. */
  samples: z.int(),
  /** Seconds after the trigger, of the last sample of each point. */
  t: z.array(z.number()),
  /** By the name of the curve, as many as there are times; null where it could not be read. */
  values: z.record(z.string(), z.array(z.number().nullable())),
});

/** What folding one trial's journal gives. */
export const TrialRecord = z.object({
  schemaVersion: z.literal(RECORD_VERSION),
  trial: z.string(),
  experiment: z.string(),
  block: z.string(),
  session: z.int(),
  repeat: z.int(),
  point: Point,
  warmth: Warmth,
  datasetId: z.string().nullable(),
  /** `valid`: right answer, complete journal. `invalid`: wrong answer or impossible measurement. `incomplete`: journal cut short. `failed`: workload failed. */
  state: z.enum(['valid', 'invalid', 'incomplete', 'failed']),
  /** Why the state is not `valid`. */
  reasons: z.array(Reason),
  /** Disturbances of the timing: a lost worker, a retried task. A tainted trial stays out of statistics and fits. */
  taints: z.array(Reason),
  /** Shown beside the number, e.g. `oversubscribed`. Oversubscribed points stay out of fits. */
  flags: z.array(Reason),
  observed: z.object({
    /** Distinct workers present during T, and those that executed an event-processing task. */
    workers: z.int(),
    workersUsed: z.int(),
    threads: z.int(),
    /** Cores of the host that all workers share; missing where they have several hosts. */
    hostCores: Quantity,
    /** Integral over the execution window of the running event-processing tasks, divided by the window. */
    meanConcurrency: Quantity,
    /** The same integral in task-seconds. */
    concurrencyIntegralSeconds: Quantity,
  }),
  windows: Windows,
  /** Measured just after the trial; absent in records of journals that have no `probe` event. */
  probe: z
    .object({
      /** CPU-seconds of one run of a fixed kernel: median of the workers. */
      kernelCpuSeconds: Quantity,
      /** T of as many empty tasks as the trial has event-processing tasks: the floor of Dask's overhead. */
      floorSeconds: Quantity,
    })
    .optional(),
  counts: z.object({
    eventsPlanned: z.int(),
    eventsRead: Quantity,
    tasksPlanned: z.int(),
    tasksSeen: z.int(),
    tasksErred: z.int(),
  }),
  /** By the names of `core/model/metrics.ts`. */
  metrics: z.record(z.string(), Quantity),
  budget: Budget,
  tasks: z.array(TaskRow),
  series: z.array(SeriesPoint),
  /** Absent in records that were made before there were curves, and of trials that were not watched. */
  curves: z.array(Curves).optional(),
  histograms: z.array(Histogram),
});
export type TrialRecord = z.infer<typeof TrialRecord>;

/** The facts about machine, software, data and commit that an experiment was run on. */
export const Environment = z.record(z.string(), z.json());
export type Environment = z.infer<typeof Environment>;

/** A data set as an experiment planned it: what journals say of their data is compared with this. */
export const DataFacts = z.object({
  contentHash: z.string(),
  bytes: z.number().nonnegative(),
  events: z.int(),
  /** Compressed bytes of each column. */
  columns: z.record(z.string(), z.number().nonnegative()),
});
export type DataFacts = z.infer<typeof DataFacts>;

/** Everything a dashboard gets: records, what was planned, and where it ran. Dashboards derive, never measure. */
export const Experiment = z.object({
  schemaVersion: z.literal(RECORD_VERSION),
  id: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  command: z.string(),
  seed: z.int(),
  sessions: z.int(),
  repeats: z.int(),
  plannedTrials: z.int(),
  environment: Environment,
  records: z.array(TrialRecord),
  /** Records of another experiment, of suite `iobench`: the rates of reading alone, named by the user (`bench report --floor`). */
  floor: z.array(TrialRecord).optional(),
  /** Trials whose journal is there and cannot be read, with the reason. */
  unreadable: z.array(z.object({ trial: z.string(), why: z.string() })).optional(),
});
export type Experiment = z.infer<typeof Experiment>;
