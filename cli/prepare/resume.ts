import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RawOptions } from '../../core/config/run-config.ts';
import { BenchError, optionNotTaken } from '../../core/errors.ts';
import { flagOf, RESUMABLE } from '../options/given.ts';
import { continueClock } from '../../core/engine/clock.ts';
import { fold } from '../../core/engine/fold.ts';
import { sharedOf } from '../../core/engine/judge-together.ts';
import { readJournal } from '../../core/engine/journal.ts';
import { type ExperimentFile, pathsOf, readExperiment } from '../../results/store/folder.ts';

export interface Resumed {
  readonly folder: string;
  readonly file: ExperimentFile;
  /** Blocks of which every trial has a complete journal. */
  readonly complete: ReadonlySet<string>;
}

/** What else may stand beside `--resume`. */
const BESIDE = ['resume', 'dryRun'];

/** The options of the experiment; those of {@link RESUMABLE} that are `given` anew replace its own, so that a hint that names one helps. */
export function resumedOptions(file: Pick<ExperimentFile, 'options'>, given: RawOptions): RawOptions {
  const anew = Object.entries(given).filter(([name]) => RESUMABLE.includes(name));
  const other = Object.entries(given).find(([name]) => ![...RESUMABLE, ...BESIDE].includes(name));
  if (other)
    throw optionNotTaken(
      flagOf(...other),
      'an experiment that is resumed keeps its own options',
      `leave it out, or begin a new experiment; what may change is ${RESUMABLE.map((name) => flagOf(name, '')).join(', ')}`,
    );
  // The clusters of experiments that do not name it were open.
  return { tls: false, ...file.options, ...Object.fromEntries(anew) };
}

/**
 * What is left of an interrupted experiment. A block is one session: its warm trials need the cold one before them, so a block
 * that was cut short, or of which a journal is damaged, runs again as a whole.
 */
export function resumed(folder: string, say: (line: string) => void): Resumed {
  const path = resolve(folder);
  const file = readExperiment(path);
  continueClock(Date.parse(file.startedAt) / 1000);
  const complete = file.blocks.filter((block) =>
    block.trials.every((trial) => isComplete(pathsOf(path).journal(block.id, trial.id), say)),
  );
  return { folder: path, file, complete: new Set(complete.map(({ id }) => id)) };
}

function isComplete(journal: string, say: (line: string) => void): boolean {
  if (!existsSync(journal)) return false;
  try {
    const { log, torn } = readJournal(journal);
    continueClock(sharedOf(log).stop);
    const state = fold(log, torn)?.state;
    return state === 'valid' || state === 'failed';
  } catch (error) {
    // What a newer hepbench wrote is whole: to run it again with this one would mix the two.
    if (!(error instanceof BenchError) || error.code !== 'journal-damaged') throw error;
    say(`note: ${error.message}\n  its block runs again, this attempt is kept beside it`);
    return false;
  }
}
