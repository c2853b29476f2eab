import type { TrialRecord } from '../model/record.ts';
import type { PointSummary } from './summarise.ts';

/** Trials of one point that gave no right answer. */
export interface Trouble {
  readonly point: PointSummary['point'];
  readonly wrong: number;
  /** The answer may be right, but what was measured cannot be. */
  readonly impossible: number;
  readonly failed: number;
  readonly incomplete: number;
  readonly trials: number;
}

/** Reasons that are about the answer; what else makes a trial invalid is about its measurement (docs/trust.md). */
const ANSWER = new Set(['ANSWER_WRONG', 'EVENTS_WRONG', 'TASKS_MISSING', 'TRUTH_MISSING']);

function isImpossible({ state, reasons }: TrialRecord): boolean {
  return state === 'invalid' && reasons.length > 0 && !reasons.some(({ code }) => ANSWER.has(code));
}

/** What went wrong at a point, cold trials included; empty when nothing did. */
export function troubleOf({ point, records }: PointSummary): Trouble[] {
  const count = (wanted: TrialRecord['state']): number => records.filter(({ state }) => state === wanted).length;
  const impossible = records.filter(isImpossible).length;
  const trouble = {
    point,
    wrong: count('invalid') - impossible,
    impossible,
    failed: count('failed'),
    incomplete: count('incomplete'),
    trials: records.length,
  };
  return count('invalid') + trouble.failed + trouble.incomplete > 0 ? [trouble] : [];
}
