// A sink that serves journals of a temporary folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { aPlan, type Entry, entry } from '../../../core/engine/test/journal-of.ts';
import type { TrialRecord } from '../../../core/model/record.ts';
import { type Exposition, openExposition } from '../sink.ts';
import { parsePage, type Series } from './text-format.ts';

export const machine = entry('engine', 90, { type: 'environment', facts: { site: 'a site', commit: 'c0ffee' } });
/** First lines of a journal. */
export const HEAD = [aPlan(), machine];
/** Labels of what is read in a journal with that head. */
export const PLACE = { site: 'a site', runner: 'local', suite: 'adl', backend: 'coffea' };
export const W0 = { ...PLACE, worker: 'w0' };

/** Lines of a journal; their numbers are of no interest here. */
export function lines(entries: readonly Entry[]): string {
  return entries
    .map(({ source, t, draft }, index) => ({ v: 1, trial: 'b001-t01', source, seq: index + 1, t, ...draft }))
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

export interface Stage {
  readonly folder: string;
  readonly sink: Exposition;
  /** Writes a journal, and the record beside it; gives the journal's path. */
  journal(name: string, entries: readonly Entry[], record?: TrialRecord): string;
  scrape(): Promise<string>;
  /** Series of one metric on the page of this moment. */
  series(name: string): Promise<readonly Series[]>;
}

/** A new one for each test of the file. */
export function newStage(): Stage {
  let folder = '';
  let sink: Exposition;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hepbench-exposition-'));
    sink = await openExposition({ host: '127.0.0.1', port: 0 });
  });
  afterEach(async () => {
    await sink.close(1000);
    rmSync(folder, { recursive: true });
  });

  async function scrape(): Promise<string> {
    return await (await fetch(`${sink.url}/metrics`)).text();
  }

  return {
    get folder() {
      return folder;
    },
    get sink() {
      return sink;
    },
    journal(name, entries, record) {
      mkdirSync(join(folder, name), { recursive: true });
      const path = join(folder, name, 'events.jsonl');
      writeFileSync(path, lines(entries));
      if (record) writeFileSync(join(folder, name, 'record.json'), JSON.stringify(record));
      return path;
    },
    scrape,
    async series(name) {
      return parsePage(await scrape()).get(name)?.series ?? [];
    },
  };
}
