import type { Point } from '../model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Experiment } from '../model/record.ts';
import { largestLoss, pointBudget } from './budget-shares.ts';
import { parametersText, workKey } from './eligible.ts';
import { type Estimated, estimate } from './estimate.ts';
import { memoryRequest, type MemoryRequest } from './memory.ts';
import {
  type AgainstThreads,
  besideThreads,
  type Comparison,
  compareWithSerial,
  compareWithThreads,
} from './serial-first.ts';
import { isSerial, type Reference, type Scaling, serialReference, type SpeedUpPoint, speedups } from './speedups.ts';
import { judgedOf, type Statement, statementOf } from './statement.ts';
import type { Interval } from './student.ts';
import { type PointSummary, summarise } from './summarise.ts';
import { type Trouble, troubleOf } from './trouble.ts';
import { floorOf, whyDisturbed } from './verdict.ts';

/** What a statement rests on. */
export interface Evidence {
  readonly workers: number;
  readonly of: 'efficiency' | 'speed-up against serial';
  readonly estimate: Estimated;
}

/** What costs most at a worker count, as a share of its core-seconds. */
interface Limit {
  readonly workers: number;
  readonly title: string;
  readonly share: number;
  readonly interval: Interval | null;
  readonly trials: number;
  readonly sessions: number;
}

/** What a facility wants to know about one backend on one size of data. */
export interface Headline {
  readonly point: Point;
  readonly warmth: string;
  /** What efficiency is taken against: one worker, or serial where one worker was not run or was disturbed. */
  readonly reference: Reference;
  /** Counts whose trials failed or were wrong: said before anything else. */
  readonly troubles: readonly Trouble[];
  readonly statement: Statement;
  /** Against one thread without Dask; null where that was not run, or was disturbed. */
  readonly serial: Comparison | null;
  /** Worker counts that were run beside as many threads of one process. */
  readonly threads: readonly AgainstThreads[];
  /** References that were run and are not compared with, and why. */
  readonly notCompared: readonly { readonly reference: Reference; readonly why: string }[];
  /** Whether the floor of Dask's overhead was measured, so that T could be held against it. */
  readonly floorKnown: boolean;
  /** Largest worker count tested without oversubscription. */
  readonly largestTested: Quantity;
  /** Whether there are counts that were tested with oversubscription, and left out. */
  readonly oversubscribed: boolean;
  /** The count that the cost belongs to: the largest that surely passes, otherwise the smallest tested. */
  readonly workers: Quantity;
  /** The count that the statement is about, with its efficiency or, where serial is faster, its speed-up against serial. */
  readonly evidence: Evidence | undefined;
  /** Core-seconds that were occupied for a million events at `workers`: median of the warm trials. */
  readonly coreSecondsPerMevent: Estimated;
  readonly memory: MemoryRequest;
  /** Largest loss at the first worker count beyond `workers`, where there is one, otherwise at `workers`. */
  readonly limit: Limit | { readonly missing: string };
}

function coreSecondsPerMevent(summary: PointSummary | undefined): Estimated {
  const observations = (summary?.eligible ?? []).map(({ session, budget, counts }) => ({
    session,
    value: derive([budget.coreSeconds, counts.eventsRead], (cores = 0, events = 0) => (cores / events) * 1e6),
  }));
  return estimate(observations, 'log');
}

function limitAt(point: SpeedUpPoint | undefined, summaries: readonly PointSummary[]): Headline['limit'] {
  if (!point) return { missing: 'no worker count was tested' };
  const loss = largestLoss(pointBudget(point.summary, summaries));
  const { trials, sessions } = point.summary;
  return 'missing' in loss ? loss : { workers: point.workers, ...loss, trials, sessions };
}

/** What went wrong anywhere in the curve, oversubscribed counts and every serial run of the same work included. */
function troublesOf({ point, points }: Scaling, summaries: readonly PointSummary[]): readonly Trouble[] {
  const serial = summaries.filter((other) => isSerial(other.point) && workKey(other.point) === workKey(point));
  return [...serial, ...points.map(({ summary }) => summary)].flatMap(troubleOf);
}

function evidenceOf(statement: Statement, judged: readonly SpeedUpPoint[]): Evidence | undefined {
  if (statement.kind === 'serial is faster')
    return { workers: statement.at.workers, of: 'speed-up against serial', estimate: statement.at.speedUp };
  if (statement.kind === 'none') return undefined;
  const { from, to, stop } = statement.reach;
  const wanted = [from, to, stop?.workers].find((workers) => workers !== undefined && workers > 0);
  const point = judged.find(({ workers }) => workers === wanted);
  return point && { workers: point.workers, of: 'efficiency', estimate: point.efficiency };
}

function headlineOf(
  scaling: Scaling,
  againstSerial: Scaling | undefined,
  summaries: readonly PointSummary[],
): Headline {
  const serialSummaries = serialReference(summaries, scaling.point);
  const one = scaling.points.filter(({ workers }) => workers === 1).map(({ summary }) => summary);
  const serialDisturbed = serialSummaries.length > 0 ? whyDisturbed(serialSummaries) : undefined;
  const oneDisturbed = one.length > 0 ? whyDisturbed(one) : undefined;
  const comparable = againstSerial && serialSummaries.length > 0 && serialDisturbed === undefined;
  const others = scaling.points.some(({ workers, oversubscribed }) => workers > 1 && !oversubscribed);
  const instead = one.length === 0 ? serialSummaries.length > 0 : comparable && oneDisturbed !== undefined && others;
  const used = instead && againstSerial ? againstSerial : scaling;
  const { reference } = used;
  const tested = used.points.filter(
    ({ oversubscribed, workers }) => !oversubscribed && !(reference === 'serial' && workers === 1 && oneDisturbed),
  );
  const beside = besideThreads(summaries, tested);
  const scaled = tested.filter(({ workers }) => workers > 1);
  const claims =
    judgedOf(tested, reference).length + (comparable && reference === 'one worker' ? scaled.length : 0) + beside.length;
  const serial = comparable ? compareWithSerial(serialSummaries, againstSerial, tested, claims) : null;
  const referenceSummaries = reference === 'serial' ? serialSummaries : one;
  const statement = statementOf({ reference, tested, referenceSummaries, serial, claims });
  const notCompared = [
    ...(serialDisturbed === undefined ? [] : [{ reference: 'serial' as const, why: serialDisturbed }]),
    ...(oneDisturbed === undefined || reference !== 'serial'
      ? []
      : [{ reference: 'one worker' as const, why: oneDisturbed }]),
  ];
  const from = statement.kind === 'reach' ? statement.reach.from : 0;
  const best = tested.find(({ workers }) => workers === from) ?? tested[0];
  const beyond = tested.find(({ workers }) => workers > (best?.workers ?? 0));
  const none = missing('no worker count was tested without oversubscription');
  return {
    point: scaling.point,
    warmth: scaling.warmth,
    reference,
    troubles: troublesOf(scaling, summaries),
    statement,
    serial,
    threads: compareWithThreads(beside, claims),
    notCompared,
    floorKnown: tested.some(({ summary }) => isKnown(floorOf(summary))),
    largestTested: tested.at(-1)?.workers ?? none,
    oversubscribed: used.points.some(({ oversubscribed }) => oversubscribed),
    workers: best?.workers ?? none,
    evidence: evidenceOf(statement, judgedOf(tested, reference)),
    coreSecondsPerMevent: coreSecondsPerMevent(best?.summary),
    memory: memoryRequest(used.points.map(({ summary }) => summary)),
    limit: limitAt(beyond ?? best, summaries),
  };
}

/**
 * A single worker count without serial says nothing about scaling: left out where other data of the same backend were scaled, unless
 * something went wrong there.
 */
function telling(scalings: readonly Scaling[], summaries: readonly PointSummary[]): readonly Scaling[] {
  const tells = ({ points, point }: Scaling): boolean =>
    new Set(points.map(({ workers }) => workers)).size > 1 || serialReference(summaries, point).length > 0;
  const sameWork = Map.groupBy(scalings, ({ point }) =>
    JSON.stringify([point.suite, point.backend, parametersText(point)]),
  );
  return [...sameWork.values()].flatMap((own) => {
    const told = own.filter((scaling) => tells(scaling) || troublesOf(scaling, summaries).length > 0);
    return told.some(tells) ? told : [...new Set([...own.slice(0, 1), ...told])];
  });
}

/** The answer to "how many workers, and what do they cost": one for each suite, backend, parameters and size of data. */
export function headline(
  experiment: Experiment,
  summaries: readonly PointSummary[] = summarise(experiment),
): readonly Headline[] {
  const againstSerial = new Map(speedups(summaries, 'serial').map((scaling) => [scaling.key, scaling]));
  return telling(speedups(summaries, 'one worker'), summaries).map((scaling) =>
    headlineOf(scaling, againstSerial.get(scaling.key), summaries),
  );
}
