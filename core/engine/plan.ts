import { AXIS_LIST, type Backend, type Point, pointOf, sessionKey, textOfAxis } from '../model/axes.ts';
import type { Warmth } from '../model/event.ts';
import { seededRandom, shuffle } from '../stats/random.ts';
import { type ClusterEdges, cut } from './parts.ts';

/** What the user asked for, resolved. */
export interface Request {
  readonly suite: string;
  /** Where the workers run, by the name of the runner. */
  readonly runner: string;
  readonly backends: readonly Backend[];
  readonly parameterSets: readonly Readonly<Record<string, string>>[];
  readonly loopsOf: (parameters: Readonly<Record<string, string>>) => number;
  /** Worker counts, ascending, references included. */
  readonly workers: readonly number[];
  readonly serial: boolean;
  readonly serialThreads: readonly number[];
  readonly startMethods: readonly ('spawn' | 'fork-server')[];
  /** Every combination of the values of the axes that neither belong to the data nor are named above; one without values where nobody gave any. */
  readonly axes: readonly Partial<Point>[];
  readonly data: readonly DataSize[];
  /** How often each backend lists the files; undefined: as often as `data` says. */
  readonly listings?: Listings | undefined;
  readonly sessions: number;
  readonly repeats: number;
  readonly pageCache: Warmth['pageCache'];
  readonly seed: number;
  /** Of the machine that the workers run on; infinite where only their session can say. */
  readonly cores: number;
  /** Tasks of each loop; undefined: at least 4 per worker at the largest worker count. */
  readonly tasks: number | undefined;
}

export type Listings = Readonly<Partial<Record<Backend, number>>>;

export interface DataSize {
  readonly datasetId: string | null;
  readonly files: number;
  readonly fileBytes: number;
  /** Of all files as often as they are listed. */
  readonly events: number;
  /** Of each listed file, where its clusters begin and end. */
  readonly clusters: readonly ClusterEdges[];
  /** Values of other axes that the data have. */
  readonly axes?: Partial<Point>;
}

export interface PlannedTrial extends PlannedPoint {
  readonly id: string;
  /** 0 is a trial that no warm statistic uses: the first of its point in the block, or the one after an edited cut; 1.. are the repeats. */
  readonly repeat: number;
  readonly warmth: Warmth;
}

/** The trials that share one session, one backend and one worker count. */
export interface Block {
  readonly id: string;
  readonly session: number;
  readonly trials: readonly PlannedTrial[];
}

const TASKS_PER_WORKER = 4;
/** The runner of the baseline, without Dask. */
const SERIAL = 'serial';

/** A point as it is planned: its trials differ in repeat and warmth only. */
export interface PlannedPoint {
  readonly point: Point;
  readonly datasetId: string | null;
  readonly events: number;
  /** Event-processing tasks of all loops. */
  readonly tasks: number;
  readonly oversubscribed: boolean;
}

/** All blocks in the order in which they run: worker counts interleaved within each session, by the recorded seed. */
export function plan(request: Request): Block[] {
  return blocksOf(pointsOf(request), request);
}

/** Every combination of what was asked for, in the order of backends, places, data and parameters. */
export function pointsOf(request: Request): PlannedPoint[] {
  return sessionPointsOf(request).flatMap((session) =>
    dataOf(request, session.backend).flatMap((size) =>
      request.parameterSets.map((parameters) => plannedPoint(request, session, size, parameters)),
    ),
  );
}

function dataOf({ data, listings }: Request, backend: Backend): readonly DataSize[] {
  const times = listings?.[backend];
  return times === undefined ? data : data.map((size) => listed({ ...size, axes: { ...size.axes, clone: times } }));
}

/** Data whose numbers are those of its files listed once, as they are planned: listed as often as its axes say. */
export function listed(size: DataSize): DataSize {
  const times = size.axes?.clone ?? 1;
  const clusters = Array.from({ length: times }, () => size.clusters).flat();
  return { ...size, events: size.events * times, clusters };
}

/** The blocks of any list of points: those that share their session axes share a block. */
export function blocksOf(
  points: readonly PlannedPoint[],
  how: Pick<Request, 'sessions' | 'repeats' | 'pageCache' | 'seed'>,
): Block[] {
  const random = seededRandom(how.seed);
  const groups = [...Map.groupBy(points, ({ point }) => sessionKey(point)).values()];
  const blocks: Block[] = [];
  for (let session = 1; session <= how.sessions; session++) {
    for (const group of shuffle(groups, random)) blocks.push(blockOf(group, how, session, blocks.length + 1));
  }
  return blocks;
}

/** What a point has in all axes but those of the suite and the data. */
type SessionPoint = Pick<Point, 'backend' | 'runner' | 'workers' | 'threadsPerWorker' | 'startMethod'> & Partial<Point>;

function sessionPointsOf({
  runner,
  axes,
  backends,
  serial,
  serialThreads,
  startMethods,
  workers: counts,
}: Request): SessionPoint[] {
  return backends.flatMap((backend) => [
    ...(serial && backend !== 'dask' ? ofWork(axes) : []).flatMap((values) =>
      serialThreads.map((threadsPerWorker): SessionPoint => ({
        ...values,
        backend,
        runner: SERIAL,
        workers: 1,
        threadsPerWorker,
        startMethod: 'none',
      })),
    ),
    ...axes.flatMap((values) =>
      startMethods.flatMap((startMethod) =>
        counts.map((workers): SessionPoint => ({
          ...values,
          backend,
          runner,
          workers,
          threadsPerWorker: 1,
          startMethod,
        })),
      ),
    ),
  ]);
}

const OF_CURVE: ReadonlySet<string> = new Set(
  AXIS_LIST.flatMap(({ name, identity }) => (identity === 'curve' ? name : [])),
);

/** The values that the serial baseline has, too, each combination once: one baseline serves all ways to run a cluster. */
function ofWork(axes: Request['axes']): Partial<Point>[] {
  const values = axes.map((one) => Object.fromEntries(Object.entries(one).filter(([name]) => !OF_CURVE.has(name))));
  return [...new Map(values.map((one) => [JSON.stringify(one), one])).values()];
}

function plannedPoint(
  request: Request,
  session: SessionPoint,
  size: DataSize,
  parameters: Readonly<Record<string, string>>,
): PlannedPoint {
  const tasks = tasksFor(request, size);
  return {
    datasetId: size.datasetId,
    events: size.events,
    tasks: tasks * request.loopsOf(parameters),
    oversubscribed: session.workers * session.threadsPerWorker > request.cores,
    point: pointOf({
      ...size.axes,
      ...session,
      suite: request.suite,
      files: size.files,
      fileBytes: size.fileBytes,
      parameters,
      tasks,
    }),
  };
}

function blockOf(
  points: readonly PlannedPoint[],
  { repeats, pageCache }: Pick<Request, 'repeats' | 'pageCache'>,
  session: number,
  ordinal: number,
): Block {
  const id = `b${String(ordinal).padStart(3, '0')}`;
  const trials: PlannedTrial[] = [];
  const compiled = new Set<string>();
  for (const planned of points) {
    // Other parameters mean other code, also in processes that are not fresh any more; other data do not.
    const code = textOfAxis(planned.point, 'parameters');
    for (const step of stepsOf(planned.point, repeats, !compiled.has(code))) {
      const number = String(trials.length).padStart(2, '0');
      const { repeat, compiled: state } = step;
      const process = trials.length === 0 ? 'fresh' : 'reused';
      trials.push({
        id: `${id}-t${number}`,
        repeat,
        ...planned,
        warmth: { process, compiled: state, pageCache, storage: 'local' },
      });
    }
    compiled.add(code);
  }
  return { id, session, trials };
}

type Step = Pick<PlannedTrial, 'repeat'> & Pick<Warmth, 'compiled'>;

/** The first trial, the warm repeats, and one after an edited cut where that is new code to compile: in RDataFrame, whose cuts are C++. */
function stepsOf({ startMethod, backend }: Point, repeats: number, newCode: boolean): Step[] {
  const cold = startMethod === 'fork-server' ? 'parent-warmed' : 'cold';
  const warm = Array.from({ length: repeats }, (_, index): Step => ({ repeat: index + 1, compiled: 'warm' }));
  const edited: Step[] = newCode && backend === 'rdataframe' ? [{ repeat: 0, compiled: 'edited' }] : [];
  return [{ repeat: 0, compiled: newCode ? cold : 'warm' }, ...warm, ...edited];
}

/** One task list for all worker counts and backends: 4 tasks per worker at the largest, whole tasks per file, one per cluster at most. */
export function tasksFor(request: Pick<Request, 'workers' | 'tasks'>, size: DataSize): number {
  const wanted = request.tasks ?? TASKS_PER_WORKER * Math.max(1, ...request.workers);
  if (size.files === 0) return wanted;
  return cut(size.clusters, Math.ceil(wanted / size.clusters.length)).length;
}

/** What a reader of the plan should know before it runs. */
export function planWarnings(request: Request): string[] {
  const warnings: string[] = [];
  const largest = Math.max(1, ...request.workers);
  for (const size of request.backends.flatMap((backend) => dataOf(request, backend))) {
    const tasks = tasksFor(request, size);
    // One worker is never out of balance.
    if (largest > 1 && tasks < TASKS_PER_WORKER * largest) {
      const asked = request.tasks !== undefined && request.tasks < TASKS_PER_WORKER * largest;
      const what = asked ? `give --tasks ${TASKS_PER_WORKER * largest}` : 'give larger files or fewer --cluster-events';
      warnings.push(
        `${tasks} tasks for ${largest} workers: fewer than ${TASKS_PER_WORKER} per worker, so that imbalance will show as poor scaling; ${what}`,
      );
    }
  }
  const over = request.workers.filter((workers) => workers > request.cores);
  if (over.length > 0) {
    warnings.push(
      `${over.join(', ')} workers on ${request.cores} cores: oversubscribed, flagged everywhere, in no fit`,
    );
  }
  // Several sizes of data may come to the same.
  return [...new Set(warnings)];
}
