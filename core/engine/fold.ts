import type { Event, EventOf } from '../model/event.ts';
import { largest } from '../model/extremes.ts';
import { isKnown, missing, type Quantity } from '../model/quantity.ts';
import { RECORD_VERSION, type Reason, type TrialRecord } from '../model/record.ts';
import { limitFor } from '../stats/memory.ts';
import { EventLog } from './event-log.ts';
import { budgetOf } from './fold-budget.ts';
import { curvesOf } from './fold-curves.ts';
import { metricsOf } from './fold-metrics.ts';
import { concurrencyOf, type Facts, hostCoresOf, observedOf, windowsOf } from './fold-facts.ts';
import { probeOf } from './fold-probe.ts';
import { pageCacheTaints } from './fold-page-cache.ts';
import { readingsOf } from './fold-samples.ts';
import { seriesOf } from './fold-series.ts';

const MIB = 1024 * 1024;

/**
 * What a trial's journal says, as one record. Pure: the same events give the same record. A journal that was cut short folds
 * too, as `incomplete`; whether the answer is right is added by `judge`. Undefined when not even the plan was written.
 */
export function fold(events: EventLog | Iterable<Event>, torn = false): TrialRecord | undefined {
  const log = EventLog.of(events);
  const planned = log.first('planned');
  if (!planned) return undefined;
  const facts = factsOf(log, planned);
  const metrics = metricsOf(facts);
  const problems = [...completenessOf(log, torn), ...failuresOf(log)];
  const probe = probeOf(log);
  const curves = curvesOf(facts);
  return {
    schemaVersion: RECORD_VERSION,
    trial: planned.trial,
    experiment: planned.experiment,
    block: planned.block,
    session: planned.session,
    repeat: planned.repeat,
    point: planned.point,
    warmth: planned.warmth,
    datasetId: planned.dataset?.id ?? null,
    state: stateOf(problems),
    reasons: problems,
    taints: taintsOf(log, facts),
    flags: [...flagsOf(facts), ...foreignFlags(metrics.host_foreign_cores, facts.cores), ...failedParts(log)],
    observed: { ...observedOf(facts), hostCores: hostCoresOf(facts), ...concurrencyOf(facts) },
    windows: windowsOf(facts),
    ...(probe && { probe }),
    counts: {
      eventsPlanned: planned.events,
      eventsRead: facts.answer?.events ?? missing('the trial gave no answer'),
      tasksPlanned: planned.tasks,
      tasksSeen: facts.processTasks.length,
      tasksErred: facts.tasks.filter((task) => task.status === 'error').length,
    },
    metrics,
    budget: budgetOf(facts),
    tasks: facts.tasks.map(({ key, kind, worker, status, start, stop }) => ({
      key,
      kind,
      worker,
      status,
      start: start - (facts.trigger ?? start),
      stop: stop - (facts.trigger ?? start),
    })),
    series: seriesOf(facts),
    ...(curves.length > 0 && { curves }),
    histograms: facts.answer?.histograms ?? [],
  };
}

function factsOf(log: EventLog, planned: EventOf<'planned'>): Facts {
  const tasks = log.all('task').toSorted((a, b) => a.start - b.start);
  const series = log.series.map((one) => one.inOrderOf('times'));
  return {
    planned,
    session: log.first('session'),
    workers: log.all('worker'),
    tasks,
    processTasks: tasks.filter((task) => task.kind === 'process'),
    series,
    agents: series.filter(({ collector }) => collector === 'agent'),
    scheduler: series.filter(({ collector }) => collector === 'scheduler'),
    host: series.filter(({ collector }) => collector === 'host'),
    answer: log.first('answer'),
    cores: coresOf(log),
    trigger: markOf(log, 'trigger'),
    result: markOf(log, 'result'),
  };
}

function coresOf(log: EventLog): number | undefined {
  const cores = log.first('environment')?.facts['cores'];
  return typeof cores === 'number' ? cores : undefined;
}

function markOf(log: EventLog, name: EventOf<'mark'>['name']): number | undefined {
  return log.all('mark').find((mark) => mark.name === name)?.t;
}

/** A journal is complete when the engine closed it and no source has a gap. */
function completenessOf(log: EventLog, torn: boolean): Reason[] {
  const reasons: Reason[] = [];
  if (torn) reasons.push({ code: 'JOURNAL_TORN', message: 'the last line of the journal is cut short' });
  if (!log.all('done').some(({ source }) => source === 'engine'))
    reasons.push({ code: 'JOURNAL_OPEN', message: 'the journal ends before the trial does' });
  for (const [source, last] of lastNumbers(log)) {
    const { different = 0, lines = 0 } = log.numbers.get(source) ?? {};
    const lost = last - different;
    if (lost !== 0)
      reasons.push({ code: 'EVENTS_MISSING', message: `${source}: ${lost} of ${last} events are missing` });
    const repeated = lines - different;
    if (repeated > 0)
      reasons.push({ code: 'EVENTS_REPEATED', message: `${source}: ${repeated} events came more than once` });
  }
  return reasons;
}

/** The number of the last event of each source by whoever knows it best: the engine, the driver, or the source itself. */
function lastNumbers(log: EventLog): Map<string, number> {
  const last = new Map([...log.numbers].map(([source, { highest }]) => [source, highest]));
  for (const { counts } of log.all('done')) {
    for (const [source, written] of Object.entries(counts)) last.set(source, Math.max(last.get(source) ?? 0, written));
  }
  return last;
}

function failuresOf(log: EventLog): Reason[] {
  return log
    .all('failed')
    .map((event) => ({ code: `FAILED_${event.code}`, message: withHint(event.message, hintOf(event)) }));
}

function withHint(message: string, hint: string): string {
  return hint ? `${message} (${hint})` : message;
}

/** The rule for the memory to ask for is known here and not to the driver, so that it stands once. */
function hintOf({ hint, residentBytes }: EventOf<'failed'>): string {
  return residentBytes === undefined ? hint : `give --memory-limit ${limitFor(residentBytes) / MIB}MiB or more`;
}

function stateOf(problems: readonly Reason[]): TrialRecord['state'] {
  if (problems.some(({ code }) => code.startsWith('FAILED_'))) return 'failed';
  return problems.length > 0 ? 'incomplete' : 'valid';
}

/** Disturbances that make the timing useless though the answer may be right. */
function taintsOf(log: EventLog, facts: Facts): Reason[] {
  const taints: Reason[] = [];
  for (const { action, name, expected, lostTasks } of facts.workers) {
    if (action === 'left') {
      const how = expected ? 'left' : 'was lost';
      taints.push({
        code: 'WORKER_LEFT',
        message: `worker ${name} ${how} during the trial with ${lostTasks ?? 'an unknown number of'} tasks`,
      });
    }
  }
  for (const { action, name } of facts.workers) {
    if (action === 'joined') taints.push({ code: 'WORKER_JOINED', message: `worker ${name} joined during the trial` });
  }
  const { workers, runner } = facts.planned.point;
  const present = observedOf(facts).workers;
  if (runner !== 'serial' && facts.workers.length > 0 && present < workers) {
    taints.push({ code: 'WORKERS_FEWER', message: `${present} of ${workers} workers were there` });
  }
  const erred = facts.tasks.filter((task) => task.status === 'error').length;
  if (erred > 0) taints.push({ code: 'TASKS_ERRED', message: `${erred} tasks erred` });
  const extra = facts.processTasks.filter((task) => task.status === 'ok').length - facts.planned.tasks;
  if (extra > 0 && facts.planned.point.runner !== 'serial') {
    taints.push({ code: 'TASKS_REPEATED', message: `${extra} more event-processing tasks than planned were executed` });
  }
  for (const { code, message } of log.all('warning')) taints.push({ code, message });
  const seen = taints.some(({ code }) => code === 'WORKERS_PAUSED') ? [] : pausedForScheduler(facts);
  return [...taints, ...seen, ...pageCacheTaints(log, facts.planned.warmth.pageCache)];
}

/** The driver looks for paused workers a few times a second and names them; the scheduler's own samples may show one in between. */
function pausedForScheduler({ scheduler, trigger = Infinity, result = -Infinity }: Facts): Reason[] {
  const during = scheduler.flatMap((series) =>
    readingsOf(series, 'dask_scheduler_workers_paused').filter(({ t }) => t >= trigger && t <= result),
  );
  const most = largest(during.map(({ value }) => value));
  if (most <= 0) return [];
  return [{ code: 'WORKERS_PAUSED', message: `workers paused, as the scheduler counts them: ${most}` }];
}

/** Programs of others that take more than this share of the cores change what a trial takes: docs/variability.md. */
const FOREIGN_SHARE = 0.1;

function foreignFlags(foreign: Quantity, cores: number | undefined): Reason[] {
  if (!isKnown(foreign) || cores === undefined || foreign <= FOREIGN_SHARE * cores) return [];
  const message = `other programs took ${foreign.toFixed(2)} of ${cores} cores during T, more than ${100 * FOREIGN_SHARE} %`;
  return [{ code: 'foreign-cpu', message }];
}

/** What beside the workload did not work, such as a collector. */
function failedParts(log: EventLog): Reason[] {
  const failed = log.all('outcome').filter(({ ok }) => !ok);
  return failed.map(({ part, message }) => ({ code: 'part-failed', message: `${part}: ${message}` }));
}

/** More threads than cores: as it was planned for this machine, or as the session found it where its workers are elsewhere. */
function flagsOf({ planned: { oversubscribed, point }, session }: Facts): Reason[] {
  const { cores, quotaCores } = session?.capabilities ?? { cores: null, quotaCores: null };
  const most = Math.min(cores ?? Infinity, quotaCores ?? Infinity);
  if (!oversubscribed && point.workers * point.threadsPerWorker <= most) return [];
  return [
    { code: 'oversubscribed', message: `${point.workers} workers of ${point.threadsPerWorker} threads on fewer cores` },
  ];
}
