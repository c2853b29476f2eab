import { AXIS_LIST, type Point } from '../../core/model/axes.ts';
import { parametersText } from '../../core/stats/eligible.ts';
import { isSerial } from '../../core/stats/speedups.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { formatSi, plural } from '../format.ts';

interface Labelled {
  readonly point: Point;
  readonly warmth: string;
}

type Trait = (labelled: Labelled) => string;

/** In what a point differs from one of which nobody asked anything else, among the axes of the data or among all others. */
function unusual(point: Point, ofData: boolean): readonly string[] {
  return AXIS_LIST.flatMap(({ option, label, before, textOf }) => {
    const text = textOf(point);
    return label && (option?.group === 'data') === ofData && text !== before ? [label(text)] : [];
  });
}

/** Size of the data, and in what they differ from data that nobody asked anything else of. */
const DATA: Trait = ({ point }) =>
  point.files === 0
    ? 'no files'
    : [`${point.files} × ${formatSi(point.fileBytes, 'B')}`, ...unusual(point, true)].join(', ');

const BACKEND: Trait = ({ point }) => point.backend;
const RUNNER: Trait = ({ point }) => point.runner;

/** Ways to run the same work on the same data. A serial run has no start method. */
const WAYS: readonly Trait[] = [
  ({ point }) => (isSerial(point) ? '' : point.startMethod),
  ...AXIS_LIST.flatMap(({ option, label, textOf }): Trait[] =>
    label && option?.group !== 'data' ? [({ point }) => label(textOf(point))] : [],
  ),
];

const TRAITS: readonly Trait[] = [
  ({ point }) => point.suite,
  BACKEND,
  RUNNER,
  ({ point }) => parametersText(point) || 'no parameters',
  DATA,
  ({ point }) => plural(point.threadsPerWorker, 'thread'),
  ...WAYS,
  ({ warmth }) => warmth,
];

/** A label for each member of the list: its backend, and whatever else differs between them. */
export function curveLabels(members: readonly Labelled[]): readonly string[] {
  return labels(members, () => '');
}

/** Whether members differ in a trait; one without words, such as the start method of a serial run, tells nothing. */
function tells(trait: Trait, members: readonly Labelled[]): boolean {
  return new Set(members.map(trait).filter(Boolean)).size > 1;
}

function labels(members: readonly Labelled[], last: (point: Point) => string, but?: Trait): readonly string[] {
  const telling = TRAITS.filter((trait) => trait !== but && (trait === BACKEND || tells(trait, members)));
  return members.map((member) =>
    [...telling.map((trait) => trait(member)), last(member.point)].filter(Boolean).join(', '),
  );
}

/** How many workers a point has, in words. */
export function workersText(point: Point): string {
  if (point.runner !== 'serial') return plural(point.workers, 'worker');
  return point.threadsPerWorker === 1 ? 'serial' : `serial, ${plural(point.threadsPerWorker, 'thread')}`;
}

/** A label for each point: like those of curves, with its workers. */
export function pointLabels(summaries: readonly PointSummary[]): readonly string[] {
  return labels(summaries, workersText, RUNNER);
}

/** Data of a point, e.g. `8 × 40.0 MB` or `8 × 40.0 MB, lz4`. */
export function dataText(point: Point): string {
  return DATA({ point, warmth: '' });
}

/** How a point is run, where that is not as ever, e.g. `fork-server`; empty otherwise. */
export function wayText(point: Point): string {
  const start = point.startMethod === 'fork-server' ? [point.startMethod] : [];
  return [...start, ...unusual(point, false)].join(', ');
}

/** The ways to run in which a member differs from any of the others. */
export function tellingWays(member: Labelled, others: readonly Labelled[]): readonly string[] {
  return WAYS.filter((way) => tells(way, others)).map((way) => way(member));
}

/** What runs a point, e.g. `coffea 16 workers, fork-server`. */
export function placeText(point: Point): string {
  return [`${point.backend} ${workersText(point)}`, wayText(point)].filter(Boolean).join(', ');
}
