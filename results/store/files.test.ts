import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aTrial, recordOf } from '../../core/engine/test/journal-of.ts';
import { readRecord } from './folder.ts';
import { filesIn } from './files.ts';

const block = { id: 'b001' };
const trial = { id: 't' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function blocks(): string[] {
  return readdirSync(join(folder, 'blocks')).toSorted();
}

test('a block that runs for the first time has a new empty folder', () => {
  expect(filesIn(folder).prepareBlock(block)).toBe(join(folder, 'blocks', 'b001'));
  expect(blocks()).toEqual(['b001']);
});

test('an aborted block is kept aside, attempt by attempt', () => {
  const files = filesIn(folder);
  for (const attempt of ['first', 'second', 'third']) {
    const path = files.prepareBlock(block);
    expect(readdirSync(path)).toEqual([]);
    writeFileSync(join(path, 'driver.log'), attempt);
  }
  expect(blocks()).toEqual(['b001', 'b001.aborted-1', 'b001.aborted-2']);
  const logs = blocks().map((name) => readFileSync(join(folder, 'blocks', name, 'driver.log'), 'utf8'));
  expect(logs).toEqual(['third', 'first', 'second']);
});

test('other blocks stay where they are', () => {
  const files = filesIn(folder);
  files.prepareBlock({ id: 'b002' });
  files.prepareBlock(block);
  files.prepareBlock(block);
  expect(blocks()).toEqual(['b001', 'b001.aborted-1', 'b002']);
});

test('a journal lies in the folder that was made for its trial, with the record beside it', () => {
  const files = filesIn(folder);
  files.prepareBlock(block);
  const path = files.prepareTrial(block, trial);
  expect(files.journalPath(block, trial)).toBe(join(path, 'events.jsonl'));
  const record = recordOf(aTrial());
  files.saveRecord(record);
  expect(readRecord(join(path, 'record.json'))).toEqual(record);
  expect(existsSync(join(path, 'record.json.new'))).toBe(false);
});

test('a results folder that vanished is an error that names the path', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const refused = { code: 'results-unusable', hint: 'make its folder writable, or name another one with --results' };
  const files = filesIn(file);
  expect(() => files.prepareBlock(block)).toThrow(expect.objectContaining(refused));
  expect(() => files.prepareTrial(block, trial)).toThrow(expect.objectContaining(refused));
});
