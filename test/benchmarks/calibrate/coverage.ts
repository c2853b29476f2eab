import { seededRandom } from '../../../core/stats/random.ts';
import { type Figure, FIGURES } from './figures.ts';
import { type Design, DESIGNS, designText, normals, sessionOf } from './noise.ts';

export interface CoverageCell {
  readonly kind: string;
  readonly design: string;
  /** Share of the intervals that hold the truth; null where there is none. */
  readonly covered: number | null;
  /** Mean width of an interval, in units of the truth. */
  readonly width: number | null;
}

/** How often an experiment is simulated, and the sessions of the one from which the truth is taken. */
export interface Effort {
  readonly simulations: number;
  readonly truthSessions: number;
}

function simulated(figure: Figure, design: Design, seed: number): () => ReturnType<Figure['shown']> {
  const [normal, random] = [normals(seed), seededRandom(seed + 1)];
  return () => {
    const sessions = Array.from({ length: design.sessions }, (_, i) =>
      figure.session(i + 1, (noise) => sessionOf(noise, design.repeats, normal, random)),
    );
    return figure.shown(sessions.flat());
  };
}

/** What the page would show after very many sessions with as many repeats: it is this that an interval promises to hold. */
export function truthOf(figure: Figure, repeats: number, sessions: number): number {
  return simulated(figure, { sessions, repeats }, 999_983 + repeats)().value;
}

/** How often the interval of a figure holds its truth, and how wide it is. */
export function coverageCell(
  figure: Figure,
  design: Design,
  truth: number,
  { simulations, seed }: { readonly simulations: number; readonly seed: number },
): CoverageCell {
  const next = simulated(figure, design, seed);
  let [held, width, found] = [0, 0, 0];
  for (let i = 0; i < simulations; i++) {
    const { interval } = next();
    if (!interval) continue;
    found += 1;
    held += Number(interval.lo <= truth && truth <= interval.hi);
    width += (interval.hi - interval.lo) / truth;
  }
  const none = found === 0;
  return {
    kind: figure.name,
    design: designText(design),
    covered: none ? null : held / found,
    width: none ? null : width / found,
  };
}

export function coverageCells({ simulations, truthSessions }: Effort): CoverageCell[] {
  const repeats = new Set(DESIGNS.map((design) => design.repeats));
  return FIGURES.flatMap((figure, row) => {
    const truths = new Map([...repeats].map((count) => [count, truthOf(figure, count, truthSessions)]));
    return DESIGNS.map((design, column) =>
      coverageCell(figure, design, truths.get(design.repeats) ?? Number.NaN, {
        simulations,
        seed: 1000 * row + 10 * column + 1,
      }),
    );
  });
}

/** Coverage and mean width in per cent, one row for each figure. */
export function coverageTable(cells: readonly CoverageCell[]): string {
  const rows = Map.groupBy(cells, ({ kind }) => kind);
  const text = ({ covered, width }: CoverageCell) =>
    covered === null || width === null ? 'none' : `${(100 * covered).toFixed(1)} / ${(100 * width).toFixed(0)}`;
  return [
    `| coverage / mean width in % | ${DESIGNS.map(designText).join(' | ')} |`,
    `|---|${DESIGNS.map(() => '---').join('|')}|`,
    ...[...rows].map(([kind, own]) => `| ${kind} | ${own.map(text).join(' | ')} |`),
  ].join('\n');
}
