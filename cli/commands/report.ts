import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseTruth } from '../../core/datasets/datasets.ts';
import { judgedOf } from '../../core/engine/experiment.ts';
import { compared, type Judged } from '../../core/engine/judge-together.ts';
import { BenchError, ExitCode, journalDamaged, resultsUnusable, systemCode, worstExitCode } from '../../core/errors.ts';
import type { Point } from '../../core/model/event.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { Experiment, TrialRecord } from '../../core/model/record.ts';
import { FLOOR_SUITE } from '../../core/stats/floor.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { mayColour } from '../../dashboards/terminal/colour.ts';
import { formatSi } from '../../dashboards/format.ts';
import { dashboards } from '../../dashboards/index.ts';
import {
  experimentFolders,
  type ExperimentFile,
  pathsOf,
  readExperiment,
  writeIfOther,
  writeWhole,
} from '../../results/store/folder.ts';
import { writeParquet } from '../../results/store/parquet.ts';
import type { Truth } from '../../suites/suite.ts';
import { suiteOf } from '../prepare/data.ts';
import { decidedOf } from '../prepare/decided.ts';
import { outputs, print, printableAll, tell } from '../output.ts';

/** `bench report`: everything again from the journals, without a cluster. */
export async function reportCommand(folder: string | undefined, results: string, floor?: string): Promise<number> {
  const { records, exitCode } = await finish(resolve(chosenFolder(folder, results)), floor && resolve(floor));
  return worstExitCode([exitCode, ...records.map(codeOfState)]);
}

/** What a trial's state means for the exit code: the same for a run and for a report made later. */
export function codeOfState({ state }: TrialRecord): ExitCode {
  if (state === 'invalid') return ExitCode.wrongAnswer;
  return state === 'failed' ? ExitCode.workloadFailed : ExitCode.good;
}

/** The folder that was named, or that of the newest experiment. */
export function chosenFolder(folder: string | undefined, results: string): string {
  const chosen = folder ?? experimentFolders(results)[0];
  if (chosen !== undefined) return chosen;
  throw resultsUnusable(results, 'holds no experiment', 'run one first, or name another folder with --results');
}

export interface Finished {
  readonly records: readonly TrialRecord[];
  /** 3 when a journal could not be read, 7 when a file beside the journals could not be written. */
  readonly exitCode: ExitCode;
}

/** Folds and judges all journals, writes the report and the tables, prints the summary. */
export async function finish(folder: string, floorFolder?: string): Promise<Finished> {
  const file = readExperiment(folder);
  const floor = floorFolder === undefined ? undefined : await floorOf(floorFolder, file);
  const { records, unreadable } = await recordsOf(folder, file);
  for (const { error } of unreadable) tell(`bench: ${error.message}\n  ${error.hint}\n`);
  const named = unreadable.map(({ trial, error }) => ({ trial, why: error.message }));
  // Meanwhile, by threads of its own: it reads the journals once more, and never rejects.
  const tabled = records.length > 0 ? tables(folder, records) : ExitCode.good;
  // Journals and folders may be anybody's.
  const experiment = printableAll(experimentOf(file, records, named, floor));
  const terminal = outputs['standard output'];
  const options = {
    cacheFolder: cacheFolder(),
    columns: terminal.columns || Number(process.env['COLUMNS']) || 140,
    colour: mayColour(terminal.isTTY, process.env['NO_COLOR']),
  };
  for (const { load } of dashboards) {
    const { fileName, mediaType, body } = await (await load()).render(experiment, options);
    if (mediaType === 'text/plain') print(body.endsWith('\n') ? body : `${body}\n`);
    else {
      writeWhole(join(folder, fileName), body);
      print(`report: ${join(folder, fileName)}\n`);
    }
  }
  for (const line of oversubscribedLines(records)) print(`${line}\n`);
  const codes = unreadable.map(({ error }) => error.exitCode);
  return {
    records,
    exitCode: worstExitCode([...codes, await tabled]),
  };
}

/** What was seen of points with more workers than cores, which no fit and no headline uses: did they really run at once? */
function oversubscribedLines(records: readonly TrialRecord[]): string[] {
  const warm = records.filter(
    ({ state, repeat, flags }) =>
      state === 'valid' && repeat > 0 && flags.some(({ code }) => code === 'oversubscribed'),
  );
  return [...Map.groupBy(warm, ({ point }) => JSON.stringify(point)).values()].flatMap((trials) => {
    const [first] = trials;
    if (!first) return [];
    const { point } = first;
    const meanOf = (pick: (observed: TrialRecord['observed']) => Quantity) => {
      const values = trials.map(({ observed }) => pick(observed)).filter(isKnown);
      return values.length === 0 ? '-' : (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(1);
    };
    const fewest = (pick: (observed: TrialRecord['observed']) => number) =>
      Math.min(...trials.map(({ observed }) => pick(observed)));
    return [
      `observed, ${point.backend} ${point.workers} workers${dataOf(point)} (oversubscribed): ${fewest(({ workers }) => workers)} workers joined, ` +
        `${fewest(({ workersUsed }) => workersUsed)} processed events, mean concurrency ${meanOf(({ meanConcurrency }) => meanConcurrency)}, ` +
        `integral ${meanOf(({ concurrencyIntegralSeconds }) => concurrencyIntegralSeconds)} task-seconds`,
    ];
  });
}

function dataOf({ files, fileBytes }: Point): string {
  return files === 0 ? '' : `, ${files} x ${formatSi(fileBytes)}B`;
}

/** Samples and tasks as Parquet. Without them nothing is lost: the journals hold everything. */
async function tables(folder: string, records: readonly TrialRecord[]): Promise<ExitCode> {
  try {
    const { journal } = pathsOf(folder);
    await writeParquet(
      folder,
      records.map(({ block, trial }) => journal(block, trial)),
    );
    return ExitCode.good;
  } catch (error) {
    tell(
      `bench: samples.parquet and tasks.parquet: ${String(error)}\n  the journals are whole: bench report ${folder} tries again\n`,
    );
    return ExitCode.sinkFailed;
  }
}

function experimentOf(
  file: ExperimentFile,
  records: TrialRecord[],
  unreadable: NonNullable<Experiment['unreadable']>,
  floor: Experiment['floor'],
): Experiment {
  const { schemaVersion, id, startedAt, finishedAt, command, seed, sessions, repeats, environment, blocks } = file;
  const plannedTrials = blocks.reduce((sum, { trials }) => sum + trials.length, 0);
  return {
    schemaVersion,
    id,
    startedAt,
    finishedAt,
    command,
    seed,
    sessions,
    repeats,
    environment,
    plannedTrials,
    records,
    ...(floor && { floor }),
    ...(unreadable.length > 0 && { unreadable }),
  };
}

/** The records of an experiment of suite iobench on the machine of `file`: elsewhere reading alone has another rate. */
async function floorOf(folder: string, { environment }: ExperimentFile): Promise<TrialRecord[]> {
  const other = readExperiment(folder);
  const suite = other.blocks[0]?.trials[0]?.point.suite;
  const hint =
    'name an experiment of bench --suite iobench on the same machine, with the same data, backends and workers';
  if (suite !== FLOOR_SUITE) throw resultsUnusable(folder, `is of suite ${suite}, not of ${FLOOR_SUITE}`, hint);
  for (const fact of ['site', 'host', 'cpuModel']) {
    const [here, there] = [environment[fact], other.environment[fact]];
    if (here !== there)
      throw resultsUnusable(
        folder,
        `was measured elsewhere: ${fact} is ${JSON.stringify(there)}, not ${JSON.stringify(here)}`,
        hint,
      );
  }
  return (await recordsOf(folder, other)).records;
}

/** What the journals of an experiment hold, and which of them cannot be read. */
interface Journals {
  readonly records: TrialRecord[];
  readonly unreadable: readonly { readonly trial: string; readonly journal: string; readonly error: BenchError }[];
}

/** Folds and judges every journal of an experiment, and writes the records beside them. One that cannot be read spoils no other. */
export async function recordsOf(folder: string, file: ExperimentFile): Promise<Journals> {
  const paths = pathsOf(folder);
  const judged: Judged[] = [];
  const unreadable: { trial: string; journal: string; error: BenchError }[] = [];
  const trials = file.blocks.flatMap((block) => block.trials.map((trial) => ({ block, trial })));
  const suite = await suiteOf(trials[0]?.trial.point.suite ?? 'adl');
  const ids = new Set(trials.flatMap(({ trial }) => trial.datasetId ?? []));
  const truths = new Map([...ids].map((id) => [id, truthAt(paths.truth(id, suite.name), suite.name)]));
  const decided = decidedOf(file);
  for (const { block, trial } of trials) {
    const journal = paths.journal(block.id, trial.id);
    try {
      const one = existsSync(journal) ? judgedOf({ suite, truths, decided }, journal, block, trial) : undefined;
      if (one) judged.push(one);
      // All trials of a run that came to its end were there.
      else if (file.finishedAt !== null)
        throw journalDamaged(journal, existsSync(journal) ? 'holds no whole line' : 'is gone');
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      unreadable.push({ trial: trial.id, journal, error });
    }
  }
  const records = compared(judged);
  // The engine had no time for that of a killed trial, and an older one may have been damaged.
  for (const record of records) writeIfOther(paths.record(record.block, record.trial), `${JSON.stringify(record)}\n`);
  return { records, unreadable };
}

/** The copy of the truth that lies in the experiment: without it no answer can be checked. */
function truthAt(path: string, suite: string): Truth {
  try {
    return parseTruth(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = systemCode(error) ?? (error instanceof SyntaxError ? 'not JSON' : 'not a truth');
    const hint = `restore the file from truth-${suite}.json of the data set (bench datasets list)`;
    throw resultsUnusable(path, `cannot be read: ${why}`, hint, error);
  }
}
