// What it takes to add something, as changes that are really made to a copy of the program: test/system/additions.test.ts makes them and uses what was
// added. `node test/house/additions.ts`, part of `npm run generate`, writes the table of docs/architecture.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from './python.ts';
import { writeTable } from './written-table.ts';

export interface Edit {
  readonly file: string;
  /** Stands exactly once in the file; what is added goes before it. Absent for a new file. */
  readonly before?: string;
  readonly added: string;
}

export interface Addition {
  readonly kind: string;
  /** Files and folders of its own that may be touched at most. */
  readonly most: number;
  readonly edits: readonly Edit[];
  /** Where it is described. */
  readonly page: string;
  /** Folders that it makes: each counts as one, whatever is in it. */
  readonly folders?: readonly string[];
}

/** An axis of the place, as that of a runner is: the kind of machine on which the workers are. */
const PLACE_AXIS = `  room: axis({
    title: 'Room',
    identity: 'curve',
    scope: 'session',
    tag: 'room',
    schema: z.enum(['cool', 'hot']).default('cool'),
    label: (text) => \`\${text} room\`,
    option: {
      flag: '--room <names>',
      summary: 'planted place',
      group: 'where',
      parse: listed((part) => (part === 'cool' || part === 'hot' ? part : undefined)),
      valid: 'cool or hot',
    },
  }),
`;

const AXIS = `  shade: axis({
    title: 'Shade',
    identity: 'work',
    scope: 'trial',
    tag: 'shade',
    schema: z.enum(['light', 'dark']).default('light'),
    label: (text) => \`\${text} shade\`,
    option: {
      flag: '--shade <names>',
      summary: 'planted',
      default: 'light',
      group: 'data',
      parse: listed((part) => (part === 'light' || part === 'dark' ? part : undefined)),
      valid: 'light or dark',
    },
  }),
`;

const COLLECTOR = `import type { Collector } from '../collector.ts';

/** Answers when the trial is over for all of it, as a server that stores measurements would. */
export const planted: Collector = {
  name: 'planted',
  summary: 'a collector that is planted by a test',
  emits: 'planted',
  start:
    async ({ targets }, emit) =>
    async ({ start, stop }) => {
      const schedulers = targets().filter(({ role }) => role === 'scheduler').length;
      for (const part of [0.25, 0.5, 0.75])
        emit({ target: 'here', values: { planted_depth: schedulers + part }, t: start + part * (stop - start) });
    },
};
`;

const COLLECTOR_ENTRY = `  {
    name: 'planted',
    summary: 'a collector that is planted by a test',
    load: async (): Promise<Collector> => (await import('./planted/collector.ts')).planted,
  },
`;

const SAMPLES_ENTRY = `  sampled({
    collector: 'planted',
    name: 'hepbench_planted',
    help: 'What a test planted.',
    target: 'host',
    fields: gauges('fathoms', { planted_depth: 'Depth at which it is planted.' }),
    charts: [
      {
        name: 'planted',
        title: 'Depth of the planted',
        words: 'Of nothing in particular.',
        axis: 'fathoms',
        unit: 'ratio',
        curves: [drawn('planted_depth', 'depth')],
      },
    ],
  }),
`;

const COLLECTOR_STAGE = `  planted: () => ({
    collector: planted,
    targets: [],
    broken: { collector: { ...planted, start: async () => await Promise.reject(new Error('no server')) }, targets: [] },
  }),
`;

const CHART = `  {
    name: 'planted',
    section: 'cost',
    title: 'Planted chart',
    words: 'CPU of the workers.',
    view: (summaries) => metricOverWorkers(summaries, 'cpu_seconds', 'CPU (seconds, T)', 's'),
  },
`;

/** Runs where `local` does, with an option of its own that every record names. */
const NEARBY = `import { badOption } from '../../core/errors.ts';
import { local } from '../local/runner.ts';
import type { MakeRunner } from '../runner.ts';

export const nearby: MakeRunner = ({ nearbyRoom = '1' }) => {
  const room = Number(nearbyRoom);
  if (!Number.isInteger(room)) throw badOption('--nearby-room', String(nearbyRoom), 'a whole number');
  return { ...local({}), name: 'nearby', facts: { nearbyRoom: room }, notes: [\`in room \${room}\`] };
};
`;

const NEARBY_OPTIONS = `import type { RunnerOption } from '../runner.ts';

export const nearbyOptions: readonly RunnerOption[] = [
  { flag: '--nearby-room <n>', summary: 'planted', default: '1' },
];
`;

const NEARBY_ENTRY = `  {
    name: 'nearby',
    summary: 'planted',
    options: nearbyOptions,
    load: async () => (await import('./nearby/runner.ts')).nearby,
  },
`;

const SUITE = `import { compareAnswer } from '../compare.ts';
import type { Suite } from '../suite.ts';

/** Missing transverse momentum of every event. */
export const planted: Suite = {
  name: 'planted',
  summary: 'a suite that is planted by a test',
  backends: ['rdataframe'],
  readsData: true,
  parameters: [],
  columns: () => ['MET_pt'],
  alwaysRead: (_backend, _parameters, columns) => [columns],
  loops: () => 1,
  check: (answer, truth) => compareAnswer(answer, truth, ['met']),
  cost: () => ({ secondsPerEvent: 1e-6, secondsPerTask: 0.02, coldSeconds: 4, pssBytes: 260e6 }),
};
`;

const SUITE_EXAMPLE = `const met = { name: 'met', title: '', bins: 2, lo: 0, hi: 100, values: [0, 3, 1, 0], sumw2: [0, 3, 1, 0] };

/** For the contract of suites: a truth, and the right answer to it. */
export const example = {
  parameters: {},
  bytes: { MET_pt: 10 },
  truth: { contentHash: 'h', events: 4, histograms: [met], ambiguous: [] },
  answer: { events: 4, histograms: [met] },
};
`;

const SUITE_ENTRY = `  {
    name: 'planted',
    summary: 'a suite that is planted by a test',
    load: async (): Promise<Suite> => (await import('./planted/suite.ts')).planted,
  },
`;

const SUITE_ANALYSIS = `"""Suite planted: a histogram of MET."""

from collections.abc import Mapping, Sequence
from typing import Any

from hepbench.analyses import no_backend
from hepbench.analysis import Analysis
from hepbench.backends.rdataframe import RDataFrameLoops
from hepbench.histograms import Definition

MET = Definition("met", "MET;MET_pt [GeV];events", 10, 0.0, 100.0)


class Loop:
    """One event loop."""

    def declare(self) -> None:
        """Nothing is compiled beforehand."""

    def book(self, df: Any) -> dict[str, Any]:
        """The histogram."""
        return {"met": df.Histo1D(MET.model, "MET_pt")}


def analysis(backend: str, parameters: Mapping[str, str], columns: Sequence[str] = (), edit: int = 0) -> Analysis:
    """The histogram, with RDataFrame."""
    if backend != "rdataframe":
        raise no_backend("planted", backend)
    return RDataFrameLoops([Loop()], ["MET_pt"], lambda _name: MET)
`;

const SUITE_REFERENCE = `"""The truth of suite planted."""

from collections.abc import Mapping
from typing import Any

from hepbench.reference.tally import Axis, Tally

AXES = {"met": Axis(10, 0.0, 100.0)}


def tally(columns: Mapping[str, Any]) -> Tally:
    """The histogram of these events."""
    out = Tally(AXES, len(columns["event"]))
    out.fill("met", columns["MET_pt"])
    return out


def from_json(raw: Mapping[str, Any]) -> Tally:
    """The inverse of \`to_json\`."""
    return Tally.from_json(raw)
`;

export const ADDITIONS: readonly Addition[] = [
  {
    kind: 'axis',
    most: 2,
    page: 'adding-an-axis.md',
    edits: [
      { file: 'core/model/axes.ts', before: '  backend: axis({', added: AXIS },
      {
        file: 'core/model/axes.test.ts',
        before: "  backend: twoOf(fc.constantFrom('rdataframe', 'coffea', 'dask')),",
        added: "  shade: twoOf(fc.constantFrom('light', 'dark')),\n",
      },
    ],
  },
  {
    kind: 'axis of a session',
    most: 2,
    page: 'adding-an-axis.md',
    edits: [
      { file: 'core/model/axes.ts', before: '  backend: axis({', added: PLACE_AXIS },
      {
        file: 'core/model/axes.test.ts',
        before: "  backend: twoOf(fc.constantFrom('rdataframe', 'coffea', 'dask')),",
        added: "  room: twoOf(fc.constantFrom('cool', 'hot')),\n",
      },
    ],
  },
  {
    kind: 'metric',
    most: 2,
    page: 'metrics.md',
    edits: [
      {
        file: 'core/model/metrics.ts',
        before: "  { name: 'event_rate', unit: 'events/s'",
        added: "  { name: 'planted_seconds', unit: 'seconds', window: 'T', title: 'Planted', help: 'Twice T.' },\n",
      },
      {
        file: 'core/engine/fold-metrics.ts',
        before: '    event_rate: rate,',
        added: '    planted_seconds: derive([seconds], (t = 0) => 2 * t),\n',
      },
    ],
  },
  {
    kind: 'collector',
    most: 4,
    page: 'adding-a-collector.md',
    edits: [
      { file: 'collectors/planted/collector.ts', added: COLLECTOR },
      { file: 'collectors/index.ts', before: '] as const;', added: COLLECTOR_ENTRY },
      { file: 'core/model/samples.ts', before: '] as const;', added: SAMPLES_ENTRY },
      {
        file: 'test/contract/collector.test.ts',
        before: "import { poll } from '../../collectors/poll.ts';",
        added: "import { planted } from '../../collectors/planted/collector.ts';\n",
      },
      { file: 'test/contract/collector.test.ts', before: '  host: () => ({', added: COLLECTOR_STAGE },
    ],
  },
  {
    kind: 'chart',
    most: 2,
    page: 'adding-a-dashboard.md',
    edits: [{ file: 'dashboards/report/curve-charts.ts', before: "  {\n    name: 'memory',", added: CHART }],
  },
  {
    kind: 'runner',
    most: 3,
    folders: ['runners/nearby/'],
    page: 'adding-a-runner.md',
    edits: [
      { file: 'runners/nearby/runner.ts', added: NEARBY },
      { file: 'runners/nearby/options.ts', added: NEARBY_OPTIONS },
      {
        file: 'runners/index.ts',
        before: "import type { RunnerMember } from './runner.ts';",
        added: "import { nearbyOptions } from './nearby/options.ts';\n",
      },
      { file: 'runners/index.ts', before: '] as const satisfies', added: NEARBY_ENTRY },
      {
        file: 'test/system/runners.test.ts',
        before: '  local: [TWO_WORKERS,',
        added: '  nearby: [TWO_WORKERS],\n',
      },
    ],
  },
  {
    kind: 'suite',
    most: 4,
    page: 'adding-a-suite.md',
    folders: ['suites/planted/', 'analyses/src/hepbench/analyses/planted/'],
    edits: [
      { file: 'suites/planted/suite.ts', added: SUITE },
      { file: 'suites/planted/test/example.ts', added: SUITE_EXAMPLE },
      { file: 'analyses/src/hepbench/analyses/planted/__init__.py', added: SUITE_ANALYSIS },
      { file: 'suites/index.ts', before: '] as const;', added: SUITE_ENTRY },
      { file: 'analyses/src/hepbench/reference/planted.py', added: SUITE_REFERENCE },
    ],
  },
];

/** What an addition touches: folders that it makes, and files outside of them. */
export function touched({ edits, folders = [] }: Addition): readonly string[] {
  return [...new Set(edits.map(({ file }) => folders.find((folder) => file.startsWith(folder)) ?? file))];
}

/** Makes the changes of an addition in a copy of the program. */
export function add(root: string, { edits }: Addition): void {
  for (const { file, before, added } of edits) {
    const path = join(root, file);
    if (before === undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, added, { flag: 'wx' });
      continue;
    }
    const parts = readFileSync(path, 'utf8').split(before);
    if (parts.length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(before)} exactly once`);
    writeFileSync(path, parts.join(`${added}${before}`));
  }
}

/** One row for each kind of addition: what it touches. */
export function additionsTable(): string {
  const rows = ADDITIONS.map((addition) => {
    const { kind, page } = addition;
    const files = touched(addition);
    return `| ${kind} | ${files.length} | ${files.map((file) => `\`${file}\``).join(', ')} | [${page}](${page}) |`;
  });
  return ['| to add | files | which | how |', '|---|---|---|---|', ...rows].join('\n');
}

export const ARCHITECTURE = join(checkout, 'docs/architecture.md');
if (import.meta.main) writeTable(ARCHITECTURE, 'additions', additionsTable());
