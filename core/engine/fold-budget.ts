import { largest } from '../model/extremes.ts';
import type { EventOf } from '../model/event.ts';
import { missing } from '../model/quantity.ts';
import type { Budget } from '../model/record.ts';
import { coreSecondsOf, executionOf, type Facts, heldIn, turnaroundOf } from './fold-facts.ts';
import { clip, intersect, type Interval, lengthSum, subtract, union } from './intervals.ts';

const PARTS = [
  'taskCpu',
  'coreWait',
  'readWait',
  'otherWait',
  'compilation',
  'opening',
  'handover',
  'preparation',
  'scheduling',
  'merging',
  'idleTail',
] as const;
type InsideTasks = Record<
  'taskCpu' | 'coreWait' | 'readWait' | 'otherWait' | 'compilation' | 'opening' | 'handover',
  number
>;
type OutsideTasks = Record<'preparation' | 'scheduling' | 'merging' | 'idleTail', number>;

/**
 * Core-seconds of T, split. Every moment of a worker belongs to one part: inside event-processing tasks the agent's meter
 * divides the time, outside them the place on the time line does. What the two views of a task's length differ by is `unexplained`.
 */
export function budgetOf(facts: Facts): Budget {
  const why = whyUnknown(facts);
  if (why !== undefined) return unknownBudget(facts, why);
  const [window, execution] = [turnaroundOf(facts), executionOf(facts)];
  if (!window || !execution) throw new Error('whyUnknown admits only trials with both windows');
  const coreSeconds = coreSecondsOf(facts, window);
  const inside = insideOf(facts.processTasks);
  const outside = outsideOf(facts, window, execution);
  const known = { ...inside, ...outside };
  const explained = PARTS.reduce((sum, part) => sum + known[part], 0);
  const { opening, handover, ...always } = known;
  return {
    ...always,
    ...(isMetered(facts) && { opening, handover }),
    ...notSeparated(facts),
    coreSeconds,
    unexplained: coreSeconds - explained,
  };
}

/** Whether the journal is of a time when opening and handing over were metered, be it that some task could not be hooked. */
function isMetered({ processTasks }: Facts): boolean {
  return processTasks.every(({ meter }) => meter?.openSeconds !== undefined);
}

/** Where a hook is not to be had, its part is not zero: it is inside another one, and that is said. */
function notSeparated({ processTasks }: Facts): Partial<Budget> {
  const without = (field: 'readSeconds' | 'compileSeconds' | 'openSeconds' | 'handoverCpuSeconds') =>
    processTasks.some(({ meter }) => meter?.[field] === null);
  return {
    ...(without('readSeconds') && { readWait: missing('reads are not hooked: not separated from other waiting') }),
    ...(without('compileSeconds') && {
      compilation: missing('compilation is not hooked: not separated from task CPU'),
    }),
    ...(without('openSeconds') && { opening: missing('opening is not hooked: not separated from task CPU') }),
    ...(without('handoverCpuSeconds') && {
      handover: missing('handing over is not hooked: not separated from task CPU'),
    }),
  };
}

function whyUnknown(facts: Facts): string | undefined {
  if (!turnaroundOf(facts)) return 'no result';
  if (facts.processTasks.length === 0) return 'no event-processing task was seen';
  const threads = facts.planned.point.threadsPerWorker;
  if (threads > 1) return 'a worker with several threads cannot be split';
  if (facts.processTasks.some(({ meter }) => meter === null)) return 'a task was not metered';
  if (facts.processTasks.some(({ meter }) => meter?.runQueueSeconds === null)) return 'the kernel gives no schedstat';
  return undefined;
}

function unknownBudget(facts: Facts, why: string): Budget {
  const window = turnaroundOf(facts);
  const none = missing(why);
  return {
    coreSeconds: window ? coreSecondsOf(facts, window) : none,
    taskCpu: none,
    coreWait: none,
    readWait: none,
    otherWait: none,
    compilation: none,
    preparation: none,
    scheduling: none,
    merging: none,
    idleTail: none,
    unexplained: none,
  };
}

/**
 * Waiting for a core while compiling is part of `compilation`: its waiting is taken off the queue time first. Rounding of
 * clocks may leave a part a few microseconds below zero: it is shown as zero and the difference falls to `unexplained`.
 */
function insideOf(tasks: readonly EventOf<'task'>[]): InsideTasks {
  const sum = { taskCpu: 0, coreWait: 0, readWait: 0, otherWait: 0, compilation: 0, opening: 0, handover: 0 };
  for (const { meter } of tasks) {
    if (!meter) continue;
    const compile = Math.max(0, meter.compileSeconds ?? 0);
    const compileCpu = Math.min(compile, Math.max(0, meter.compileCpuSeconds ?? 0));
    const opening = Math.max(0, meter.openSeconds ?? 0);
    const openCpu = Math.min(opening, Math.max(0, meter.openCpuSeconds ?? 0));
    const handover = Math.max(0, meter.handoverCpuSeconds ?? 0);
    const taskCpu = Math.max(0, meter.cpuSeconds - compileCpu - openCpu - handover);
    const coreWait = Math.max(0, (meter.runQueueSeconds ?? 0) - (compile - compileCpu));
    // A thread that waits for a core inside a read call is waiting for the core.
    const offCpu = Math.max(0, meter.wallSeconds - taskCpu - compile - opening - handover - coreWait);
    const readWait = Math.min(offCpu, Math.max(0, (meter.readSeconds ?? 0) - (meter.readCpuSeconds ?? 0)));
    sum.taskCpu += taskCpu;
    sum.coreWait += coreWait;
    sum.readWait += readWait;
    sum.compilation += compile;
    sum.opening += opening;
    sum.handover += handover;
    sum.otherWait += offCpu - readWait;
  }
  return sum;
}

function outsideOf(facts: Facts, window: Interval, execution: Interval): OutsideTasks {
  const sum = { preparation: 0, scheduling: 0, merging: 0, idleTail: 0 };
  const ofWorker = Map.groupBy(facts.tasks, ({ worker }) => worker);
  for (const [name, held] of Map.groupBy(heldIn(facts, window), (one) => one.name)) {
    const tasks = ofWorker.get(name) ?? [];
    const processing = tasks.filter(({ kind }) => kind === 'process');
    const merging = union([
      ...tasks.filter(({ kind }) => kind === 'merge'),
      ...tasks.flatMap(({ transfers }) => transfers),
    ]);
    const free = subtract(held, processing);
    sum.merging += lengthSum(intersect(free, merging));
    const preparing = subtract(
      tasks.filter(({ kind }) => kind === 'other'),
      merging,
    );
    sum.preparation += lengthSum(intersect(free, preparing));
    const idle = subtract(free, [...merging, ...preparing]);
    const last = Math.max(execution.start, largest(processing.map(({ stop }) => stop)));
    sum.scheduling += lengthSum(clip(idle, { start: window.start, stop: last }));
    sum.idleTail += lengthSum(clip(idle, { start: last, stop: execution.stop }));
    sum.merging += lengthSum(clip(idle, { start: execution.stop, stop: window.stop }));
  }
  return sum;
}
