import type { Collector } from '../../collectors/collector.ts';
import type { PythonCommand, Runner, Session, SessionSpec, Watch } from '../../runners/runner.ts';
import type { Suite, Truth } from '../../suites/suite.ts';
import { type Dataset, factsOf } from '../datasets/datasets.ts';
import { interrupted, journalDamaged, optionNotTaken } from '../errors.ts';
import { SessionAxes } from '../model/axes.ts';
import { isKnown } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { isWatched } from '../model/watching.ts';
import { fold } from './fold.ts';
import { readJournal } from './journal.ts';
import { judge } from './judge.ts';
import { listedFiles, listedTruth } from './listed.ts';
import { tooLittleWork, unjudgedWork } from './judge-work.ts';
import { type Judged, sharedOf } from './judge-together.ts';
import { type Decided, type Place, placeOf, plannedData } from './place.ts';
import type { Block, PlannedTrial } from './plan.ts';
import { impossibleIn } from './rules/index.ts';
import { runTrial } from './trial.ts';

/** Where an experiment's files lie; the layout is the store's. */
export interface ExperimentFiles {
  /** Folder of a block that is about to run; whatever an earlier attempt left there has been moved away. */
  prepareBlock(block: Block): string;
  prepareTrial(block: Block, trial: PlannedTrial): string;
  journalPath(block: Block, trial: PlannedTrial): string;
  saveRecord(record: TrialRecord): void;
}

export interface ExperimentSpec {
  readonly decided: Decided;
  readonly suite: Suite;
  /** The runner of this name, with its own options resolved. */
  readonly runnerOf: (name: string) => Promise<Runner>;
  readonly collectors: readonly Collector[];
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly truths: ReadonlyMap<string, Truth>;
  readonly files: ExperimentFiles;
  readonly python: PythonCommand;
  readonly watch: Watch;
  readonly joinTimeoutMs: number;
  readonly trialTimeoutMs: number;
}

export interface Observer {
  sessionOpening(block: Block): void;
  trialStarting(block: Block, trial: PlannedTrial): void;
  trialEnded(record: TrialRecord): void;
}

/** Runs the blocks one after the other; after an abort the journals so far are whole and nothing is left running. */
export async function runBlocks(
  spec: ExperimentSpec,
  blocks: readonly Block[],
  observer: Observer,
  signal: AbortSignal,
): Promise<TrialRecord[]> {
  const records: TrialRecord[] = [];
  for (const block of blocks) {
    if (signal.aborted) throw interrupted();
    observer.sessionOpening(block);
    records.push(...(await runBlock(spec, block, observer, signal)));
  }
  return records;
}

async function runBlock(
  spec: ExperimentSpec,
  block: Block,
  observer: Observer,
  signal: AbortSignal,
): Promise<TrialRecord[]> {
  const first = block.trials[0];
  if (!first) return [];
  const sessionSpec = sessionSpecOf(spec, block, first);
  const here = { python: spec.python, logFolder: spec.files.prepareBlock(block) };
  const runner = await spec.runnerOf(first.point.runner);
  const records: TrialRecord[] = [];
  let session: Session | undefined;
  let trialsBefore = 0;
  try {
    for (const [index, trial] of block.trials.entries()) {
      session ??= await runner.open(sessionSpec, here, signal);
      refuseUncontrolled(runner, session, trial);
      spec.files.prepareTrial(block, trial);
      observer.trialStarting(block, trial);
      const usable = await runTrial(
        { ...trialSpecOf(spec, block, trial), trialsBefore, reopened: index > 0 && trialsBefore === 0 },
        session,
        sessionSpec,
        signal,
      );
      if (signal.aborted) throw interrupted();
      const path = spec.files.journalPath(block, trial);
      const record = judgedOf(spec, path, block, trial)?.record;
      if (!record) throw new Error(`${path} has no plan`);
      spec.files.saveRecord(record);
      records.push(record);
      observer.trialEnded(record);
      trialsBefore += 1;
      if (!usable) {
        await session.close();
        session = undefined;
        trialsBefore = 0;
      }
    }
  } catch (error) {
    if (signal.aborted) throw interrupted(error);
    throw error;
  } finally {
    await session?.close();
  }
  return records;
}

/** A state of the page caches that nobody can bring about would be claimed by every record. */
function refuseUncontrolled({ name }: Runner, { capabilities }: Session, { datasetId, warmth }: PlannedTrial): void {
  if (capabilities.controlsPageCaches || datasetId === null || warmth.pageCache === 'uncontrolled') return;
  throw optionNotTaken(
    `--page-cache ${warmth.pageCache}`,
    `runner ${name} cannot fill or drop the page caches of its workers`,
    'give --page-cache uncontrolled',
  );
}

function sessionSpecOf(spec: ExperimentSpec, { trials }: Block, first: PlannedTrial): SessionSpec {
  const ids = new Set(trials.map(({ datasetId }) => datasetId));
  return {
    ...SessionAxes.parse(first.point),
    suite: first.point.suite,
    memoryLimitBytes: spec.decided.memoryLimitBytes,
    joinTimeoutMs: spec.joinTimeoutMs,
    watch: spec.watch,
    data: [...ids].flatMap((id) => (id === null ? [] : (spec.datasets.get(id) ?? []))),
  };
}

function trialSpecOf(spec: ExperimentSpec, block: Block, trial: PlannedTrial) {
  const { parameters, clone } = trial.point;
  const dataset = trial.datasetId === null ? undefined : spec.datasets.get(trial.datasetId);
  const facts = dataset && factsOf(dataset);
  const columns = facts ? spec.suite.columns(parameters, facts.columns) : [];
  const files = dataset ? listedFiles(dataset.files, clone) : [];
  return {
    experiment: spec.decided.id,
    block: block.id,
    session: block.session,
    trial,
    dataset: dataset && { ...dataset, files },
    plannedData: dataset && facts ? plannedData(dataset.id, facts, columns, clone) : null,
    journalPath: spec.files.journalPath(block, trial),
    timeoutMs: spec.trialTimeoutMs,
    isWatched: isWatched(trial.point),
    collectors: isWatched(trial.point) ? spec.collectors : [],
    environment: spec.decided.environment,
  };
}

/** Folds and judges a journal on disk; undefined when the trial was killed before the first line, its plan, was written. */
export function judgedOf(
  spec: Pick<ExperimentSpec, 'suite' | 'truths' | 'decided'>,
  journalPath: string,
  block: Block,
  trial: PlannedTrial,
): Judged | undefined {
  const { log, torn } = readJournal(journalPath);
  if (!log.last) return undefined;
  const record = fold(log, torn);
  if (!record) throw journalDamaged(journalPath, 'does not say what was planned');
  const ofData = trial.datasetId === null ? undefined : spec.truths.get(trial.datasetId);
  const truth = ofData && listedTruth(ofData, trial.point.clone);
  const place = { ...placeOf(spec.decided, spec.suite, block, trial), contentHash: truth?.contentHash };
  const columns = Object.keys(place.dataset?.columnBytes ?? {});
  const check = ({ histograms, counts, point }: TrialRecord) => [
    ...spec.suite.check(
      { events: isKnown(counts.eventsRead) ? counts.eventsRead : -1, histograms },
      truth,
      point.parameters,
      columns,
    ),
    ...tooLittleWork(log, spec.suite.alwaysRead(point.backend, point.parameters, columns)),
    ...impossibleIn({ log, record, place }),
  ];
  const judged = judge({ ...record, flags: [...record.flags, ...unjudgedWork(log)] }, check);
  return { record: filed(judged, place), position: place.position, ...sharedOf(log) };
}

/** Whatever a journal says of itself, its record is that of the trial in whose folder it lies, and stands there in every table. */
function filed(record: TrialRecord, { experiment, block, session, trial }: Place): TrialRecord {
  const { id, repeat, point, warmth, datasetId } = trial;
  return { ...record, experiment, block, session, trial: id, repeat, point, warmth, datasetId };
}
