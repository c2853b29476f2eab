import { existsSync, renameSync } from 'node:fs';
import type { TrialRecord } from '../../core/model/record.ts';
import { makeFolder, pathsOf, writeWhole, writing } from './folder.ts';

interface Named {
  readonly id: string;
}

/** The layout of an experiment's folder, as the engine uses it. */
export function filesIn(folder: string) {
  const paths = pathsOf(folder);
  return {
    /** An earlier attempt is kept beside the block, out of every list. */
    prepareBlock(block: Named): string {
      const path = paths.block(block.id);
      if (existsSync(path)) writing(path, () => renameSync(path, firstFree(`${path}.aborted`)));
      makeFolder(path);
      return path;
    },
    prepareTrial(block: Named, trial: Named): string {
      const path = paths.trial(block.id, trial.id);
      makeFolder(path);
      return path;
    },
    journalPath: (block: Named, trial: Named) => paths.journal(block.id, trial.id),
    saveRecord(record: TrialRecord): void {
      writeWhole(paths.record(record.block, record.trial), `${JSON.stringify(record)}\n`);
    },
  };
}

function firstFree(path: string): string {
  for (let attempt = 1; ; attempt++) {
    if (!existsSync(`${path}-${attempt}`)) return `${path}-${attempt}`;
  }
}
