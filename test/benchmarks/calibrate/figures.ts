// What an experiment reports, from simulated records through the functions that the report uses.
import type { TrialRecord } from '../../../core/model/record.ts';
import { isKnown, type Quantity } from '../../../core/model/quantity.ts';
import { pointBudget } from '../../../core/stats/budget-shares.ts';
import { type Estimated, isEstimate } from '../../../core/stats/estimate.ts';
import { isSerial, speedups } from '../../../core/stats/speedups.ts';
import type { Interval } from '../../../core/stats/student.ts';
import { type PointSummary, summarise } from '../../../core/stats/summarise.ts';
import { aRecord, anExperiment, type Overrides } from '../../../core/stats/test/records.ts';
import type { Noise } from './noise.ts';

/** A figure as a page shows it. */
export interface Shown {
  readonly value: number;
  readonly interval: Interval | null;
}

/** Draws, for every repeat of one block, the factors by which it is slower than the truth. */
export type DrawBlock = (noise: Noise) => readonly number[];

/** A kind of figure under one kind of noise. */
export interface Figure {
  readonly name: string;
  /** The records of one session. */
  readonly session: (session: number, draw: DrawBlock) => readonly TrialRecord[];
  readonly shown: (records: readonly TrialRecord[]) => Shown;
}

const REPEAT = 0.02;
const FIVE: Noise = { session: 0.05, repeat: REPEAT };
/** Scheduling and the like vary more than the speed of a core does. */
const LOSS: Noise = { session: 0.2, repeat: 0.1 };
const SERIAL_FRACTION = 0.1;
const COUNTS = [1, 2, 4, 8];
const COLD = { process: 'fresh', compiled: 'cold', pageCache: 'warm', storage: 'local' } as const;

/** One block: the trials of one point in one session, `each` made from its factor. */
function block(session: number, factors: readonly number[], each: (factor: number) => Overrides): TrialRecord[] {
  return factors.map((factor, i) => aRecord({ session, repeat: i + 1, ...each(factor) }));
}

function shownOf(found: Estimated | { readonly missing: string } | undefined): Shown {
  if (found === undefined || !('trials' in found) || !isEstimate(found))
    throw new Error('a simulated figure is missing');
  return { value: found.median, interval: found.interval };
}

function summariesOf(records: readonly TrialRecord[]): readonly PointSummary[] {
  return summarise(anExperiment(records));
}

/** T of one point. */
export function timeUnder(name: string, noise: Noise): Figure {
  return {
    name: `T, ${name}`,
    session: (session, draw) => block(session, draw(noise), (T) => ({ T })),
    shown: (records) => shownOf(summariesOf(records)[0]?.turnaround),
  };
}

/** T of each worker count in blocks of its own, after Amdahl's law. */
function scaledSession(counts: readonly number[]): Figure['session'] {
  return (session, draw) =>
    counts.flatMap((workers) => {
      const seconds = SERIAL_FRACTION + (1 - SERIAL_FRACTION) / workers;
      return block(session, draw(FIVE), (factor) => ({ T: 10 * seconds * factor, point: { workers } }));
    });
}

const speedUp: Figure = {
  name: 'speed-up and efficiency, block sd 5 %',
  session: scaledSession([1, 2]),
  shown: (records) => shownOf(speedups(summariesOf(records), 'one worker')[0]?.points[1]?.speedUp),
};

const amdahl: Figure = {
  name: 'serial fraction of Amdahl, block sd 5 %',
  session: scaledSession(COUNTS),
  shown: (records) => {
    const fit = speedups(summariesOf(records), 'one worker')[0]?.amdahl;
    return shownOf(fit && 'serialFraction' in fit ? fit.serialFraction : fit);
  },
};

/** The first trial of each session, which has no repeats. */
const cold: Figure = {
  name: 'T of the cold trial, session sd 5 %, trials 10 %',
  session: (session, draw) =>
    block(session, draw({ session: 0.05, repeat: 0.1 }).slice(0, 1), (T) => ({ T: 3 * T, repeat: 0, warmth: COLD })),
  shown: (records) => shownOf(summariesOf(records)[0]?.cold.turnaround),
};

function known(quantity: Quantity): number {
  if (!isKnown(quantity)) throw new Error(quantity.missing);
  return quantity;
}

/** A serial reference and one point, whose tasks need more CPU and lose some core-seconds to scheduling. */
function budgetSession(session: number, draw: DrawBlock): TrialRecord[] {
  const lost = draw(LOSS);
  const serial = block(session, draw(FIVE), (factor) => ({
    point: { runner: 'serial', startMethod: 'none' },
    metrics: { cpu_seconds_per_mevent: 5 * factor },
  }));
  const point = draw(FIVE).map((factor, i) => {
    const [taskCpu, scheduling] = [6 * factor, 1.5 * (lost[i] ?? 1)];
    const budget = { taskCpu, scheduling, coreSeconds: 2.5 + taskCpu + scheduling };
    return aRecord({ session, repeat: i + 1, point: { workers: 2 }, budget });
  });
  return [...serial, ...point];
}

function shareOf(part: 'scheduling' | 'inflation', name: string): Figure {
  return {
    name,
    session: budgetSession,
    shown: (records) => {
      const summaries = summariesOf(records);
      const point = summaries.find((one) => !isSerial(one.point));
      if (!point) throw new Error('the simulated point is missing');
      const { share, interval } = pointBudget(point, summaries).shares[part];
      return { value: known(share), interval };
    },
  };
}

/** Everything that docs/statistics.md gives the coverage of. */
export const FIGURES: readonly Figure[] = [
  timeUnder('session sd 0', { session: 0, repeat: REPEAT }),
  timeUnder('session sd 2 %', { session: 0.02, repeat: REPEAT }),
  timeUnder('session sd 5 %', FIVE),
  timeUnder('session sd 5 %, repeats correlated 0.7', { ...FIVE, correlation: 0.7 }),
  timeUnder('session sd 5 %, a tenth of repeats stalls by 30 %', { ...FIVE, stalls: 0.1 }),
  timeUnder('session sd 6 %, repeats 10 % (as measured)', { session: 0.06, repeat: 0.1 }),
  cold,
  speedUp,
  amdahl,
  shareOf('scheduling', 'budget share of a loss, session sd 20 %'),
  shareOf('inflation', 'budget share of CPU inflation, blocks and serial reference sd 5 %'),
];
