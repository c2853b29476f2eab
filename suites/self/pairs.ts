import type { Point, Warmth } from '../../core/model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { eitherWay, isWatched, watchedPoint } from '../../core/model/watching.ts';
import type { Estimate, Pair, Watching } from './result.ts';

interface Step {
  readonly repeat: number;
  readonly point: Point;
  readonly warmth: Warmth;
}

/**
 * The trials of one block as neighbouring pairs, one watched and one not, which the parameter `watch` of their points says.
 * The order within a pair alternates, so that a drift of the machine cancels, and so does what follows a change from one to
 * the other: in two pairs, each comes once after itself and once after the other. `onFirst` is the order of the first pair,
 * and the first trial of a point, which stays 0, is like the one after it. Twice the repeats give as many pairs, numbered
 * from 1; an edited trial is left out.
 */
export function inPairs<T extends Step>(trials: readonly T[], onFirst: boolean): T[] {
  return trials
    .filter(({ warmth }) => warmth.compiled !== 'edited')
    .map((trial) => {
      const pair = Math.ceil(trial.repeat / 2);
      const firstIsOn = (pair % 2 === 1) === onFirst;
      const on = trial.repeat === 0 ? onFirst : (trial.repeat % 2 === 1) === firstIsOn;
      return { ...trial, repeat: pair, point: watchedPoint(trial.point, on) };
    });
}

/** What `watchingCost` needs of the statistics. */
export interface Statistics {
  /** Whether a trial may enter a ratio: right answer, whole journal, undisturbed. */
  readonly counts: (record: TrialRecord) => boolean;
  /** Median and interval with the session as the unit; `what` names the figure. */
  readonly estimate: (
    observations: readonly { readonly session: number; readonly value: Quantity }[],
    what: string,
  ) => Estimate;
}

/** The cost of watching at each point, from records in the order in which they ran. */
export function watchingCost(records: readonly TrialRecord[], { counts, estimate }: Statistics): Watching[] {
  const paired = records.filter(({ repeat }) => repeat > 0);
  return [...groupBy(paired, ({ point }) => JSON.stringify(eitherWay(point))).values()].flatMap((group) => {
    const first = group[0];
    if (!first) return [];
    const pairs = [...groupBy(group, ({ block, repeat }) => `${block} ${repeat}`).values()].map((pair) =>
      pairOf(pair, counts),
    );
    const over = (what: string, pick: (pair: Pair) => Quantity) =>
      estimate(
        pairs.map((pair) => ({ session: pair.session, value: pick(pair) })),
        what,
      );
    const watched = group.filter((record) => isOn(record) && counts(record));
    return [
      {
        point: eitherWay(first.point),
        ratio: over('ratio', ({ ratio }) => ratio),
        onSeconds: over('on', ({ onSeconds }) => onSeconds),
        offSeconds: over('off', ({ offSeconds }) => offSeconds),
        cpuRatio: estimate(
          watched.map(({ session, metrics }) => ({
            session,
            value: metrics['watching_cpu_ratio'] ?? missing('not measured'),
          })),
          'cpu',
        ),
        pairs,
      },
    ];
  });
}

function pairOf(records: readonly TrialRecord[], counts: Statistics['counts']): Pair {
  const secondsOf = (wanted: boolean): Quantity => {
    const record = records.find((one) => isOn(one) === wanted);
    if (!record) return missing('its trial has no record');
    return counts(record) ? record.windows.turnaroundSeconds : missing(`trial ${record.trial} does not count`);
  };
  const [onSeconds, offSeconds] = [secondsOf(true), secondsOf(false)];
  const first = records[0];
  return {
    session: first?.session ?? 0,
    pair: first?.repeat ?? 0,
    first: first && isOn(first) ? 'on' : 'off',
    onSeconds,
    offSeconds,
    ratio: derive([onSeconds, offSeconds], (on = Number.NaN, off = Number.NaN) => on / off),
  };
}

/** Pairs of which both trials count. */
export function wholePairs(pairs: readonly Pair[]): number {
  return pairs.filter(({ ratio }) => isKnown(ratio)).length;
}

function isOn({ point }: TrialRecord): boolean {
  return isWatched(point);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
