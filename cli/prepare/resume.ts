import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fold } from '../../core/engine/fold.ts';
import { readJournal } from '../../core/engine/journal.ts';
import { type ExperimentFile, pathsOf, readExperiment } from '../../results/store/folder.ts';

export interface Resumed {
  readonly folder: string;
  readonly file: ExperimentFile;
  /** Blocks of which every trial has a complete journal. */
  readonly complete: ReadonlySet<string>;
}

/**
 * What is left of an interrupted experiment. A block is one session: its warm trials need the cold one before them, so a block
 * that was cut short runs again as a whole.
 */
export function resumed(folder: string): Resumed {
  const path = resolve(folder);
  const file = readExperiment(path);
  const complete = file.blocks.filter((block) =>
    block.trials.every((trial) => isComplete(pathsOf(path).journal(block.id, trial.id))),
  );
  return { folder: path, file, complete: new Set(complete.map(({ id }) => id)) };
}

function isComplete(journal: string): boolean {
  if (!existsSync(journal)) return false;
  const { events, torn } = readJournal(journal);
  const state = fold(events, torn)?.state;
  return state === 'valid' || state === 'failed';
}
