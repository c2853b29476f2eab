import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openJournal, readJournal } from './journal.ts';
import { errorOf } from './test/error-of.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'journal-'));
  path = join(folder, 'events.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was written and appended is read back, numbered for each source', () => {
  const journal = openJournal(path, 't');
  journal.write('engine', { type: 'mark', name: 'prepare' }, 1);
  journal.write('host', { type: 'mark', name: 'graph' }, 2);
  const driver = { v: 1, trial: 't', source: 'driver', type: 'mark' } as const;
  journal.append([
    { ...driver, seq: 1, t: 3, name: 'trigger' },
    { ...driver, seq: 2, t: 3.5, name: 'graph' },
  ]);
  journal.write('engine', { type: 'mark', name: 'result' }, 4);
  expect(journal.counts()).toEqual({ engine: 2, host: 1, driver: 2 });
  journal.close();
  const envelope = { v: 1, trial: 't', type: 'mark' };
  const { log, torn } = readJournal(path);
  expect({ torn, events: log.few }).toEqual({
    torn: false,
    events: [
      { ...envelope, source: 'engine', seq: 1, t: 1, name: 'prepare' },
      { ...envelope, source: 'host', seq: 1, t: 2, name: 'graph' },
      { ...envelope, source: 'driver', seq: 1, t: 3, name: 'trigger' },
      { ...envelope, source: 'driver', seq: 2, t: 3.5, name: 'graph' },
      { ...envelope, source: 'engine', seq: 2, t: 4, name: 'result' },
    ],
  });
});

test('a journal of any length is read in pieces that cut lines and letters anywhere', () => {
  const journal = openJournal(path, 't');
  // Of three bytes each, and lines of unequal length, so that some piece ends inside a letter.
  const names = Array.from({ length: 3_000 }, (_, i) => '✓'.repeat(300 + (i % 97)));
  for (const name of names) journal.write('engine', { type: 'failed', code: 'x', message: name, hint: '' }, 1);
  journal.close();
  expect(statSync(path).size).toBeGreaterThan(3 * 2 ** 20);
  const { log, torn } = readJournal(path);
  expect(torn).toBe(false);
  expect(log.all('failed').map(({ message }) => message)).toEqual(names);
  appendFileSync(path, Buffer.from('{"✓').subarray(0, 3));
  expect(readJournal(path)).toMatchObject({ torn: true, log: { few: { length: 3_000 } } });
});

test('an event is on disk as soon as it is written, dated by the clock', () => {
  const before = Date.now() / 1000;
  const journal = openJournal(path, 't');
  journal.write('engine', { type: 'mark', name: 'prepare' });
  const { last } = readJournal(path).log;
  journal.close();
  expect(Math.abs((last?.t ?? 0) - before)).toBeLessThan(2);
});

test('a journal that is there already is never appended to by another trial', () => {
  writeFileSync(path, 'precious');
  expect(errorOf(() => openJournal(path, 't'))).toMatchObject({
    message: `${path}: cannot be written: EEXIST`,
    hint: 'move it away, or run in a new folder',
    exitCode: 3,
  });
  expect(readFileSync(path, 'utf8')).toBe('precious');
});

test('a folder that cannot be written to is named with the flag that moves it', () => {
  writeFileSync(path, '');
  const below = join(path, 'b001', 'events.jsonl');
  expect(errorOf(() => openJournal(below, 't'))).toMatchObject({
    message: `${below}: cannot be written: ENOTDIR`,
    hint: 'make its folder writable, or name another one with --results',
    exitCode: 3,
  });
});

test('a disk that fills up in the middle of a line says to make room, and leaves a torn line', ({ skip }) => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'none', folder], { stdio: 'pipe' });
  } catch {
    skip('a full disk needs the right to mount a tmpfs');
  }
  try {
    const journal = openJournal(path, 't');
    const fill = () => journal.write('engine', { type: 'warning', code: 'X', message: 'x'.repeat(3000) });
    fill();
    expect(errorOf(fill)).toMatchObject({
      message: `${path}: cannot be written: ENOSPC`,
      hint: 'make room, then run again with --resume',
    });
    journal.close();
    expect(readJournal(path)).toMatchObject({ log: { few: [{ seq: 1 }] }, torn: true });
  } finally {
    execFileSync('umount', [folder]);
  }
});

test('a corrupt line is refused with path and line', () => {
  const journal = openJournal(path, 't');
  journal.write('engine', { type: 'mark', name: 'prepare' });
  journal.close();
  appendFileSync(path, 'rubbish\n');
  expect(errorOf(() => readJournal(path))).toMatchObject({
    message: `${path}: line 2 is not an event: not JSON`,
    exitCode: 3,
  });
});

test('a newer journal is refused with its version', () => {
  writeFileSync(path, '{"v":7}\n');
  expect(errorOf(() => readJournal(path))).toMatchObject({
    message: `${path}: was written by a newer hepbench (journal version 7, this one reads up to 1)`,
    hint: 'update hepbench',
  });
});

test('a journal that is not there is named', () => {
  expect(errorOf(() => readJournal(path))).toMatchObject({ message: `${path}: cannot be read: ENOENT`, exitCode: 3 });
});
