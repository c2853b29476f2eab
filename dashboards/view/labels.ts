import { AXIS_LIST, type Point } from '../../core/model/axes.ts';
import { parametersText } from '../../core/stats/eligible.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { formatSi, plural } from '../format.ts';

interface Labelled {
  readonly point: Point;
  readonly warmth: string;
}

type Trait = (labelled: Labelled) => string;

/** Size of the data, and in what they differ from data that nobody asked anything else of. */
const DATA: Trait = ({ point }) => {
  if (point.files === 0) return 'no files';
  const others = AXIS_LIST.flatMap(({ identity, label, before, textOf }) => {
    const text = textOf(point);
    return label && identity === 'work' && text !== before ? [label(text)] : [];
  });
  return [`${point.files} × ${formatSi(point.fileBytes, 'B')}`, ...others].join(', ');
};

const TRAITS: readonly Trait[] = [
  ({ point }) => point.suite,
  ({ point }) => point.backend,
  ({ point }) => (point.runner === 'serial' ? 'serial' : point.runner),
  ({ point }) => parametersText(point) || 'no parameters',
  DATA,
  ({ point }) => plural(point.threadsPerWorker, 'thread'),
  ({ point }) => point.startMethod,
  ({ warmth }) => warmth,
  ...AXIS_LIST.flatMap(({ identity, label, textOf }): Trait[] =>
    label && identity === 'curve' ? [({ point }) => label(textOf(point))] : [],
  ),
];

/** A label for each member of the list: its backend, and whatever else differs between them. */
export function curveLabels(members: readonly Labelled[]): readonly string[] {
  const telling = TRAITS.filter((trait, i) => i === 1 || new Set(members.map(trait)).size > 1);
  return members.map((member) => telling.map((trait) => trait(member)).join(', '));
}

/** How many workers a point has, in words. */
export function workersText(point: Point): string {
  if (point.runner !== 'serial') return plural(point.workers, 'worker');
  return point.threadsPerWorker === 1 ? 'serial' : `serial, ${plural(point.threadsPerWorker, 'thread')}`;
}

/** A label for each point: like those of curves, with its workers. */
export function pointLabels(summaries: readonly PointSummary[]): readonly string[] {
  const telling = TRAITS.filter(
    (trait, i) => i === 1 || (i !== 2 && i !== 6 && new Set(summaries.map(trait)).size > 1),
  );
  return summaries.map((summary) => [...telling.map((trait) => trait(summary)), workersText(summary.point)].join(', '));
}

/** Data of a point, e.g. `8 × 40.0 MB` or `8 × 40.0 MB, lz4`. */
export function dataText(point: Point): string {
  return DATA({ point, warmth: '' });
}
