import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cost, writeJournal } from './fold.ts';

let path: string;
beforeEach(() => (path = join(mkdtempSync(join(tmpdir(), 'fold-')), 'events.jsonl')));
afterEach(() => rmSync(path, { recursive: true }));

test('200,000 samples of 20 values are read, folded and judged with a heap that holds a fifth of them as objects', async () => {
  writeJournal(path, { workers: 400, seconds: 500, tasks: 4_000 });
  const program = join(import.meta.dirname, 'fold.ts');
  const { stdout } = await execa(process.execPath, ['--max-old-space-size=64', program, path]);
  expect(Cost.parse(JSON.parse(stdout))).toMatchObject({ state: 'valid', points: 18_000 });
});
