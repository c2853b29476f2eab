import { isKnown } from '../model/quantity.ts';
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

/** CPU-seconds beyond cores x wall are a defect of the measurement: no such trial may be believed. */
function impossibleOf({ tasks, metrics, budget }: Record): Reason[] {
  const cpu = metrics['cpu_seconds'];
  const { coreSeconds } = budget;
  if (typeof cpu !== 'number' || typeof coreSeconds !== 'number') return [];
  // The event loop of a worker and the agent run beside the task's thread, on a core that the task leaves free.
  const limit = coreSeconds * 1.5 + CLOCK_TICK_SECONDS * (tasks.length + 2);
  if (cpu <= limit) return [];
  return [
    { code: 'CPU_IMPOSSIBLE', message: `${cpu.toFixed(2)} CPU-seconds in ${coreSeconds.toFixed(2)} core-seconds` },
  ];
}
