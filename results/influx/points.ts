import { z } from 'zod';
import { encoderOf, type Point, SchemaError } from './line.ts';
import { AXIS_LIST } from '../../core/model/axes.ts';
import { TRIAL_MEASUREMENT } from '../../core/model/measurements.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { Record } from '../../core/model/record.ts';
import { measurementOf, type SampleKind, SAMPLES } from '../../core/model/samples.ts';

/** What all lines of a journal share. */
export interface Context {
  readonly site: string;
  readonly runner: string;
  readonly suite: string;
  readonly backend: string;
  /** Experiment or monitor. */
  readonly run: string;
  /** Block, or the scheduler that a monitor watches. */
  readonly cluster: string;
}

export interface SampleEvent {
  readonly t: number;
  readonly collector: SampleKind;
  readonly target: string;
  readonly values: Readonly<{ [name: string]: number }>;
}

/** What is used of an event of the journal; the rest of it is the engine's. */
export interface UsedEvent {
  readonly t: number;
  readonly source: string;
  readonly seq: number;
  readonly sample?: SampleEvent;
  readonly planned?: Omit<Context, 'site'>;
  readonly environment?: {
    readonly site?: string | undefined;
    readonly commit?: string | undefined;
    readonly reportsUrl?: string | undefined;
    readonly monitor?: string | undefined;
    readonly cluster?: string | undefined;
  };
}

const Envelope = z.object({ type: z.string(), source: z.string(), seq: z.int(), t: z.number() });
const Planned = z.object({
  experiment: z.string(),
  block: z.string(),
  point: z.object({ runner: z.string(), suite: z.string(), backend: z.string() }),
});
const Environment = z.object({
  facts: z.object({
    site: z.string().optional(),
    host: z.string().optional(),
    commit: z.string().nullish(),
    reportsUrl: z.string().optional(),
    monitor: z.string().optional(),
    cluster: z.string().optional(),
  }),
});

/** Reads one line of a journal; throws a SchemaError for what is no event. */
export function eventOf(text: string): UsedEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SchemaError('not JSON');
  }
  if (isSample(value)) return { t: value.t, source: value.source, seq: value.seq, sample: value };
  const { type, ...event } = fit(Envelope, value);
  if (type === 'planned') {
    const { experiment: run, block: cluster, point } = fit(Planned, value);
    return { ...event, planned: { ...point, run, cluster } };
  }
  if (type !== 'environment') return event;
  const { site, host, commit, ...facts } = fit(Environment, value).facts;
  return { ...event, environment: { ...facts, site: site ?? host, commit: commit ?? undefined } };
}

function fit<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SchemaError('not an event of a journal');
}

/** By hand: nearly all lines are samples, and this takes a tenth of the time of a schema. */
function isSample(value: unknown): value is SampleEvent & { source: string; seq: number } {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'sample') return false;
  return (
    'source' in value &&
    typeof value.source === 'string' &&
    'seq' in value &&
    typeof value.seq === 'number' &&
    't' in value &&
    typeof value.t === 'number' &&
    'collector' in value &&
    typeof value.collector === 'string' &&
    ENCODERS.has(value.collector) &&
    'target' in value &&
    typeof value.target === 'string' &&
    'values' in value &&
    typeof value.values === 'object' &&
    value.values !== null
  );
}

const ENCODERS = new Map<string, (point: Point) => string>(
  SAMPLES.map((measurement) => [measurement.collector, encoderOf(measurement)]),
);

/** The line of one sample; throws a SchemaError when it does not fit the catalogue. */
export function sampleLine({ t, collector, target, values }: SampleEvent, context: Context): string {
  const encode = ENCODERS.get(collector);
  if (!encode) throw new SchemaError(`no samples are called ${collector}`);
  return encode({ tags: tagsOf(collector, target, context), fields: values, t });
}

/** Tags of a sample: the context, and the target where a collector has several. */
export function tagsOf(collector: SampleKind, target: string, context: Context): Point['tags'] {
  const { site, runner, suite, backend, run, cluster } = context;
  const tag = measurementOf(collector).target;
  return { site, runner, suite, backend, run, cluster, ...(tag === undefined ? {} : { [tag]: target }) };
}

/** What a summary says beside its record. */
export interface TrialContext {
  readonly site: string;
  readonly commit: string;
  readonly reportsUrl?: string | undefined;
}

const encodeTrial = encoderOf(TRIAL_MEASUREMENT);

/** The line of a trial's summary, dated `t`, the moment when its journal was begun. */
export function trialLine(record: Record, about: TrialContext, t: number): string {
  return encodeTrial(trialPoint(record, about, t));
}

/** The point of a trial's summary, dated `t`. */
export function trialPoint(record: Record, { site, commit, reportsUrl }: TrialContext, t: number): Point {
  const { point, warmth, state, taints, flags, repeat, observed, counts, windows, budget } = record;
  const said = (reasons: readonly { message: string }[]) =>
    reasons.map(({ message }) => message).join('; ') || undefined;
  return {
    t,
    tags: {
      site,
      ...tagsOfPoint(point),
      process: warmth.process,
      compiled: warmth.compiled,
      page_cache: warmth.pageCache,
    },
    fields: {
      experiment: record.experiment,
      trial: record.trial,
      dataset: record.datasetId ?? undefined,
      state,
      reasons: said(record.reasons),
      taints: said(taints),
      commit,
      report_url:
        reportsUrl === undefined ? undefined : `${reportsUrl.replace(/\/+$/, '')}/${record.experiment}/report.html`,
      valid: state === 'valid' ? 1 : 0,
      counted: state === 'valid' && taints.length === 0 && repeat > 0 ? 1 : 0,
      oversubscribed: flags.some(({ code }) => code === 'oversubscribed') ? 1 : 0,
      session: record.session,
      repeat,
      workers_asked: point.workers,
      workers_seen: observed.workers,
      workers_used: observed.workersUsed,
      threads_seen: observed.threads,
      events_planned: counts.eventsPlanned,
      events_read: known(counts.eventsRead),
      tasks_planned: counts.tasksPlanned,
      tasks_seen: counts.tasksSeen,
      tasks_erred: counts.tasksErred,
      time_to_result_seconds: known(windows.timeToResultSeconds),
      turnaround_seconds: known(windows.turnaroundSeconds),
      execution_seconds: known(windows.executionSeconds),
      budget_core_seconds: known(budget.coreSeconds),
      budget_task_cpu_seconds: known(budget.taskCpu),
      budget_core_wait_seconds: known(budget.coreWait),
      budget_read_wait_seconds: known(budget.readWait),
      budget_other_wait_seconds: known(budget.otherWait),
      budget_compilation_seconds: known(budget.compilation),
      budget_preparation_seconds: known(budget.preparation),
      budget_scheduling_seconds: known(budget.scheduling),
      budget_merging_seconds: known(budget.merging),
      budget_idle_tail_seconds: known(budget.idleTail),
      budget_unexplained_seconds: known(budget.unexplained),
      concurrency_mean: known(observed.meanConcurrency),
      ...Object.fromEntries(Object.entries(record.metrics).map(([name, value]) => [name, known(value)])),
    },
  };
}

/** A tag for each axis, but for those in which the point has what every run had before there was the axis. */
function tagsOfPoint(point: Record['point']): { readonly [tag: string]: string } {
  const values = AXIS_LIST.map(({ tag, before, textOf }) => ({ tag, before, text: textOf(point) }));
  return Object.fromEntries(values.filter(({ before, text }) => text !== before).map(({ tag, text }) => [tag, text]));
}

function known(quantity: Quantity): number | undefined {
  return isKnown(quantity) ? quantity : undefined;
}
