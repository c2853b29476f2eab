import type { Point } from '../model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { parametersText, workKey } from './eligible.ts';
import { sessionMedians } from './estimate.ts';
import { median } from './quantile.ts';
import { isSerial } from './speedups.ts';
import { metricOf, type PointSummary } from './summarise.ts';

/** What core-seconds were spent on, in the order in which bars are stacked; `signed` parts are differences, which may be negative. */
export const BUDGET_PARTS = [
  { name: 'useful', title: 'useful compute', loss: false },
  { name: 'taskCpu', title: 'task CPU, not split', loss: false },
  { name: 'inflation', title: 'CPU inflation', loss: true, signed: true },
  { name: 'opening', title: 'opening files', loss: true },
  { name: 'handover', title: 'building and handing over', loss: true },
  { name: 'compilation', title: 'compilation and imports', loss: true },
  { name: 'coreWait', title: 'waiting for a core', loss: true },
  { name: 'readWait', title: 'waiting for data', loss: true },
  { name: 'otherWait', title: 'other waiting inside tasks', loss: true },
  { name: 'preparation', title: 'preparation', loss: true },
  { name: 'scheduling', title: 'scheduling', loss: true },
  { name: 'merging', title: 'merging', loss: true },
  { name: 'idleTail', title: 'idle tail', loss: true },
  { name: 'unexplained', title: 'unexplained', loss: true, signed: true },
] as const;

export type BudgetPart = (typeof BUDGET_PARTS)[number]['name'];

/** Core-seconds during T; the known parts add up to `coreSeconds`. */
export interface SplitBudget {
  readonly coreSeconds: Quantity;
  /** Either `taskCpu` or `useful` and `inflation` are known, never both. */
  readonly parts: { readonly [part in BudgetPart]: Quantity };
  /** Tasks used less CPU per event than the serial reference: `inflation` is negative. */
  readonly deflation: boolean;
}

/** Stands for a part that the journal knows nothing of: it was made before that was metered, or no task was. */
export const UNMETERED: Quantity = missing('not metered: part of task CPU');

/** CPU-seconds per million events of one serial thread, without opening and handing over where these are metered, from warm trials of the same suite, backend and parameters. */
export interface ReferenceCpu {
  /** Median over all trials. */
  readonly overall: Quantity;
  /** Median of each session that has such trials. */
  readonly bySession: ReadonlyMap<number, number>;
}

/** The serial trials that a point is held against: on the same data where there are such trials. */
export function referenceCpu(summaries: readonly PointSummary[], point: Point): ReferenceCpu {
  const serial = summaries.filter(
    ({ point: other, oversubscribed }) =>
      isSerial(other) &&
      other.threadsPerWorker === 1 &&
      !oversubscribed &&
      other.suite === point.suite &&
      other.backend === point.backend &&
      parametersText(other) === parametersText(point),
  );
  const onSameData = serial.filter(({ point: other }) => workKey(other) === workKey(point));
  for (const candidates of [onSameData, serial]) {
    const observations = candidates
      .flatMap(({ eligible }) => eligible)
      .map((record) => ({ session: record.session, value: cpuPerMevent(record) }));
    const known = observations.map(({ value }) => value).filter(isKnown);
    if (known.length === 0) continue;
    const medians = sessionMedians(observations).map((one) => [one.session, one.median] as const);
    return { overall: median(known), bySession: new Map(medians) };
  }
  const none = missing('no warm serial reference of this backend, suite and parameters');
  return { overall: none, bySession: new Map() };
}

function cpuPerMevent(record: TrialRecord): Quantity {
  const { budget, counts } = record;
  if (budget.opening === undefined) return metricOf(record, 'cpu_seconds_per_mevent');
  return derive([budget.taskCpu, counts.eventsRead], (cpu = 0, events = 0) => (cpu / events) * 1e6);
}

/** Splits the task CPU of one trial; `reference` in CPU-seconds per million events. */
export function splitBudget(record: TrialRecord, reference: Quantity): SplitBudget {
  const { coreSeconds, taskCpu, opening = UNMETERED, handover = UNMETERED, ...rest } = record.budget;
  const useful = derive(
    [taskCpu, reference, record.counts.eventsRead],
    (_cpu, perMevent = 0, events = 0) => (perMevent * events) / 1e6,
  );
  const inflation = derive([taskCpu, useful], (cpu = 0, part = 0) => cpu - part);
  const unsplit = isKnown(useful) ? missing('split into useful compute and inflation') : taskCpu;
  return {
    coreSeconds,
    parts: { ...rest, opening, handover, useful, inflation, taskCpu: unsplit },
    deflation: isKnown(inflation) && inflation < 0,
  };
}

/** The mean of quantities that are all known. */
export function mean(quantities: readonly Quantity[]): Quantity {
  if (quantities.length === 0) return missing('no eligible trial');
  return derive(quantities, (...values) => values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** The mean budget of the eligible trials of a point: means, unlike medians, still add up. */
export function meanBudget(summary: PointSummary, reference: Quantity): SplitBudget {
  const budgets = summary.eligible.map((record) => splitBudget(record, reference));
  const over = (name: BudgetPart): Quantity => mean(budgets.map((budget) => budget.parts[name]));
  const parts = {
    useful: over('useful'),
    taskCpu: over('taskCpu'),
    inflation: over('inflation'),
    opening: over('opening'),
    handover: over('handover'),
    compilation: over('compilation'),
    coreWait: over('coreWait'),
    readWait: over('readWait'),
    otherWait: over('otherWait'),
    preparation: over('preparation'),
    scheduling: over('scheduling'),
    merging: over('merging'),
    idleTail: over('idleTail'),
    unexplained: over('unexplained'),
  };
  return {
    coreSeconds: mean(budgets.map(({ coreSeconds }) => coreSeconds)),
    parts,
    deflation: isKnown(parts.inflation) && parts.inflation < 0,
  };
}
