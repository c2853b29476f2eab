import type { Backend, Point, Warmth } from '../model/event.ts';
import { seededRandom, shuffle } from '../stats/random.ts';
import { type ClusterEdges, cut } from './parts.ts';

/** What the user asked for, resolved. */
export interface Request {
  readonly suite: string;
  readonly backends: readonly Backend[];
  readonly parameterSets: readonly Readonly<Record<string, string>>[];
  readonly loopsOf: (parameters: Readonly<Record<string, string>>) => number;
  /** Worker counts, ascending, references included. */
  readonly workers: readonly number[];
  readonly serial: boolean;
  readonly serialThreads: readonly number[];
  readonly startMethod: 'spawn' | 'fork-server';
  readonly data: readonly DataSize[];
  readonly sessions: number;
  readonly repeats: number;
  readonly pageCache: Warmth['pageCache'];
  readonly seed: number;
  readonly cores: number;
  /** Tasks of each loop; undefined: at least 4 per worker at the largest worker count. */
  readonly tasks: number | undefined;
}

export interface DataSize {
  readonly datasetId: string | null;
  readonly files: number;
  readonly fileBytes: number;
  readonly events: number;
  /** Of each file, where its clusters begin and end. */
  readonly clusters: readonly ClusterEdges[];
}

export interface PlannedTrial {
  readonly id: string;
  /** 0 is a trial that no warm statistic uses: the first of its point in the block, or the one after an edited cut; 1.. are the repeats. */
  readonly repeat: number;
  readonly point: Point;
  readonly warmth: Warmth;
  readonly datasetId: string | null;
  readonly events: number;
  /** Event-processing tasks of all loops. */
  readonly tasks: number;
  readonly oversubscribed: boolean;
}

/** The trials that share one session, one backend and one worker count. */
export interface Block {
  readonly id: string;
  readonly session: number;
  readonly trials: readonly PlannedTrial[];
}

const TASKS_PER_WORKER = 4;

/** All blocks in the order in which they run: worker counts interleaved within each session, by the recorded seed. */
export function plan(request: Request): Block[] {
  const random = seededRandom(request.seed);
  const blocks: Block[] = [];
  for (let session = 1; session <= request.sessions; session++) {
    const setups = shuffle(setupsOf(request), random);
    for (const setup of setups) blocks.push(blockOf(request, setup, session, blocks.length + 1));
  }
  return blocks;
}

interface Setup {
  readonly backend: Backend;
  readonly runner: 'serial' | 'local';
  readonly workers: number;
  readonly threads: number;
}

function setupsOf(request: Request): Setup[] {
  return request.backends.flatMap((backend) => [
    ...(request.serial && backend !== 'dask'
      ? request.serialThreads.map((threads) => ({ backend, runner: 'serial' as const, workers: 1, threads }))
      : []),
    ...request.workers.map((workers) => ({ backend, runner: 'local' as const, workers, threads: 1 })),
  ]);
}

function blockOf(request: Request, setup: Setup, session: number, ordinal: number): Block {
  const id = `b${String(ordinal).padStart(3, '0')}`;
  const trials: PlannedTrial[] = [];
  for (const size of request.data) {
    for (const parameters of request.parameterSets) {
      for (const step of stepsOf(request, setup, size === request.data[0])) {
        const number = String(trials.length).padStart(2, '0');
        const process = trials.length === 0 ? 'fresh' : 'reused';
        trials.push({ id: `${id}-t${number}`, ...trialOf(request, setup, size, parameters, { ...step, process }) });
      }
    }
  }
  return { id, session, trials };
}

type Step = Pick<PlannedTrial, 'repeat'> & Pick<Warmth, 'compiled'>;

/** The first trial, the warm repeats, and one after an edited cut where that is new code to compile: in RDataFrame, whose cuts are C++. */
function stepsOf({ startMethod, repeats }: Request, { runner, backend }: Setup, newCode: boolean): Step[] {
  const cold = startMethod === 'fork-server' && runner !== 'serial' ? 'parent-warmed' : 'cold';
  const warm = Array.from({ length: repeats }, (_, index): Step => ({ repeat: index + 1, compiled: 'warm' }));
  const edited: Step[] = newCode && backend === 'rdataframe' ? [{ repeat: 0, compiled: 'edited' }] : [];
  // Other parameters mean other code, also in processes that are not fresh any more; other data do not.
  return [{ repeat: 0, compiled: newCode ? cold : 'warm' }, ...warm, ...edited];
}

function trialOf(
  request: Request,
  setup: Setup,
  size: DataSize,
  parameters: Readonly<Record<string, string>>,
  { repeat, compiled, process }: Step & Pick<Warmth, 'process'>,
): Omit<PlannedTrial, 'id'> {
  const tasks = tasksFor(request, size);
  return {
    repeat,
    datasetId: size.datasetId,
    events: size.events,
    tasks: tasks * request.loopsOf(parameters),
    oversubscribed: setup.workers * setup.threads > request.cores,
    warmth: { process, compiled, pageCache: request.pageCache, storage: 'local' },
    point: {
      suite: request.suite,
      backend: setup.backend,
      runner: setup.runner,
      workers: setup.workers,
      threadsPerWorker: setup.threads,
      startMethod: setup.runner === 'serial' ? 'none' : request.startMethod,
      files: size.files,
      fileBytes: size.fileBytes,
      parameters,
      tasks,
    },
  };
}

/** One task list for all worker counts and backends: 4 tasks per worker at the largest, whole tasks per file, one per cluster at most. */
export function tasksFor(request: Pick<Request, 'workers' | 'tasks'>, size: DataSize): number {
  const wanted = request.tasks ?? TASKS_PER_WORKER * Math.max(1, ...request.workers);
  if (size.files === 0) return wanted;
  return cut(size.clusters, Math.ceil(wanted / size.files)).length;
}

/** What a reader of the plan should know before it runs. */
export function planWarnings(request: Request): string[] {
  const warnings: string[] = [];
  const largest = Math.max(1, ...request.workers);
  for (const size of request.data) {
    const tasks = tasksFor(request, size);
    if (tasks < TASKS_PER_WORKER * largest) {
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
  return warnings;
}
