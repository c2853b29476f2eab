import { isKnown } from '../model/quantity.ts';
import type { Reason, TrialRecord } from '../model/record.ts';

/**
 * The answer first, the speed second: a complete trial whose answer is wrong, whose events and tasks are not the planned ones, or
 * whose measurement cannot be, becomes `invalid`. `check` looks at what is not in the record: truth and journal.
 */
export function judge(record: TrialRecord, check: (record: TrialRecord) => readonly Reason[]): TrialRecord {
  if (record.state !== 'valid') return record;
  const reasons = [...countsOf(record), ...check(record)];
  return reasons.length === 0 ? record : { ...record, state: 'invalid', reasons: [...record.reasons, ...reasons] };
}

function countsOf({ counts, point }: TrialRecord): Reason[] {
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
