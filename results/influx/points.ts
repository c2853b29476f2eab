import { AXIS_LIST } from '../../core/model/axes.ts';
import type { EventOf } from '../../core/model/event.ts';
import { TRIAL_MEASUREMENT } from '../../core/model/measurements.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { measurementOf, type SampleKind, SAMPLES } from '../../core/model/samples.ts';
import type { Context } from '../journal/context.ts';
import { encoderOf, type InfluxPoint, SchemaError, type SeriesEncoder } from './line.ts';

type Sample = EventOf<'sample'>;

/** Makes the line of each sample of one context, and throws a SchemaError for one that does not fit the catalogue. */
export function sampleEncoder(
  context: Context,
): (sample: Pick<Sample, 'collector' | 'target' | 'values' | 't'>) => string {
  // Most of the work is the tags, and they are always the same for one target.
  const collectors = new Map(
    SAMPLES.map((measurement) => [
      measurement.collector,
      { encoderOfTags: encoderOf(measurement), ofTarget: new Map<string, SeriesEncoder>() },
    ]),
  );
  return ({ collector, target, values, t }) => {
    const known = collectors.get(collector);
    if (!known) throw new SchemaError(`no samples are called ${collector}`);
    let encode = known.ofTarget.get(target);
    if (encode === undefined) {
      encode = known.encoderOfTags(tagsOf(collector, target, context));
      known.ofTarget.set(target, encode);
    }
    return encode(values, t);
  };
}

/** Tags of a sample: the context, and the target where a collector has several. */
export function tagsOf(collector: SampleKind, target: string, context: Context): InfluxPoint['tags'] {
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
export function trialLine(record: TrialRecord, about: TrialContext, t: number): string {
  const { tags, fields } = trialPoint(record, about, t);
  return encodeTrial(tags)(fields, t);
}

/** The point of a trial's summary, dated `t`. */
export function trialPoint(record: TrialRecord, { site, commit, reportsUrl }: TrialContext, t: number): InfluxPoint {
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
      budget_opening_seconds: budget.opening && known(budget.opening),
      budget_handover_seconds: budget.handover && known(budget.handover),
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
function tagsOfPoint(point: TrialRecord['point']): { readonly [tag: string]: string } {
  const values = AXIS_LIST.map(({ tag, before, textOf }) => ({ tag, before, text: textOf(point) }));
  return Object.fromEntries(values.filter(({ before, text }) => text !== before).map(({ tag, text }) => [tag, text]));
}

function known(quantity: Quantity): number | undefined {
  return isKnown(quantity) ? quantity : undefined;
}
