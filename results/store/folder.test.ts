import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { errorOf } from '../../core/engine/test/error-of.ts';
import { aTrial, recordOf } from '../../core/engine/test/journal-of.ts';
import { experimentFolders, makeFolder, pathsOf, readExperiment, readJson, readRecord, writeWhole } from './folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const Thing = z.object({ schemaVersion: z.literal(1), name: z.string() });

function readText(text: string): unknown {
  const path = join(folder, 'thing.json');
  writeFileSync(path, text);
  return readJson(path, Thing, 'do this');
}

test('a file that is as expected is read', () => {
  expect(readText('{"schemaVersion":1,"name":"x"}')).toEqual({ schemaVersion: 1, name: 'x' });
});

test('a file that does not exist is named with what to do', () => {
  const path = join(folder, 'none.json');
  expect(errorOf(() => readJson(path, Thing, 'do this'))).toMatchObject({
    code: 'results-unusable',
    message: `${path}: does not exist`,
    hint: 'do this',
    exitCode: 3,
  });
});

test('a torn file is named with what to do', () => {
  const error = errorOf(() => readText('{"schemaVersion":1,"na'));
  expect(error.message).toContain(`${join(folder, 'thing.json')}: cannot be read: SyntaxError`);
  expect(error.hint).toBe('do this');
});

test('a file of a newer version asks for an update and not for a repair', () => {
  expect(errorOf(() => readText('{"schemaVersion":2,"title":"x"}'))).toMatchObject({
    message: `${join(folder, 'thing.json')}: was written by a newer hepbench (version 2, this one reads up to 1)`,
    hint: 'update hepbench',
  });
});

test('a file of another shape is named with the field that is wrong', () => {
  const error = errorOf(() => readText('{"schemaVersion":1,"name":7}'));
  expect(error.message).toContain(`${join(folder, 'thing.json')}: is not as expected: `);
  expect(error.message).toContain('name');
  expect(error.hint).toBe('do this');
});

test('a folder that is no experiment says how to find one', () => {
  expect(errorOf(() => readExperiment(folder))).toMatchObject({
    message: `${join(folder, 'experiment.json')}: does not exist`,
    hint: 'name the folder of an experiment, as `bench list experiments` shows them',
  });
});

test('a damaged record says that it can be made again', () => {
  const path = join(folder, 'record.json');
  writeFileSync(path, '{}');
  expect(errorOf(() => readRecord(path)).hint).toBe('delete this file: it is made again from the journal beside it');
});

test('a record is read back as it was written', () => {
  const record = recordOf(aTrial());
  const path = join(folder, 'record.json');
  writeWhole(path, JSON.stringify(record));
  expect(readRecord(path)).toEqual(record);
});

test('a file is replaced in one step and nothing is left beside it', () => {
  const path = join(folder, 'a.json');
  writeWhole(path, 'old');
  writeWhole(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('a full disk leaves the old file and says to make room', ({ skip }) => {
  if (!existsSync('/dev/full')) skip('this system has no /dev/full');
  const path = join(folder, 'a.json');
  writeWhole(path, 'old');
  symlinkSync('/dev/full', `${path}.new`);
  expect(errorOf(() => writeWhole(path, 'new'))).toMatchObject({
    message: `${path}: cannot be written: ENOSPC`,
    hint: 'make room',
    exitCode: 3,
  });
  expect(readFileSync(path, 'utf8')).toBe('old');
});

test('a folder that cannot be written to is named with the flag that moves it', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  for (const path of [join(file, 'results'), file]) {
    const error = errorOf(() => makeFolder(path));
    expect(error.message).toMatch(new RegExp(`^${path}: cannot be written`));
    expect(error).toMatchObject({ hint: 'make its folder writable, or name another one with --results', exitCode: 3 });
  }
  expect(errorOf(() => writeWhole(join(file, 'a.json'), ''))).toMatchObject({
    message: `${join(file, 'a.json')}: cannot be written: ENOTDIR`,
    hint: 'make its folder writable, or name another one with --results',
  });
});

test('a folder is made with its parents, and the probe leaves no trace', () => {
  const path = join(folder, 'a', 'b');
  makeFolder(path);
  makeFolder(path);
  expect(readdirSync(path)).toEqual([]);
});

test('experiments are listed newest first; files, other folders and a missing root are no experiments', () => {
  for (const name of ['20260101-1', '20260301-1', '20260201-1']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'experiment.json'), '');
  }
  mkdirSync(join(folder, '20260401-monitor'));
  writeFileSync(join(folder, 'notes.txt'), '');
  expect(experimentFolders(folder).map((path) => path.slice(folder.length + 1))).toEqual([
    '20260301-1',
    '20260201-1',
    '20260101-1',
  ]);
  expect(experimentFolders(join(folder, 'none'))).toEqual([]);
});

test('a root that is a file is named with the flag that moves it', () => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  expect(errorOf(() => experimentFolders(path))).toMatchObject({
    message: `${path}: cannot be read: ENOTDIR`,
    hint: 'name the folder of the experiments with --results',
  });
});

test('everything of a trial lies in its own folder', () => {
  const paths = pathsOf('x');
  expect(paths.journal('b001', 'b001-t00')).toBe('x/blocks/b001/b001-t00/events.jsonl');
  expect(paths.record('b001', 'b001-t00')).toBe('x/blocks/b001/b001-t00/record.json');
});
