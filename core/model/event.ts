import { z } from 'zod';
import { Point } from './axes.ts';
import { SAMPLE_KINDS } from './samples.ts';

export { Backend, Point } from './axes.ts';

/** Version of the journal's line format. A reader refuses a newer one. */
export const JOURNAL_VERSION = 1;

const seconds = z.number();
const count = z.int().nonnegative();
const bytes = z.number().nonnegative();

/** Seconds since the epoch on the clock of the event's source; `t` of driver and agent is corrected to the scheduler's clock. */
const envelope = {
  v: z.literal(JOURNAL_VERSION),
  trial: z.string(),
  /** Who wrote it: `engine`, `runner`, `driver`, `host`, `scheduler`, `influx`, `agent/<worker name>`. */
  source: z.string(),
  /** Counts from 1 without gaps for each source of a trial. A gap makes the trial incomplete. */
  seq: z.int().positive(),
  t: seconds,
};

export const Warmth = z.object({
  process: z.enum(['fresh', 'reused']),
  /** `edited`: warm but for one cut that was edited since, so that its code is compiled anew. */
  compiled: z.enum(['cold', 'parent-warmed', 'warm', 'edited']),
  pageCache: z.enum(['cold', 'warm', 'uncontrolled']),
  storage: z.enum(['local', 'unknown']),
});
export type Warmth = z.infer<typeof Warmth>;

const Planned = z.object({
  ...envelope,
  type: z.literal('planned'),
  experiment: z.string(),
  block: z.string(),
  /** Ordinal of the session that the block belongs to, from 1. */
  session: z.int().positive(),
  /** 0 is the first trial of a block (the cold one), 1.. are the warm repeats. */
  repeat: count,
  point: Point,
  warmth: Warmth,
  oversubscribed: z.boolean(),
  dataset: z
    .object({ id: z.string(), contentHash: z.string(), bytes, events: count, columnBytes: z.record(z.string(), bytes) })
    .nullable(),
  /** Events and event-processing tasks that a right answer consists of. */
  events: count,
  tasks: count,
});

const Session = z.object({
  ...envelope,
  type: z.literal('session'),
  /** These three are on the clock of the run, as is the beginning of the experiment, and the same in all trials of the session. */
  askedAt: seconds,
  schedulerAt: seconds,
  readyAt: seconds,
  /** By how much the wall clock was set between the beginnings of the run and of this trial: what brings those to the clock of the trial. */
  clockSetSeconds: seconds.optional(),
  workersAsked: z.int().positive(),
  /** Memory limit of one worker, null when there is none. */
  memoryLimitBytes: bytes.nullable(),
  /** Trials that this session has run before this one. */
  trialsBefore: count,
  /** What holds of the session, as it was found when it came up. */
  capabilities: z
    .object({
      /** All of its processes are on the machine that the trial was started on. */
      onThisMachine: z.boolean(),
      /** The driver reads files through the same page caches as the workers, so that it can fill and drop them. */
      controlsPageCaches: z.boolean(),
      /** Workers share pages of memory, such as those of libraries: they are processes of one machine, not pods. */
      sharesMemory: z.boolean(),
      /** Cores that all workers together may run on, as they see them; null where that is not known. */
      cores: z.number().positive().nullable(),
      /** As many of them as the quotas of their control groups let them use on average; null without a quota. */
      quotaCores: z.number().positive().nullable(),
    })
    .optional(),
});

const Worker = z.object({
  ...envelope,
  type: z.literal('worker'),
  action: z.enum(['present', 'joined', 'left']),
  worker: z.string(),
  name: z.string(),
  pid: z.int().nullable(),
  host: z.string().nullable(),
  threads: z.int().nullable(),
  /** For `left`: false when the scheduler did not expect it. */
  expected: z.boolean().nullable(),
  /** For `left`: tasks that were running there or whose results were lost with it. */
  lostTasks: count.nullable(),
});

const Clock = z.object({
  ...envelope,
  type: z.literal('clock'),
  /** Name of the worker whose clock it is, where that is not surely the scheduler's; absent for the clock of the source. */
  worker: z.string().optional(),
  /** Scheduler's clock minus that one, already added to `t` and to the times of tasks. */
  offsetSeconds: seconds,
  /** Half of the round trip of the best of several readings; for a worker, to the scheduler and to it. */
  errorSeconds: seconds.nonnegative(),
});

/** `prepare` files listed and functions declared; `trigger` opens T; `graph` graph submitted; `result` closes T: merged result in the client. */
const Mark = z.object({
  ...envelope,
  type: z.literal('mark'),
  name: z.enum(['prepare', 'trigger', 'graph', 'result', 'hygiene']),
});

/** What the driver measured just after a trial, when nothing of it can warm a cold one: how fast the cores are, and what Dask costs without work. */
const Probe = z.object({
  ...envelope,
  type: z.literal('probe'),
  /** CPU of the thread for one run of a fixed kernel, the median of five, all workers at once; by worker name, `serial` for the serial runner. */
  kernelCpuSeconds: z.record(z.string(), seconds.nonnegative()),
  /** Trigger to result of as many empty tasks as the trial has event-processing tasks; null without Dask. */
  floorSeconds: seconds.nonnegative().nullable(),
});

/** What the agent's hook read in the task's own thread, before and after the task. */
export const Meter = z.object({
  wallSeconds: seconds,
  /** CPU of the task's thread; of the whole process where the task has several. */
  cpuSeconds: seconds,
  /** CPU of the whole worker process meanwhile. */
  processCpuSeconds: seconds,
  /** Time the thread was runnable and waited for a core (schedstat). Null where the kernel has none. */
  runQueueSeconds: seconds.nullable(),
  /** Time inside hooked read calls, off and on CPU. Null where reads are not hooked. */
  readSeconds: seconds.nullable(),
  /** CPU of the thread inside hooked read calls. */
  readCpuSeconds: seconds.nullable(),
  /** Wall and CPU time of C++ compilation and Python imports, seen by hooks on interpreter and import system. */
  compileSeconds: seconds.nullable(),
  compileCpuSeconds: seconds.nullable(),
  /**
   * Opening files and reading what is in them, less the waiting for a core, and the CPU of it. This and `handoverCpuSeconds` are absent in
   * journals of before 28 November 2026; null where that is not hooked.
   */
  openSeconds: seconds.nullable().optional(),
  openCpuSeconds: seconds.nullable().optional(),
  /** CPU of preparing the graph of a task, and of its results for the way back. */
  handoverCpuSeconds: seconds.nullable().optional(),
  /** Compressed bytes asked for, as ROOT and uproot count them. */
  bytesRead: bytes.nullable(),
  readCalls: count.nullable(),
  /** Kernel counters of the process: bytes through read calls, and bytes fetched from the block layer. */
  rcharBytes: bytes.nullable(),
  blockReadBytes: bytes.nullable(),
});
export type Meter = z.infer<typeof Meter>;

const Task = z.object({
  ...envelope,
  type: z.literal('task'),
  key: z.string(),
  /** `process` reads events; `merge` reduces results; `other` is anything else (preprocessing, metadata). */
  kind: z.enum(['process', 'merge', 'other']),
  worker: z.string(),
  status: z.enum(['ok', 'error']),
  start: seconds,
  stop: seconds,
  /** Fetching of inputs from other workers before the task. */
  transfers: z.array(z.object({ start: seconds, stop: seconds, bytes: bytes.nullable() })),
  meter: Meter.nullable(),
});

/** Numbers by name. Checked by hand: a trial may have millions of samples, of which zod's own record takes ten times as long. */
const Values = z
  .custom<{ readonly [name: string]: number }>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every(Number.isFinite),
    'expected finite numbers by name',
  )
  .meta({ type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number' } });

/** Counters are cumulative since the source started; gauges are as read. Names and units: `core/model/samples.ts`. */
const Sample = z.object({
  ...envelope,
  type: z.literal('sample'),
  collector: z.enum(SAMPLE_KINDS),
  /** Worker name, `scheduler` or host name. */
  target: z.string(),
  values: Values,
});

/** JSON has no number for what is not finite; an answer may hold it all the same, and is a wrong one. */
const Content = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]);

export const Histogram = z.object({
  name: z.string(),
  title: z.string(),
  bins: z.int().positive(),
  lo: z.number(),
  hi: z.number(),
  /** bins + 2 contents: underflow, bins, overflow. */
  values: z.array(Content),
  sumw2: z.array(Content),
});
export type Histogram = z.infer<typeof Histogram>;

const Answer = z.object({
  ...envelope,
  type: z.literal('answer'),
  /** Events counted in the same loop that filled the histograms. */
  events: count,
  histograms: z.array(Histogram),
  /** Compressed bytes as the framework itself reports them for the whole run; null where it reports none. */
  bytesRead: bytes.nullable(),
});

const Environment = z.object({ ...envelope, type: z.literal('environment'), facts: z.record(z.string(), z.json()) });
const Warning = z.object({ ...envelope, type: z.literal('warning'), code: z.string(), message: z.string() });
const Failed = z.object({
  ...envelope,
  type: z.literal('failed'),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  /** Where workers had too little memory: the largest resident set of one. The hint is then what follows from it. */
  residentBytes: bytes.optional(),
});
/** How a part beside the workload fared, e.g. a collector that could not read its source: never ends a trial. */
const Outcome = z.object({
  ...envelope,
  type: z.literal('outcome'),
  part: z.string(),
  ok: z.boolean(),
  message: z.string(),
});
/** Last event of a trial: how many events each source wrote, so that a missing tail is seen. */
const Done = z.object({ ...envelope, type: z.literal('done'), counts: z.record(z.string(), count) });

/** One line of a trial's journal. */
export const Event = z.discriminatedUnion('type', [
  Planned,
  Environment,
  Session,
  Worker,
  Clock,
  Mark,
  Probe,
  Task,
  Sample,
  Answer,
  Warning,
  Failed,
  Outcome,
  Done,
]);
export type Event = z.infer<typeof Event>;
export type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

type Draft<E> = E extends Event ? Omit<E, keyof typeof envelope> : never;
/** An event without its envelope, as a source in this process hands it over. */
export type EventDraft = Draft<Event>;
