import { derive, isKnown, type Quantity } from '../model/quantity.ts';
import type { Reason, Record } from '../model/record.ts';

/**
 * The answer first, the speed second: a complete trial whose answer is wrong, or whose events and tasks are not the planned
 * ones, becomes `invalid`. `check` is the suite's own comparison with the truth.
 */
export function judge(record: Record, check: (record: Record) => readonly Reason[]): Record {
  if (record.state !== 'valid') return record;
  const reasons = [...countsOf(record), ...check(record), ...impossibleOf(record)];
  return reasons.length === 0 ? record : { ...record, state: 'invalid', reasons: [...record.reasons, ...reasons] };
}

function countsOf({ counts, point }: Record): Reason[] {
  const reasons: Reason[] = [];
  if (counts.eventsRead !== counts.eventsPlanned) {
    reasons.push({
      code: 'EVENTS_WRONG',
      message: `${isKnown(counts.eventsRead) ? counts.eventsRead : counts.eventsRead.missing} events read, ${counts.eventsPlanned} planned`,
    });
  }
  // A serial loop is one task whatever the plan says.
  if (point.runner !== 'serial' && counts.tasksSeen < counts.tasksPlanned) {
    reasons.push({
      code: 'TASKS_MISSING',
      message: `${counts.tasksSeen} event-processing tasks seen, ${counts.tasksPlanned} planned`,
    });
  }
  return reasons;
}

const CLOCK_TICK_SECONDS = 0.01;

/**
 * CPU-seconds beyond cores x wall are a defect of the measurement: no such trial may be believed. The threads of the tasks
 * are held to the tasks' own duration, the processes, whose event loop and agent run beside them, to the cores of their host.
 */
function impossibleOf({ point, tasks, observed, windows, metrics, budget }: Record): Reason[] {
  const processing = tasks.filter(({ kind }) => kind === 'process');
  const threads = point.runner === 'serial' ? point.threadsPerWorker : 1;
  const busy = processing.reduce((sum, { start, stop }) => sum + (stop - start) * threads, 0);
  const host = derive([observed.hostCores, windows.turnaroundSeconds], (cores = 0, seconds = 0) => cores * seconds);
  return [
    ...beyond(budget.taskCpu, busy, processing.length, 'of event-processing tasks'),
    ...beyond(metrics['cpu_seconds'], host, observed.workers, 'on the cores of the host'),
  ];
}

function beyond(cpu: Quantity | undefined, limit: Quantity, clocks: number, where: string): Reason[] {
  if (typeof cpu !== 'number' || typeof limit !== 'number' || cpu <= limit + CLOCK_TICK_SECONDS * clocks) return [];
  const message = `${cpu.toFixed(2)} CPU-seconds in ${limit.toFixed(2)} core-seconds ${where}`;
  return [{ code: 'CPU_IMPOSSIBLE', message }];
}
