import { isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { type Estimated, estimate, type Observation, sessionMedians } from './estimate.ts';
import { median } from './quantile.ts';

/** A session is unlike the others when its CPU per event is this many times that of the middle one, or that one's is this many times its own. */
export const CPU_BOUND = 1.15;
/** The same of the kernel, which takes 0.1 s: on shared cores it jumps by itself by more than CPU per event, a mean over a trial. */
export const KERNEL_BOUND = 1.6;
/** With two sessions nobody can say which of them is the odd one. */
const SESSIONS_TO_COMPARE = 3;

/**
 * What one session cost, over the median of the sessions of the same point, itself among them: above 1 its cores were slower. Of
 * three the median is an ordinary one even if one is odd, which the median of the two others is not.
 */
export interface SessionSpeed {
  readonly session: number;
  /** CPU of the probe's fixed kernel. */
  readonly kernel: Quantity;
  /** CPU of the event-processing tasks per event. */
  readonly cpu: Quantity;
}

/** How fast the cores were in the sessions of one point. */
export interface CoreSpeed {
  readonly sessions: readonly SessionSpeed[];
  /** Those that differ by more than a bound. */
  readonly unlike: readonly SessionSpeed[];
  /**
   * Events per second of T, each session scaled by its CPU per event over that of the median session: what would have been
   * measured had the cores been as fast in all of them, if all of T scaled with them.
   */
  readonly corrected: Estimated;
}

/** Compares the sessions of one point; `records` are all of its trials, `eligible` those that count. */
export function coreSpeed(records: readonly TrialRecord[], eligible: readonly TrialRecord[]): CoreSpeed {
  const kernels = costs(records, ({ probe }) => probe?.kernelCpuSeconds ?? missing('no probe'));
  const cpus = costs(eligible, ({ metrics }) => metrics['cpu_seconds_per_mevent'] ?? missing('not measured'));
  const sessions = [...new Set(eligible.map(({ session }) => session))]
    .toSorted((a, b) => a - b)
    .map((session) => ({ session, kernel: againstMiddle(kernels, session), cpu: againstMiddle(cpus, session) }));
  return {
    sessions,
    unlike: sessions.filter(({ kernel, cpu }) => beyond(cpu, CPU_BOUND) || beyond(kernel, KERNEL_BOUND)),
    corrected: estimate(correctedRates(eligible, cpus), 'log'),
  };
}

type Costs = ReadonlyMap<number, number>;

function costs(records: readonly TrialRecord[], of: (record: TrialRecord) => Quantity): Costs {
  const found = sessionMedians(records.map((record): Observation => ({ session: record.session, value: of(record) })));
  return new Map(found.map((one) => [one.session, one.median]));
}

function againstMiddle(all: Costs, session: number): Quantity {
  const own = all.get(session);
  if (own === undefined) return missing('not measured in this session');
  if (all.size < SESSIONS_TO_COMPARE) return missing(`fewer than ${SESSIONS_TO_COMPARE} sessions`);
  const middle = median([...all.values()]);
  return isKnown(middle) && middle > 0 ? own / middle : missing('the sessions cost nothing');
}

function beyond(ratio: Quantity, bound: number): boolean {
  return isKnown(ratio) && (ratio > bound || ratio < 1 / bound);
}

function correctedRates(eligible: readonly TrialRecord[], cpus: Costs): Observation[] {
  const middle = median([...cpus.values()]);
  return eligible.map(({ session, metrics }) => {
    const rate = metrics['event_rate'] ?? missing('not measured');
    const own = cpus.get(session);
    if (!isKnown(rate)) return { session, value: rate };
    if (own === undefined || !isKnown(middle) || !(middle > 0)) {
      return { session, value: missing('CPU per event was not measured') };
    }
    return { session, value: (rate * own) / middle };
  });
}
