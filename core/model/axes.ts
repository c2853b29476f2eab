import { z } from 'zod';
import { axis, type AxisOption, counted, type Identity, listed, textOf, upTo } from './axis.ts';
import { parseBytes, parseCount } from './sizes.ts';

const count = z.int().nonnegative();

export const Backend = z.enum(['rdataframe', 'coffea', 'dask']);
export type Backend = z.infer<typeof Backend>;

const START_METHODS = ['spawn', 'fork-server'] as const;

/** ROOT's codes of algorithm and level, for the levels that its files mostly have. */
const CODEC_NAMES = ['zstd', 'lz4', 'zlib', 'lzma', 'none'] as const;
const CODECS: ReadonlyMap<string, number> = new Map([
  ['zstd', 505],
  ['lz4', 404],
  ['zlib', 101],
  ['lzma', 209],
  ['none', 0],
] satisfies [(typeof CODEC_NAMES)[number], number][]);

/**
 * Everything that an experiment varies or keeps constant for a point, in the order of legends. `Point`, the keys that tell points apart, labels,
 * tags in databases, the groups of Grafana's queries and the options of the command line are made of it: docs/adding-an-axis.md.
 */
export const AXES = {
  /** Where it runs, by the name of the runner. */
  runner: axis({
    title: 'Runner',
    identity: 'curve',
    scope: 'session',
    tag: 'runner',
    schema: z.string(),
    option: {
      flag: '--runner <name>',
      summary: 'where the workers run (bench list runners)',
      default: 'local',
      group: 'where',
      parse: (text) => (/^[\w-]+$/.test(text) ? [text] : undefined),
      valid: 'the name of a runner, such as local',
    },
  }),
  threadsPerWorker: axis({
    title: 'Threads of a worker',
    identity: 'curve',
    scope: 'session',
    tag: 'threads_per_worker',
    schema: z.int().positive(),
    option: {
      flag: '--serial-threads <counts>',
      summary: 'threads of the serial baseline; workers have one',
      default: '1',
      group: 'where',
      ...counted(256),
    },
  }),
  startMethod: axis({
    title: 'Start method',
    identity: 'curve',
    scope: 'session',
    tag: 'start_method',
    schema: z.enum([...START_METHODS, 'none']),
    option: {
      flag: '--start-method <methods>',
      summary: 'spawn, fork-server, or both with a comma (default: fork-server beyond 8 workers)',
      group: 'where',
      parse: listed((part) => START_METHODS.find((known) => known === part)),
      valid: [...START_METHODS, START_METHODS.join(',')].join(' or '),
    },
  }),
  suite: axis({ title: 'Suite', identity: 'work', scope: 'trial', tag: 'suite', schema: z.string() }),
  /** Suite parameters in canonical order, e.g. `{ queries: "1,2", loops: "one" }`. */
  parameters: axis({
    title: 'Parameters',
    identity: 'work',
    scope: 'trial',
    tag: 'parameters',
    schema: z.record(z.string(), z.string()),
  }),
  /** Distinct files. */
  files: axis({
    title: 'Files',
    identity: 'work',
    scope: 'trial',
    tag: 'files',
    schema: count,
    option: {
      flag: '--files <counts>',
      summary: 'number of files',
      default: '4',
      group: 'data',
      ...counted(10_000),
    },
  }),
  /** Size asked for one file; 0 where the suite reads no files. */
  fileBytes: axis({
    title: 'Bytes of a file',
    unit: 'bytes',
    identity: 'work',
    scope: 'trial',
    tag: 'file_bytes',
    schema: z.number().nonnegative(),
    option: {
      flag: '--file-size <sizes>',
      summary: 'size of a file: 16MB,64MB',
      default: '32MB',
      group: 'data',
      parse: listed(parseBytes),
      valid: 'sizes such as 16MB,64MB',
    },
  }),
  /** Compression of the files; without meaning where the suite reads none. */
  codec: axis({
    title: 'Codec',
    identity: 'work',
    scope: 'trial',
    tag: 'codec',
    schema: z.enum(CODEC_NAMES).default('zstd'),
    label: (text) => (text === 'none' ? 'uncompressed' : text),
    option: {
      flag: '--codec <names>',
      summary: 'compression of the files: zstd, lz4, zlib, lzma or none',
      default: 'zstd',
      group: 'data',
      parse: listed((part) => CODEC_NAMES.find((name) => name === part.toLowerCase())),
      valid: CODEC_NAMES.join(','),
    },
    datasetArgs: (text) => ['--compression', String(CODECS.get(text))],
  }),
  /** Events in a cluster of the files; null: as many as the generator takes unasked. */
  clusterEvents: axis({
    title: 'Events of a cluster',
    unit: 'events',
    identity: 'work',
    scope: 'trial',
    tag: 'cluster_events',
    schema: z.int().positive().nullable().default(null),
    label: (text) => `clusters of ${text} events`,
    option: {
      flag: '--cluster-events <counts>',
      summary: 'events in a cluster of the files: a task never splits a cluster',
      group: 'data',
      parse: listed((part) => upTo(1e9, parseCount(part))),
      valid: 'whole numbers from 1 to 1000000000',
    },
    datasetArgs: (text) => ['--cluster-events', text],
  }),
  /** How often the list of files stands in what is read: more work on the same data, which are then read again from a warm page cache. */
  clone: axis({
    title: 'Times that the files are listed',
    identity: 'work',
    scope: 'trial',
    tag: 'clone',
    schema: z.int().positive().default(1),
    label: (text) => `listed ${text} times`,
    option: {
      flag: '--clone <counts>',
      summary:
        'the same files listed several times: more events without more data (default: 1, or what --min-seconds finds)',
      group: 'data',
      parse: listed((part) => upTo(1000, parseCount(part))),
      valid: 'whole numbers from 1 to 1000',
    },
  }),
  backend: axis({
    title: 'Backend',
    identity: 'work',
    scope: 'session',
    tag: 'backend',
    schema: Backend,
    option: {
      flag: '--backend <names>',
      summary: 'backends, comma-separated (default: all of the suite)',
      group: 'what',
      valid: 'names of backends',
    },
  }),
  /** Worker processes asked for; 1 for `serial`. */
  workers: axis({
    title: 'Workers',
    identity: 'point',
    scope: 'session',
    tag: 'workers',
    schema: z.int().positive(),
    option: {
      flag: '--workers <counts>',
      summary: 'worker counts: 1,2,4 or 2..4 or ..64 (powers of two)',
      default: '1,2',
      group: 'where',
      ...counted(4096),
    },
  }),
  /** Event-processing tasks (partitions or chunks) that the point is cut into. */
  tasks: axis({
    title: 'Tasks',
    identity: 'point',
    scope: 'trial',
    tag: 'tasks',
    schema: count,
  }),
} as const;

export type AxisName = keyof typeof AXES;

function schemasOf<T extends { readonly [name: string]: { readonly schema: z.ZodType } }>(
  axes: T,
): { -readonly [N in keyof T]: T[N]['schema'] };
function schemasOf(axes: { readonly [name: string]: { readonly schema: z.ZodType } }) {
  return Object.fromEntries(Object.entries(axes).map(([name, { schema }]) => [name, schema]));
}

/** One combination of all axes: what a dot in a chart stands for. */
export const Point = z.object(schemasOf(AXES));
export type Point = z.infer<typeof Point>;

function axesOfSession<T extends { readonly [name: string]: { readonly scope: 'session' | 'trial' } }>(
  axes: T,
): { -readonly [N in keyof T as T[N]['scope'] extends 'session' ? N : never]: T[N] };
function axesOfSession(axes: { readonly [name: string]: { readonly scope: 'session' | 'trial' } }) {
  return Object.fromEntries(Object.entries(axes).filter(([, { scope }]) => scope === 'session'));
}

/** Of a point what is fixed for all trials of a block, which is what a runner is told of it. */
export const SessionAxes = z.object(schemasOf(axesOfSession(AXES)));
export type SessionAxes = z.infer<typeof SessionAxes>;

/** A point of which only axes are named that have no value of before; the others have it unless they are named. */
export function pointOf(named: z.input<typeof Point>): Point {
  return Point.parse(named);
}

/** An axis as those see it that go through all of them. */
export interface AxisOfPoint {
  readonly name: AxisName;
  readonly title: string;
  readonly identity: Identity;
  readonly scope: 'session' | 'trial';
  readonly tag: string;
  readonly before: string | undefined;
  readonly label?: (text: string) => string;
  readonly option?: AxisOption<unknown>;
  readonly datasetArgs?: (text: string) => readonly string[];
  /** The value that a point has, as one text. */
  readonly textOf: (point: Point) => string;
}

function isAxisName(name: string): name is AxisName {
  return name in AXES;
}

/** All axes, in the order of legends. */
export const AXIS_LIST: readonly AxisOfPoint[] = Object.keys(AXES)
  .filter(isAxisName)
  .map((name) => ({ ...AXES[name], name, textOf: (point) => textOf(point[name]) }));

/** Options of the axes by which generated data differ. */
export const DATASET_OPTIONS = AXIS_LIST.flatMap(({ option, datasetArgs }) => (option && datasetArgs ? [option] : []));

/** Arguments by which `hepbench.datasets` makes data that have these values; none for what it does unasked. */
export function datasetArgsOf(values: Partial<Point>): readonly string[] {
  return AXIS_LIST.flatMap(({ name, before, datasetArgs }) => {
    const text = values[name] === undefined ? before : textOf(values[name]);
    return text === undefined || text === before || !datasetArgs ? [] : datasetArgs(text);
  });
}

/** The value that a point has in one axis, as a text. */
export function textOfAxis(point: Point, name: AxisName): string {
  return textOf(point[name]);
}

/** What a point has in all axes of these kinds, but those named, as one text: two points have the same where they agree in all of them. */
export function identityOf(point: Point, kinds: readonly Identity[], but: readonly AxisName[] = []): string {
  const axes = AXIS_LIST.filter(({ name, identity }) => kinds.includes(identity) && !but.includes(name));
  return JSON.stringify(axes.map(({ textOf: text }) => text(point)));
}

/** What the points of one block share: all that is fixed for a session. */
export function sessionKey(point: Point): string {
  return JSON.stringify(AXIS_LIST.filter(({ scope }) => scope === 'session').map(({ textOf: text }) => text(point)));
}
