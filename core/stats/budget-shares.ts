import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import {
  BUDGET_PARTS,
  type BudgetPart,
  mean,
  meanBudget,
  referenceCpu,
  type ReferenceCpu,
  type SplitBudget,
  splitBudget,
} from './budget.ts';
import { type Interval, studentInterval } from './student.ts';
import type { PointSummary } from './summarise.ts';

/** The share that a part has of the core-seconds of a point. */
export interface Share {
  readonly share: Quantity;
  /** 95 % interval over the sessions; null with fewer than three. */
  readonly interval: Interval | null;
}

/** The mean budget of a point and the shares of its parts. */
export interface PointBudget extends SplitBudget {
  readonly shares: { readonly [part in BudgetPart]: Share };
}

function ratio(budgets: readonly SplitBudget[], part: BudgetPart): Quantity {
  const whole = mean(budgets.map(({ coreSeconds }) => coreSeconds));
  return derive([mean(budgets.map(({ parts }) => parts[part])), whole], (one = 0, all = 0) => one / all);
}

/**
 * The budgets of each session, split by the serial reference of the same session, so that the spread of the reference is part of
 * the interval of what it splits off.
 */
function sessionBudgets({ eligible }: PointSummary, reference: ReferenceCpu): readonly SplitBudget[][] {
  const absent = isKnown(reference.overall) ? missing('no serial reference in the same session') : reference.overall;
  return [...Map.groupBy(eligible, ({ session }) => session)].map(([session, records]) =>
    records.map((record) => splitBudget(record, reference.bySession.get(session) ?? absent)),
  );
}

/** Student's interval on the plain scale, because a part may be zero; cut where a share cannot be, widened to the shown share. */
function intervalOf(share: Quantity, values: readonly number[], signed: boolean): Interval | null {
  const found = isKnown(share) ? studentInterval(values, 'linear') : null;
  if (!found || !isKnown(share)) return null;
  const [least, most] = signed ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [0, 1];
  return { lo: Math.min(share, Math.max(found.lo, least)), hi: Math.max(share, Math.min(found.hi, most)) };
}

/** Where the core-seconds of a point went, with the uncertainty of each share. */
export function pointBudget(summary: PointSummary, summaries: readonly PointSummary[]): PointBudget {
  const reference = referenceCpu(summaries, summary.point);
  const budget = meanBudget(summary, reference.overall);
  const sessions = sessionBudgets(summary, reference);
  const shareOf = (part: BudgetPart): Share => {
    const share = ratio([budget], part);
    const signed = BUDGET_PARTS.some((one) => one.name === part && 'signed' in one);
    const values = sessions.map((own) => ratio(own, part)).filter(isKnown);
    return { share, interval: intervalOf(share, values, signed) };
  };
  return {
    ...budget,
    shares: {
      useful: shareOf('useful'),
      taskCpu: shareOf('taskCpu'),
      inflation: shareOf('inflation'),
      opening: shareOf('opening'),
      handover: shareOf('handover'),
      compilation: shareOf('compilation'),
      coreWait: shareOf('coreWait'),
      readWait: shareOf('readWait'),
      otherWait: shareOf('otherWait'),
      preparation: shareOf('preparation'),
      scheduling: shareOf('scheduling'),
      merging: shareOf('merging'),
      idleTail: shareOf('idleTail'),
      unexplained: shareOf('unexplained'),
    },
  };
}

/** The largest loss of a budget with its share of the core-seconds; missing when no loss is known. */
export function largestLoss({
  coreSeconds,
  shares,
}: PointBudget):
  | { readonly title: string; readonly share: number; readonly interval: Interval | null }
  | { readonly missing: string } {
  const losses = BUDGET_PARTS.filter(({ loss }) => loss).flatMap(({ name, title }) => {
    const { share, interval } = shares[name];
    return isKnown(share) ? [{ title, share, interval }] : [];
  });
  const largest = losses.toSorted((a, b) => b.share - a.share)[0];
  if (!largest) return { missing: isKnown(coreSeconds) ? 'no part of the budget is known' : coreSeconds.missing };
  return largest;
}
