import type { Collector } from '../../collectors/collector.ts';
import type { Session, SessionSpec } from '../../runners/runner.ts';
import { BenchError, timedOut } from '../errors.ts';
import type { Event, EventOf } from '../model/event.ts';
import type { Dataset } from '../datasets/datasets.ts';
import { onClockOfRun } from './clock.ts';
import { type Collecting, collecting } from './collecting.ts';
import { openJournal, type Journal } from './journal.ts';
import { clustersOf, cut } from './parts.ts';
import type { PlannedData } from './place.ts';
import type { PlannedTrial } from './plan.ts';
import { Present } from './present.ts';

export interface TrialSpec {
  readonly experiment: string;
  readonly block: string;
  readonly session: number;
  readonly trial: PlannedTrial;
  readonly dataset: Dataset | undefined;
  /** What the journal says of it. */
  readonly plannedData: PlannedData;
  readonly journalPath: string;
  /** Trials that this session has run before; a block whose session broke goes on in a new one. */
  readonly trialsBefore: number;
  /** The session that was planned for this trial was given up: the trial is cold though it was to be warm. */
  readonly reopened: boolean;
  readonly timeoutMs: number;
  /** Whether the instruments of the session are on. */
  readonly isWatched: boolean;
  readonly collectors: readonly Collector[];
  readonly environment: EventOf<'environment'>['facts'];
}

/**
 * Runs one trial in an open session and writes its journal. Resolves to whether the session can be used further; a failing
 * workload is an event of the journal. Rejects only when `signal` is aborted or the journal cannot be written.
 */
export async function runTrial(
  spec: TrialSpec,
  session: Session,
  sessionSpec: SessionSpec,
  signal: AbortSignal,
): Promise<boolean> {
  const journal = openJournal(spec.journalPath, spec.trial.id);
  try {
    writeOpening(journal, spec, session, sessionSpec);
    const present = new Present();
    const collectors = collectingOf(journal, spec, present, sessionSpec);
    const leave = await present.follow(session.targets());
    let usable = false;
    try {
      await collectors.start();
      usable = await runWorkload(journal, spec, session, signal);
    } finally {
      await collectors.stop();
      await leave().catch((error: unknown) => partFailed(journal, 'targets', error));
    }
    if (signal.aborted) return false;
    const counts = journal.counts();
    journal.write('engine', { type: 'done', counts: { ...counts, engine: (counts['engine'] ?? 0) + 1 } });
    return usable;
  } finally {
    journal.close();
  }
}

function writeOpening(journal: Journal, spec: TrialSpec, session: Session, sessionSpec: SessionSpec): void {
  const { trial } = spec;
  journal.write('engine', {
    type: 'planned',
    experiment: spec.experiment,
    block: spec.block,
    session: spec.session,
    repeat: trial.repeat,
    point: trial.point,
    warmth: trial.warmth,
    oversubscribed: trial.oversubscribed,
    dataset: spec.plannedData,
    events: trial.events,
    tasks: trial.tasks,
  });
  journal.write('engine', { type: 'environment', facts: spec.environment });
  journal.write('runner', {
    type: 'session',
    askedAt: onClockOfRun(session.times.askedAt),
    schedulerAt: onClockOfRun(session.times.schedulerAt),
    readyAt: onClockOfRun(session.times.readyAt),
    clockSetSeconds: journal.clockSetSeconds,
    workersAsked: sessionSpec.workers,
    memoryLimitBytes: sessionSpec.memoryLimitBytes,
    trialsBefore: spec.trialsBefore,
    capabilities: session.capabilities,
  });
  if (spec.reopened) {
    journal.write('engine', {
      type: 'warning',
      code: 'SESSION_REOPENED',
      message: 'the trial before failed, so that this one ran in a new session: cold, not warm as planned',
    });
  }
}

/** One that fails is a line in the journal; it never ends a trial. */
function collectingOf(journal: Journal, spec: TrialSpec, present: Present, { watch }: SessionSpec): Collecting {
  return collecting({
    collectors: spec.collectors,
    targets: () => present.all,
    intervalSeconds: watch.intervalSeconds,
    now: () => journal.now(),
    write: (source, event, t) => journal.write(source, event, t),
    failed: (name, error) => partFailed(journal, `collector ${name}`, error),
  });
}

function partFailed(journal: Journal, part: string, error: unknown): void {
  journal.write('engine', { type: 'outcome', part, ok: false, message: String(error) });
}

/** The plan once more from the files themselves: as many parts as the point has tasks, or the data set is not the planned one. */
function partsFor({ trial, dataset }: TrialSpec): readonly (readonly [number, number, number])[] {
  if (!dataset) return [];
  const parts = cut(clustersOf(dataset), trial.point.tasks / dataset.files.length);
  if (parts.length !== trial.point.tasks)
    throw new Error(`data set ${dataset.id} gives ${parts.length} tasks, ${trial.point.tasks} are planned`);
  return parts.map(({ file, start, stop }) => [file, start, stop]);
}

async function runWorkload(journal: Journal, spec: TrialSpec, session: Session, signal: AbortSignal): Promise<boolean> {
  const { trial } = spec;
  const timeout = AbortSignal.timeout(spec.timeoutMs);
  const workload = {
    trial: trial.id,
    suite: trial.point.suite,
    backend: trial.point.backend,
    parameters: trial.point.parameters,
    files: spec.dataset ? session.pathsOf(spec.dataset) : [],
    tree: spec.dataset?.tree ?? '',
    columns: Object.keys(spec.plannedData?.columnBytes ?? {}),
    events: trial.events,
    tasks: trial.point.tasks,
    parts: partsFor(spec),
    threads: trial.point.threadsPerWorker,
    edit: trial.warmth.compiled === 'edited' ? spec.trialsBefore : 0,
    page_cache: trial.warmth.pageCache,
    watch: spec.isWatched,
  };
  // A failed workload may leave tasks, or a broken interpreter, behind: the next trial gets a new session.
  let usable = true;
  const append = (events: readonly Event[]) => {
    journal.append(events);
    usable &&= events.every(({ type }) => type !== 'failed');
  };
  try {
    await session.run(workload, append, AbortSignal.any([signal, timeout]));
    return usable;
  } catch (error) {
    if (signal.aborted) return false;
    const known = timeout.aborted ? timedOut(`trial ${trial.id}`, spec.timeoutMs / 1000, '--trial-timeout') : error;
    if (!(known instanceof BenchError)) throw known;
    journal.write('engine', { type: 'failed', code: known.code, message: known.message, hint: known.hint });
    return false;
  }
}
