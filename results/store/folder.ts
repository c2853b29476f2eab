import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { resultsUnusable, systemCode } from '../../core/errors.ts';
import { makeFolders } from '../../core/make-folders.ts';
import { Point, Warmth } from '../../core/model/event.ts';
import { wrongFields } from '../../core/model/wrong-fields.ts';
import { DataFacts, Environment, RECORD_VERSION, TrialRecord } from '../../core/model/record.ts';
import { Calibration } from '../../core/model/calibration.ts';
import { isExperiment, noExperiment } from './kinds.ts';

const Trial = z.object({
  id: z.string(),
  repeat: z.int(),
  point: Point,
  warmth: Warmth,
  datasetId: z.string().nullable(),
  events: z.int(),
  tasks: z.int(),
  oversubscribed: z.boolean(),
});

/** `experiment.json`: everything that was decided before the first trial. */
export const ExperimentFile = z.object({
  schemaVersion: z.literal(RECORD_VERSION),
  id: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  command: z.string(),
  seed: z.int(),
  sessions: z.int(),
  repeats: z.int(),
  /** Options of the run by name, for `--resume`. */
  options: z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())])),
  environment: Environment,
  /** By id; absent in experiments of before. */
  datasets: z.record(z.string(), DataFacts).optional(),
  /** How often the files are listed, by backend, and what says so; absent where nobody asked for a least time of a trial. */
  calibration: z.record(z.string(), Calibration).optional(),
  blocks: z.array(z.object({ id: z.string(), session: z.int(), trials: z.array(Trial) })),
});
export type ExperimentFile = z.infer<typeof ExperimentFile>;

/** Paths of one experiment's folder. */
export function pathsOf(folder: string) {
  return {
    experiment: join(folder, 'experiment.json'),
    block: (block: string) => join(folder, 'blocks', block),
    journal: (block: string, trial: string) => join(folder, 'blocks', block, trial, 'events.jsonl'),
    record: (block: string, trial: string) => join(folder, 'blocks', block, trial, 'record.json'),
    trial: (block: string, trial: string) => join(folder, 'blocks', block, trial),
    truth: (datasetId: string, suite: string) => join(folder, `truth-${suite}-${datasetId}.json`),
  };
}

export function readExperiment(folder: string): ExperimentFile {
  if (!isExperiment(folder)) throw noExperiment(folder);
  return readJson(
    pathsOf(folder).experiment,
    ExperimentFile,
    'name the folder of an experiment, as `bench list experiments` shows them',
  );
}

export function readRecord(path: string): TrialRecord {
  return readJson(path, TrialRecord, 'delete this file: it is made again from the journal beside it');
}

/** Parses a JSON file of ours; a missing, torn, or newer one is named with what to do. */
export function readJson<T>(path: string, schema: z.ZodType<T>, hint: string): T {
  let value: unknown;
  try {
    // A pipe in its place would never end.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === false) throw new Error('not a regular file');
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${String(error)}`;
    throw resultsUnusable(path, why, hint, error);
  }
  const version = z.looseObject({ schemaVersion: z.number() }).safeParse(value);
  if (version.success && version.data.schemaVersion > RECORD_VERSION) {
    throw resultsUnusable(
      path,
      `was written by a newer hepbench (version ${version.data.schemaVersion}, this one reads up to ${RECORD_VERSION})`,
      'update hepbench',
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw resultsUnusable(path, `is not as expected: ${wrongFields(parsed.error)}`, hint);
}

/** Replaces a file in one step, so that a kill leaves the old or the new one. */
export function writeWhole(path: string, text: string): void {
  writing(path, () => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  });
}

/** The same for a file that most often says so already. */
export function writeIfOther(path: string, text: string): void {
  if (!saysAlready(path, text)) writeWhole(path, text);
}

function saysAlready(path: string, text: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  // A pipe in its place would never end.
  if (file?.isFile() !== true || file.size !== Buffer.byteLength(text)) return false;
  try {
    return readFileSync(path, 'utf8') === text;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** Makes a folder and sees that it can be written to. */
export function makeFolder(path: string): void {
  writing(path, () => {
    makeFolders(path);
    writeFileSync(join(path, '.probe'), 'probe');
    rmSync(join(path, '.probe'));
  });
}

/** Does what changes `path`; what the system refuses is named with what to do. */
export function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const hint = code === 'ENOSPC' ? 'make room' : 'make its folder writable, or name another one with --results';
    throw resultsUnusable(path, `cannot be written: ${code}`, hint, error);
  }
}

/** Folders of experiments under `root`, newest first. */
export function experimentFolders(root: string): string[] {
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name))
      .filter((folder) => isExperiment(folder))
      .toSorted()
      .toReversed();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return [];
    if (code === undefined) throw error;
    throw resultsUnusable(root, `cannot be read: ${code}`, 'name the folder of the experiments with --results', error);
  }
}
