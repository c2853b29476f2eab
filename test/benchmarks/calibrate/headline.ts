import type { Experiment } from '../../../core/model/record.ts';
import { headline } from '../../../core/stats/headline.ts';
import { seededRandom } from '../../../core/stats/random.ts';
import { aRecord, anExperiment, type Overrides } from '../../../core/stats/test/records.ts';
import { type Design, DESIGNS, designText, type Noise, normals, sessionOf } from './noise.ts';

export interface HeadlineCell {
  readonly truth: string;
  readonly design: string;
  /** Share of the statements that do not contain the truth. */
  readonly wrong: number;
  /** Mean number of tested counts that a statement leaves open. */
  readonly open: number;
}

/** What a first line claims: every count up to `from` is good, none beyond `to`; `slower` are slower than one thread without Dask. */
export interface Claim {
  readonly from: number;
  readonly to: number;
  readonly slower: readonly number[];
}

export interface Truth {
  readonly name: string;
  readonly noise: Noise;
  /** True efficiency by worker count. */
  readonly efficiency: ReadonlyMap<number, number>;
  /** The true T of one thread without Dask / T of this count; undefined where serial is not run. */
  readonly serial?: { readonly workers: number; readonly ratio: number };
}

/** One session is enough for a statement, though not for an interval. */
const HEADLINE_DESIGNS: readonly Design[] = [{ sessions: 1, repeats: 3 }, ...DESIGNS];
/** Between sessions and between repeats; the last is what two cores of a shared machine showed. */
const NOISES: readonly (readonly [string, Noise])[] = [
  ['2 %', { session: 0.02, repeat: 0.02 }],
  ['5 %', { session: 0.05, repeat: 0.05 }],
  ['6 and 10 %', { session: 0.06, repeat: 0.1 }],
];
const CURVES: readonly Omit<Truth, 'noise' | 'name'>[] = [
  { efficiency: curve(0.79, 0.6) },
  { efficiency: curve(0.81, 0.6) },
  { efficiency: curve(0.9, 0.7) },
  { efficiency: curve(0.9, 0.79) },
  { efficiency: curve(0.9, 0.81) },
  { efficiency: curve(0.81, 0.79) },
  { efficiency: curve(0.79, 0.6), serial: { workers: 2, ratio: 1.01 } },
  { efficiency: curve(0.81, 0.79), serial: { workers: 4, ratio: 1.01 } },
];

function curve(two: number, four: number): Truth['efficiency'] {
  return new Map([
    [1, 1],
    [2, two],
    [4, four],
  ]);
}

export function truths(): Truth[] {
  const percent = (efficiency: number | undefined) => `${Math.round(100 * (efficiency ?? 1))} %`;
  return NOISES.flatMap(([words, noise]) =>
    CURVES.map(({ efficiency, serial }) => ({
      name: [
        `2: ${percent(efficiency.get(2))}, 4: ${percent(efficiency.get(4))}`,
        ...(serial ? [`serial ${((serial.ratio - 1) * 100).toFixed(0)} % slower than ${serial.workers}`] : []),
        `noise ${words}`,
      ].join(', '),
      noise,
      efficiency,
      ...(serial && { serial }),
    })),
  );
}

/** T of a count, in units of T on one worker. */
function secondsOf({ efficiency }: Truth, workers: number): number {
  return 1 / (workers * (efficiency.get(workers) ?? 1));
}

function isRight(truth: Truth, { from, to, slower }: Claim): boolean {
  let reach = 0;
  for (const [workers, value] of truth.efficiency) {
    if (value < 0.8) break;
    if (workers > 1) reach = workers;
  }
  const { serial } = truth;
  const serialSeconds = serial ? serial.ratio * secondsOf(truth, serial.workers) : Number.POSITIVE_INFINITY;
  return from <= reach && reach <= to && slower.every((workers) => serialSeconds < secondsOf(truth, workers));
}

/** What the first line of a report claims. */
export function claimOf(experiment: Experiment): Claim {
  const [found] = headline(experiment);
  if (!found || found.statement.kind === 'none') throw new Error('a simulated experiment has no statement');
  const slower = (found.serial?.counts ?? []).flatMap(({ workers, faster }) =>
    workers > 1 && faster === 'no' ? [workers] : [],
  );
  const { statement } = found;
  // That serial is faster leaves open how far the curve scales.
  return statement.kind === 'reach'
    ? { ...statement.reach, slower }
    : { from: 0, to: Number.POSITIVE_INFINITY, slower };
}

/** One experiment of a truth. */
export function simulated(truth: Truth, design: Design, normal: () => number, random: () => number): Experiment {
  const trials = (seconds: number, point: NonNullable<Overrides['point']>) =>
    Array.from({ length: design.sessions }, (_, session) =>
      sessionOf(truth.noise, design.repeats, normal, random).map((factor, repeat) =>
        aRecord({ T: 10 * seconds * factor, session: session + 1, repeat: repeat + 1, point }),
      ),
    ).flat();
  const { serial } = truth;
  return anExperiment([
    ...[...truth.efficiency.keys()].flatMap((workers) => trials(secondsOf(truth, workers), { workers })),
    ...(serial
      ? trials(serial.ratio * secondsOf(truth, serial.workers), { runner: 'serial', startMethod: 'none' })
      : []),
  ]);
}

/** How often a rule is wrong about experiments of one truth and design. */
export function cellOf(
  truth: Truth,
  design: Design,
  simulations: number,
  seed: number,
  rule: (experiment: Experiment) => Claim = claimOf,
): HeadlineCell {
  const [normal, random] = [normals(seed), seededRandom(seed + 1)];
  const counts = [...truth.efficiency.keys()];
  let [wrong, open] = [0, 0];
  for (let i = 0; i < simulations; i++) {
    const claim = rule(simulated(truth, design, normal, random));
    wrong += Number(!isRight(truth, claim));
    open += counts.filter((count) => count > Math.max(1, claim.from) && count <= claim.to).length;
  }
  return { truth: truth.name, design: designText(design), wrong: wrong / simulations, open: open / simulations };
}

export function headlineCells(simulations: number): HeadlineCell[] {
  return truths().flatMap((truth, row) =>
    HEADLINE_DESIGNS.map((design, column) => cellOf(truth, design, simulations, 1000 * row + 10 * column + 7)),
  );
}

/** Error rate in per cent and mean number of counts left open, one row for each truth. */
export function headlineTable(cells: readonly HeadlineCell[]): string {
  const rows = Map.groupBy(cells, ({ truth }) => truth);
  const text = ({ wrong, open }: HeadlineCell) => `${(100 * wrong).toFixed(1)} / ${open.toFixed(2)}`;
  return [
    `| wrong in % / counts left open | ${HEADLINE_DESIGNS.map(designText).join(' | ')} |`,
    `|---|${HEADLINE_DESIGNS.map(() => '---').join('|')}|`,
    ...[...rows].map(([truth, own]) => `| ${truth} | ${own.map(text).join(' | ')} |`),
  ].join('\n');
}
