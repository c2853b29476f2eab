import { isKnown, missing } from '../../core/model/quantity.ts';
import type { Headline } from '../../core/stats/headline.ts';
import { GOOD_EFFICIENCY, type Reach } from '../../core/stats/reach.ts';
import type { AgainstSerial, Work } from '../../core/stats/serial-first.ts';
import { type Trouble, troubleOf } from '../../core/stats/trouble.ts';
import { parametersText } from '../../core/stats/eligible.ts';
import { isSerial, type Reference } from '../../core/stats/speedups.ts';
import { REFERENCE_NAMES } from '../../core/stats/statement.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { MOST_SESSIONS } from '../../core/stats/verdict.ts';
import { plural } from '../format.ts';
import { families, isLarge } from './families.ts';
import { dataText, tellingWays } from './labels.ts';

/** Above this share "mostly" is true. */
const MOSTLY = 0.5;
const SERIAL = REFERENCE_NAMES.serial;

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}

function seconds(value: number): string {
  return `${Number(value.toPrecision(3))} s`;
}

/** Two digits, rounded up: an advice that is followed must do. */
function roundedUp(count: number): number {
  const step = 10 ** (Math.floor(Math.log10(count)) - 1);
  // Less the rounding of binary numbers: 4.4 M are 4.4 M.
  return Math.ceil(count / step - 1e-9) * step;
}

/** As `--events` takes it, with a space before the letter in words. */
function countText(count: number, space = ''): string {
  const [scale, letter] = count >= 1e6 ? [1e6, `${space}M`] : count >= 1e3 ? [1e3, `${space}k`] : [1, ''];
  return `${Number((count / scale).toPrecision(3))}${letter}`;
}

/** Files that are listed several times are opened as often, which no advice counts on: more events in the files, each listed once. */
function workText({ events, listings }: Work): string {
  const all = roundedUp(events);
  return `${countText(all, ' ')} events (${listings > 1 ? '--clone 1 ' : ''}--events ${countText(all)})`;
}

/** Where trials ran, in words. */
function placeText(point: Trouble['point']): string {
  if (!isSerial(point)) return plural(point.workers, 'worker');
  return point.threadsPerWorker === 1 ? SERIAL : `${point.threadsPerWorker} threads without Dask`;
}

function troubleText({ point, wrong, impossible, failed, incomplete, trials }: Trouble): string {
  const parts = [
    ...(wrong > 0 ? [`${wrong} of ${trials} answers wrong`] : []),
    ...(impossible > 0 ? [`${impossible} of ${plural(trials, 'measurement')} impossible`] : []),
    ...(failed > 0 ? [`${failed} of ${plural(trials, 'trial')} failed`] : []),
    ...(incomplete > 0 ? [`${incomplete} of ${plural(trials, 'trial')} incomplete`] : []),
  ];
  return `${placeText(point)}: ${parts.join(' and ')}`;
}

/** How much work would make T worth its workers; nothing where the model does not tell. */
function adviceText({ workers, work }: AgainstSerial): string[] {
  return work === null ? [] : [`for ${plural(workers, 'worker')} use at least ${workText(work)}`];
}

/** What T is made of at a count, and what would make it worth its workers. */
function overheadText(at: AgainstSerial): string {
  const { lo, hi } = at.overheadShare;
  const [least, most] = [percent(lo), percent(hi)];
  const share = lo > MOSTLY ? 'mostly' : least === most ? least : `${Math.round(lo * 100)} to ${most}`;
  return [`T of ${seconds(at.seconds)} is ${share} overhead`, ...adviceText(at)].join('; ');
}

function reachText({ from, to, stop }: Omit<Reach, 'open'>, reference: Reference): string {
  const against = reference === 'serial' ? ` against ${SERIAL}` : '';
  const known = stop && stop.why === undefined && isKnown(stop.efficiency) ? percent(stop.efficiency) : undefined;
  if (to === 0) {
    const fails = known === undefined ? '' : ` (${known} efficient at ${stop?.workers}${against})`;
    if (reference === 'one worker') return `does not scale beyond 1 worker${fails}`;
    return `not even ${plural(stop?.workers ?? 1, 'worker')} ${stop?.workers === 1 ? 'is' : 'are'} worth it${fails}`;
  }
  const open = stop === undefined || stop.why !== undefined;
  const hole = stop?.why === undefined ? '' : `; ${plural(stop.workers, 'worker')}: ${stop.why}`;
  const fails = known === undefined ? hole : ` (${known} efficient at ${stop?.workers}${against})`;
  if (from === to) return `scales to ${open ? 'at least ' : ''}${plural(to, 'worker')}${fails}`;
  const range = from === 0 ? 'perhaps' : `${from}, perhaps`;
  return `scales to ${range} ${open ? `${to} or more workers` : plural(to, 'worker')}${fails}`;
}

/** Counts that are no faster than one thread without Dask, beside the one that the statement itself names. */
function slowerTexts({ serial, statement }: Headline): string[] {
  if (statement.kind === 'none' || !serial) return [];
  const named = statement.kind === 'serial is faster' ? statement.at.workers : undefined;
  if (statement.kind === 'serial is faster' && statement.sure) return [];
  const counts = (wanted: 'no' | 'perhaps'): string | undefined => {
    const found = serial.counts.filter(({ faster, workers }) => faster === wanted && workers > 1 && workers !== named);
    return found.length === 0 ? undefined : `${found.map(({ workers }) => workers).join(', ')} workers`;
  };
  const [no, perhaps] = [counts('no'), counts('perhaps')];
  return [
    ...(no === undefined ? [] : [`${SERIAL} is faster than ${no}`]),
    ...(perhaps === undefined ? [] : [`${perhaps} are perhaps no faster than ${SERIAL}`]),
  ];
}

/**
 * The count of which is said what it would need: no faster than serial, at the floor, or the smallest that is not surely good, provided
 * that T is mostly overhead there. What else slows it down may well grow with the work.
 */
function needy({ serial, statement }: Headline): AgainstSerial | undefined {
  if (statement.kind !== 'reach') return statement.at;
  const { from, to, stop } = statement.reach;
  const wanted = to === 0 ? stop?.workers : to;
  const at = from > 0 ? undefined : serial?.counts.find(({ workers }) => workers === wanted);
  return at && at.overheadSeconds > MOSTLY * at.seconds ? at : undefined;
}

function needTexts(headline: Headline): string[] {
  const at = needy(headline);
  if (!at || at.work === null) return [];
  if (headline.statement.kind === 'none') return adviceText(at);
  return headline.statement.kind === 'reach' ? [overheadText(at)] : [];
}

/** What would tell where noise leaves it open how far a curve scales. */
function openTexts({ statement }: Headline): string[] {
  if (statement.kind !== 'reach' || !statement.reach.open) return [];
  const { workers, sessions } = statement.reach.open;
  return sessions === undefined
    ? [`at ${workers} too close to ${percent(GOOD_EFFICIENCY)} for ${MOST_SESSIONS} sessions to tell`]
    : [`${sessions} sessions would probably tell whether it scales to ${workers} (--sessions ${sessions})`];
}

/** What the advised number of events takes for granted. */
export function modelTexts(headline: Headline): string[] {
  const at = needy(headline);
  if (!at || at.work === null) return [];
  return [
    `events: if the ${seconds(at.overheadSeconds)} that Dask adds at ${plural(at.workers, 'worker')} stay as they are while the event loop of one thread grows`,
  ];
}

/** That a reference was run and is not compared with, which a reader would otherwise expect. */
function notComparedTexts({ notCompared, statement }: Headline): string[] {
  if (statement.kind === 'none') return [];
  return notCompared.map(({ reference, why }) => `not compared with ${REFERENCE_NAMES[reference]}: ${why}`);
}

/** Where as many threads without Dask are as fast, Dask buys nothing on one machine. */
function threadsTexts({ threads, statement }: Headline): string[] {
  if (statement.kind === 'none') return [];
  return threads.flatMap(({ workers, threads: count, faster }) => {
    if (faster === 'yes') return [];
    return faster === 'no'
      ? [`${count} threads without Dask are faster than ${plural(workers, 'worker')}`]
      : [
          `${plural(workers, 'worker')} ${workers === 1 ? 'is' : 'are'} perhaps no faster than ${count} threads without Dask`,
        ];
  });
}

function saidText({ statement, reference }: Headline): string {
  if (statement.kind === 'none') return `how it scales is not known: ${statement.why}`;
  if (statement.kind === 'reach') return reachText(statement.reach, reference);
  const { at, sure, hole } = statement;
  const workers = plural(at.workers, 'worker');
  const slower = sure
    ? `${SERIAL} is faster than ${workers} here`
    : `${workers} ${at.workers === 1 ? 'is' : 'are'} perhaps no faster than ${SERIAL}`;
  return [`${slower}: ${overheadText(at)}`, ...(hole === undefined ? [] : [hole])].join('; ');
}

/** What a skilled colleague would say of one curve, beginning with what went wrong. */
export function statementText(headline: Headline): string {
  return [
    ...headline.troubles.map(troubleText),
    ...slowerTexts(headline),
    saidText(headline),
    ...threadsTexts(headline),
    ...needTexts(headline),
    ...openTexts(headline),
    ...notComparedTexts(headline),
  ].join('; ');
}

/** The same without figures, so that sizes of data of which it holds can be named together. */
function gistText(headline: Headline): string {
  const { statement, reference } = headline;
  const said = (): string => {
    if (statement.kind === 'none') return 'how it scales is not known';
    if (statement.kind === 'reach') {
      const { from, to, stop } = statement.reach;
      return reachText({ from, to, stop: stop && { ...stop, efficiency: missing('left out') } }, reference);
    }
    const workers = plural(statement.at.workers, 'worker');
    return statement.sure
      ? `${SERIAL} is faster than ${workers}`
      : `${workers} ${statement.at.workers === 1 ? 'is' : 'are'} perhaps no faster than ${SERIAL}`;
  };
  return [...headline.troubles.map(troubleText), ...slowerTexts(headline), said(), ...threadsTexts(headline)].join(
    ', ',
  );
}

function sizesText(headlines: readonly Headline[]): string {
  const ends = [headlines[0], headlines.at(-1)].flatMap((one) => (one ? [dataText(one.point)] : []));
  return [...new Set(ends)].join(' to ').replaceAll('\u202f', ' ');
}

/** More parts than this are no answer at a glance. */
const PARTS_AT_MOST = 5;

/** Of many sizes: neighbours of which the same is said together, what went wrong first. */
function familyText(family: readonly Headline[]): string {
  const groups: Headline[][] = [];
  for (const one of family) {
    const last = groups.at(-1);
    if (last?.[0] && gistText(last[0]) === gistText(one)) last.push(one);
    else groups.push([one]);
  }
  const wrong = (group: readonly Headline[]): number => (group.some(({ troubles }) => troubles.length > 0) ? 0 : 1);
  const parts = groups
    .toSorted((a, b) => wrong(a) - wrong(b))
    .flatMap((group) => (group[0] ? [`${sizesText(group)}: ${gistText(group[0])}`] : []));
  const rest = parts.length - PARTS_AT_MOST;
  return [...parts.slice(0, PARTS_AT_MOST), ...(rest > 0 ? [`${rest} more in the report`] : [])].join('; ');
}

/** Whom a statement is about: the backend, and what else tells it from the others; `sizes`: whether the size of the data belongs to it. */
function subjectText(headline: Headline, all: readonly Headline[], sizes: boolean): string {
  const { point, warmth } = headline;
  const same = all.filter((other) => other.point.backend === point.backend);
  const differ = (text: (other: Headline) => string): boolean => new Set(same.map(text)).size > 1;
  const parts = [
    ...(differ((other) => other.point.suite) ? [point.suite] : []),
    ...(differ((other) => parametersText(other.point)) ? [parametersText(point)] : []),
    ...(sizes && differ((other) => dataText(other.point)) ? [dataText(point).replaceAll('\u202f', ' ')] : []),
    ...tellingWays(headline, same),
    ...(differ((other) => other.warmth) ? [warmth] : []),
  ];
  return parts.length === 0 ? point.backend : `${point.backend} (${parts.join(', ')})`;
}

/** The answers, a line for each curve, or for all sizes of many: what a reader of the report and of the terminal sees first. */
export function answerLines(headlines: readonly Headline[], summaries: readonly PointSummary[]): readonly string[] {
  if (headlines.length > 0)
    return families(headlines).flatMap((family) =>
      family[0] && isLarge(family)
        ? [`${subjectText(family[0], headlines, false)}: ${familyText(family)}`]
        : family.map((headline) => `${subjectText(headline, headlines, true)}: ${statementText(headline)}`),
    );
  // Without any trial on a cluster there is no curve, and yet a serial run may have gone wrong.
  const backends = Map.groupBy(summaries, ({ point }) => point.backend);
  if (backends.size === 0) return ['no trial was recorded'];
  return [...backends].map(([backend, own]) => {
    const troubles = own.flatMap(troubleOf).map(troubleText);
    return `${backend}: ${[...troubles, 'no trial on a cluster'].join('; ')}`;
  });
}
