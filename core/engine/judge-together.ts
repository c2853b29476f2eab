import type { EventOf } from '../model/event.ts';
import { isKnown } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { isEligible, parametersText, pointKey } from '../stats/eligible.ts';
import { median } from '../stats/quantile.ts';
import type { EventLog } from './event-log.ts';
import type { PlannedData } from './place.ts';

/** A judged trial, with what its journal shares with those of other trials. */
export interface Judged {
  readonly record: TrialRecord;
  /** In its block, from 0. */
  readonly position: number;
  readonly session: SessionTimes | undefined;
  readonly trialsBefore: number | undefined;
  readonly dataset: PlannedData;
  /** When it was planned and when its journal was closed, in seconds since the epoch on the clock of the run. */
  readonly start: number;
  readonly stop: number;
  /** When its result was there. */
  readonly result: number;
}

type SessionTimes = Pick<EventOf<'session'>, 'askedAt' | 'schedulerAt' | 'readyAt'>;

export function sharedOf(log: EventLog): Omit<Judged, 'record' | 'position'> {
  const [session, planned] = [log.first('session'), log.first('planned')];
  const set = session?.clockSetSeconds ?? 0;
  return {
    session: session && {
      askedAt: session.askedAt,
      schedulerAt: session.schedulerAt,
      readyAt: session.readyAt,
    },
    trialsBefore: session?.trialsBefore,
    dataset: planned?.dataset ?? null,
    start: (planned?.t ?? 0) - set,
    stop: (log.last?.t ?? 0) - set,
    result: (log.all('mark').find(({ name }) => name === 'result')?.t ?? 0) - set,
  };
}

/** Something that holds between the trials of an experiment. */
export interface Comparison {
  readonly code: string;
  /** What must hold, for the list in docs/trust.md. */
  readonly sentence: string;
  /** Which trials are wrong, with the values seen. All of them are sound by themselves. */
  readonly broken: (trials: readonly Judged[], all: readonly Judged[]) => readonly Wrong[];
}

type Wrong = readonly [Judged, string];

/** One other may be the one that is wrong. Two have no middle that one of them could not move, so that both must be unlike. */
const OTHERS = 2;
/**
 * Cores that are faster explain a factor of 1.15 in CPU per event and 1.6 in a kernel of a tenth of a second (core-speed.ts); the
 * bytes of one point are the same to the last, whatever the cores do.
 */
const UNLIKE = 2;
/** No cores of one experiment differ by as much in the time of a fixed kernel, and none in the time of empty tasks, which wait for others. */
const KERNEL_UNLIKE = 10;
const FLOOR_UNLIKE = 100;
/** Of less CPU than this a single pause of the garbage collector is a large part. */
const LEAST_CPU_SECONDS = 0.1;
/** Times of sessions and journals are of one clock, which may be corrected a little meanwhile. */
const CLOCK_SECONDS = 0.1;

/** For `JSON.stringify`: names in their order, so that equal values have equal texts. */
function byName(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Those that do not say what most of their group say; all of them where no answer has a majority. */
function oddOnes(groups: Iterable<readonly Judged[]>, said: (one: Judged) => unknown): Wrong[] {
  const wrong: Wrong[] = [];
  for (const group of groups) {
    const texts = new Map(group.map((one) => [one, JSON.stringify(said(one), byName)]));
    const agreeing = Map.groupBy(group, (one) => texts.get(one));
    for (const [text, own] of agreeing) {
      if (own.length * 2 > group.length) continue;
      const other = group.find((another) => texts.get(another) !== text);
      if (!other) continue;
      for (const one of own)
        wrong.push([one, `${JSON.stringify(said(one))}, that of ${other.record.trial} ${JSON.stringify(said(other))}`]);
    }
  }
  return wrong;
}

/** Which of the sessions of its block a trial ran in: the block goes on in a new one after a trial that broke the one before. */
function sessionKeys(trials: readonly Judged[]): Map<Judged, string> {
  const keys = new Map<Judged, string>();
  for (const own of Map.groupBy(trials, ({ record }) => record.block).values()) {
    for (const one of own) keys.set(one, `${one.record.block} from ${openedAt(one, own)}`);
  }
  return keys;
}

/** The position of the first trial of the session that `one` ran in; `block` holds those trials of the block that there are. */
function openedAt({ position }: Judged, block: readonly Judged[]): number {
  const reopened = block.filter(
    (other) => other.position <= position && other.record.taints.some(({ code }) => code === 'SESSION_REOPENED'),
  );
  return Math.max(0, ...reopened.map((other) => other.position));
}

/** How many trials of its session ran before this one; undefined where one of them is not there to say how it went. */
function trialsBefore(one: Judged, all: readonly Judged[]): number | undefined {
  const block = all.filter(({ record, position }) => record.block === one.record.block && position < one.position);
  return block.length === one.position ? one.position - openedAt(one, [...block, one]) : undefined;
}

/** The value of a trial and that of the other warm trials of its point: their median, or the nearer of two. */
function againstOthers(
  trials: readonly Judged[],
  of: (record: TrialRecord) => number | undefined,
): [Judged, number, number][] {
  return [...Map.groupBy(trials, ({ record }) => pointKey(record.point)).values()].flatMap((group) =>
    group.flatMap((one): [Judged, number, number][] => {
      const own = of(one.record);
      const others = group.flatMap(({ record }) =>
        record !== one.record && isEligible(record) ? (of(record) ?? []) : [],
      );
      if (own === undefined || others.length < OTHERS) return [];
      const nearer = Math.min(Math.max(own, Math.min(...others)), Math.max(...others));
      const middle = others.length === OTHERS ? nearer : median(others);
      return isKnown(middle) ? [[one, own, middle]] : [];
    }),
  );
}

function cpuSeconds({ datasetId, budget }: TrialRecord): number | undefined {
  return datasetId !== null && isKnown(budget.taskCpu) ? budget.taskCpu : undefined;
}

function bytesRead({ datasetId, metrics }: TrialRecord): number | undefined {
  const bytes = metrics['read_bytes_framework'];
  return datasetId !== null && typeof bytes === 'number' ? bytes : undefined;
}

function kernelSeconds({ probe }: TrialRecord): number | undefined {
  return probe && isKnown(probe.kernelCpuSeconds) ? probe.kernelCpuSeconds : undefined;
}

function floorSeconds({ probe }: TrialRecord): number | undefined {
  return probe && isKnown(probe.floorSeconds) ? probe.floorSeconds : undefined;
}

/** What holds between the trials of an experiment, whose journals may be damaged one by one. */
export const COMPARISONS: readonly Comparison[] = [
  {
    code: 'DATA_UNLIKE',
    sentence: 'journals that name the same data and columns describe them alike',
    broken: (trials) => {
      const ofData = trials.filter(({ record }) => record.datasetId !== null);
      const groups = Map.groupBy(
        ofData,
        ({ record }) => `${record.datasetId} ${record.point.clone} ${parametersText(record.point)}`,
      );
      return oddOnes(groups.values(), ({ dataset }) => dataset).map(([one, said]) => [one, `the data are ${said}`]);
    },
  },
  {
    code: 'SESSION_UNLIKE',
    sentence: 'the trials of one session give it the same times, and count on',
    broken: (trials, all) => {
      const keys = sessionKeys(all);
      const groups = Map.groupBy(trials, (one) => keys.get(one));
      const times = oddOnes(groups.values(), ({ session }) => session).map(([one, said]): Wrong => [
        one,
        `the session is ${said}`,
      ]);
      const counts = trials.flatMap((one): Wrong[] => {
        const before = trialsBefore(one, all);
        return before === undefined || one.trialsBefore === before
          ? []
          : [[one, `${one.trialsBefore} trials of the session before it, ${before} are there`]];
      });
      return [...times, ...counts];
    },
  },
  {
    code: 'SESSION_OVERLAPS',
    sentence: 'a session is asked for when the trials of the sessions before it are over',
    broken: (trials, all) => {
      const keys = sessionKeys(all);
      return trials.flatMap((one): Wrong[] => {
        const asked = one.session?.askedAt ?? Infinity;
        const other = trials.find(
          (another) =>
            keys.get(another) !== keys.get(one) &&
            another.result <= one.start &&
            another.result > asked + CLOCK_SECONDS,
        );
        if (!other) return [];
        const early = (other.result - asked).toFixed(3);
        return [[one, `the session was asked for ${early} s before ${other.record.trial} of another session ended`]];
      });
    },
  },
  {
    code: 'TRIALS_OVERLAP',
    sentence: 'one trial is over when the next one is planned',
    broken: (trials) => {
      const inTime = trials.toSorted((a, b) => a.start - b.start);
      return inTime.slice(1).flatMap((after, index): Wrong[] => {
        const before = inTime[index];
        if (!before || before.stop <= after.start + CLOCK_SECONDS) return [];
        const late = `${(before.stop - after.start).toFixed(3)} s`;
        return before.result <= after.start
          ? [[before, `its journal was closed ${late} after the plan of ${after.record.trial}`]]
          : [[after, `it was planned ${late} before ${before.record.trial} was over`]];
      });
    },
  },
  {
    code: 'CPU_UNLIKE',
    sentence: `a warm trial uses no less than 1/${UNLIKE} of the CPU of the other warm trials of its point, where there are ${OTHERS}`,
    broken: (trials) =>
      againstOthers(trials, cpuSeconds).flatMap(([one, own, others]): Wrong[] =>
        // Of a cold trial compilation is taken off, which is known less well.
        one.record.repeat > 0 && others >= LEAST_CPU_SECONDS && own * UNLIKE < others
          ? [
              [
                one,
                `${own.toFixed(3)} CPU-seconds in event-processing tasks, ${others.toFixed(3)} in other trials of the same point: no core is ${UNLIKE} times as fast`,
              ],
            ]
          : [],
      ),
  },
  {
    code: 'BYTES_UNLIKE',
    sentence: `a trial reads between 1/${UNLIKE} and ${UNLIKE} times the bytes of the other warm trials of its point, where there are ${OTHERS}`,
    broken: (trials) =>
      againstOthers(trials, bytesRead).flatMap(([one, own, others]): Wrong[] =>
        own * UNLIKE < others || own > others * UNLIKE
          ? [[one, `${own} bytes read, ${others} in other trials of the same point`]]
          : [],
      ),
  },
  {
    code: 'PROBE_UNLIKE',
    sentence: `the kernel of a probe takes between 1/${KERNEL_UNLIKE} and ${KERNEL_UNLIKE} times as long as in the other warm trials of its point, empty tasks no less than 1/${FLOOR_UNLIKE}, where there are ${OTHERS}`,
    broken: (trials) => [
      ...againstOthers(trials, kernelSeconds)
        .filter(([, own, others]) => own * KERNEL_UNLIKE < others || own > others * KERNEL_UNLIKE)
        .map(([one, own, others]): Wrong => [one, `the kernel of the probe took ${against(own, others)}`]),
      ...againstOthers(trials, floorSeconds)
        .filter(([, own, others]) => own * FLOOR_UNLIKE < others)
        .map(([one, own, others]): Wrong => [one, `empty tasks took ${against(own, others)}`]),
    ],
  },
];

function against(own: number, others: number): string {
  return `${own.toFixed(6)} s, ${others.toFixed(6)} s in other trials of the same point`;
}

/** The records of an experiment in the order of its plan: one that is right by itself may still be unlike all others. */
export function compared(judged: readonly Judged[]): TrialRecord[] {
  const sound = judged.filter(({ record }) => record.state === 'valid');
  const reasons = COMPARISONS.flatMap(({ code, broken }) =>
    broken(sound, judged).map(([one, message]) => ({ one, reason: { code, message } })),
  );
  return judged.map((one) => {
    const own = reasons.filter((wrong) => wrong.one === one).map(({ reason }) => reason);
    return own.length === 0
      ? one.record
      : { ...one.record, state: 'invalid', reasons: [...one.record.reasons, ...own] };
  });
}
