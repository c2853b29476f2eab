import type { Event, EventOf } from '../model/event.ts';
import { largest } from '../model/extremes.ts';
import { missing } from '../model/quantity.ts';
import { RECORD_VERSION, type Reason, type Record } from '../model/record.ts';
import { limitFor } from '../stats/memory.ts';
import { budgetOf } from './fold-budget.ts';
import { metricsOf } from './fold-metrics.ts';
import { concurrencyOf, type Facts, hostCoresOf, observedOf, windowsOf } from './fold-facts.ts';
import { probeOf } from './fold-probe.ts';
import { pageCacheTaints } from './fold-page-cache.ts';
import { seriesOf } from './fold-series.ts';

const MIB = 1024 * 1024;

/**
 * What a trial's journal says, as one record. Pure: the same events give the same record. A journal that was cut short folds
 * too, as `incomplete`; whether the answer is right is added by `judge`. Undefined when not even the plan was written.
 */
export function fold(events: readonly Event[], torn = false): Record | undefined {
  const planned = first(events, 'planned');
  if (!planned) return undefined;
  const facts = factsOf(events, planned);
  const problems = [...completenessOf(events, torn), ...failuresOf(events)];
  const probe = probeOf(events);
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
    taints: taintsOf(events, facts),
    flags: flagsOf(planned),
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
    metrics: metricsOf(facts),
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
    histograms: facts.answer?.histograms ?? [],
  };
}

function factsOf(events: readonly Event[], planned: EventOf<'planned'>): Facts {
  const tasks = events.filter((event) => event.type === 'task').toSorted((a, b) => a.start - b.start);
  return {
    planned,
    session: first(events, 'session'),
    workers: events.filter((event) => event.type === 'worker'),
    tasks,
    processTasks: tasks.filter((task) => task.kind === 'process'),
    samples: events.filter((event) => event.type === 'sample').toSorted((a, b) => a.t - b.t),
    answer: first(events, 'answer'),
    cores: coresOf(events),
    trigger: markOf(events, 'trigger'),
    result: markOf(events, 'result'),
  };
}

function first<T extends Event['type']>(events: readonly Event[], type: T): EventOf<T> | undefined {
  return events.find((event): event is EventOf<T> => event.type === type);
}

function coresOf(events: readonly Event[]): number | undefined {
  const cores = first(events, 'environment')?.facts['cores'];
  return typeof cores === 'number' ? cores : undefined;
}

function markOf(events: readonly Event[], name: EventOf<'mark'>['name']): number | undefined {
  return events.find((event) => event.type === 'mark' && event.name === name)?.t;
}

/** A journal is complete when the engine closed it and no source has a gap. */
function completenessOf(events: readonly Event[], torn: boolean): Reason[] {
  const reasons: Reason[] = [];
  const done = events.find((event) => event.type === 'done' && event.source === 'engine');
  if (torn) reasons.push({ code: 'JOURNAL_TORN', message: 'the last line of the journal is cut short' });
  if (done?.type !== 'done') reasons.push({ code: 'JOURNAL_OPEN', message: 'the journal ends before the trial does' });
  const counts = countsOf(events);
  for (const [source, { seqs, lines, last }] of counts) {
    const lost = last - seqs.size;
    if (lost !== 0)
      reasons.push({ code: 'EVENTS_MISSING', message: `${source}: ${lost} of ${last} events are missing` });
    const repeated = lines - seqs.size;
    if (repeated > 0)
      reasons.push({ code: 'EVENTS_REPEATED', message: `${source}: ${repeated} events came more than once` });
  }
  return reasons;
}

/** What came of each source, and the number of its last event by whoever knows it best: the engine, or the driver itself. */
function countsOf(events: readonly Event[]) {
  const counts = new Map<string, { seqs: Set<number>; lines: number; last: number }>();
  const of = (source: string) => {
    const count = counts.get(source) ?? { seqs: new Set<number>(), lines: 0, last: 0 };
    counts.set(source, count);
    return count;
  };
  for (const event of events) {
    const count = of(event.source);
    count.seqs.add(event.seq);
    count.lines += 1;
    count.last = Math.max(count.last, event.seq);
    if (event.type !== 'done') continue;
    for (const [source, written] of Object.entries(event.counts)) of(source).last = Math.max(of(source).last, written);
  }
  return counts;
}

function failuresOf(events: readonly Event[]): Reason[] {
  return events
    .filter((event) => event.type === 'failed')
    .map((event) => ({ code: `FAILED_${event.code}`, message: withHint(event.message, hintOf(event)) }));
}

function withHint(message: string, hint: string): string {
  return hint ? `${message} (${hint})` : message;
}

/** The rule for the memory to ask for is known here and not to the driver, so that it stands once. */
function hintOf({ hint, residentBytes }: EventOf<'failed'>): string {
  return residentBytes === undefined ? hint : `give --memory-limit ${limitFor(residentBytes) / MIB}MiB or more`;
}

function stateOf(problems: readonly Reason[]): Record['state'] {
  if (problems.some(({ code }) => code.startsWith('FAILED_'))) return 'failed';
  return problems.length > 0 ? 'incomplete' : 'valid';
}

/** Disturbances that make the timing useless though the answer may be right. */
function taintsOf(events: readonly Event[], facts: Facts): Reason[] {
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
  for (const event of events) {
    if (event.type === 'warning') taints.push({ code: event.code, message: event.message });
  }
  const seen = taints.some(({ code }) => code === 'WORKERS_PAUSED') ? [] : pausedForScheduler(facts);
  return [...taints, ...seen, ...pageCacheTaints(events, facts.planned.warmth.pageCache)];
}

/** The driver looks for paused workers a few times a second and names them; the scheduler's own samples may show one in between. */
function pausedForScheduler({ samples, trigger = Infinity, result = -Infinity }: Facts): Reason[] {
  const during = samples.filter(({ t }) => t >= trigger && t <= result);
  const most = largest(during.map(({ values }) => values['dask_scheduler_workers_paused'] ?? 0));
  if (most <= 0) return [];
  return [{ code: 'WORKERS_PAUSED', message: `workers paused, as the scheduler counts them: ${most}` }];
}

function flagsOf({ oversubscribed, point }: EventOf<'planned'>): Reason[] {
  if (!oversubscribed) return [];
  return [
    { code: 'oversubscribed', message: `${point.workers} workers of ${point.threadsPerWorker} threads on fewer cores` },
  ];
}
