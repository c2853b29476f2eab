import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { commitFacts } from './environment.ts';

let checkout: string;
let head: string;

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=n', '-c', 'user.email=e', '-c', 'safe.directory=*'];
  return execFileSync('git', ['-C', checkout, ...who, ...args], { encoding: 'utf8' }).trim();
}

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), 'checkout-'));
  git('init', '-q');
  writeFileSync(join(checkout, 'file'), 'first');
  git('add', '.');
  git('commit', '-q', '-m', 'm');
  head = git('rev-parse', 'HEAD');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(checkout, { recursive: true });
});

const unknown = { commit: null, uncommittedChanges: null };

test('a clean checkout has its commit and no changes', () => {
  expect(commitFacts(checkout)).toEqual({ commit: head, uncommittedChanges: false });
});

test('a file that is changed and a file that is new are changes, whatever the user tells git to show', () => {
  writeFileSync(join(checkout, 'file'), 'second');
  expect(commitFacts(checkout)).toEqual({ commit: head, uncommittedChanges: true });
  git('checkout', '-q', '.');
  writeFileSync(join(checkout, 'new'), '');
  git('config', 'status.showUntrackedFiles', 'no');
  expect(commitFacts(checkout)).toEqual({ commit: head, uncommittedChanges: true });
});

test('an archive that was unpacked inside a repository has no commit', () => {
  const unpacked = join(checkout, 'hepbench');
  mkdirSync(unpacked);
  expect(commitFacts(unpacked)).toEqual(unknown);
});

test('variables that name another repository, as within a hook, do not count', () => {
  vi.stubEnv('GIT_DIR', join(checkout, 'nothing'));
  vi.stubEnv('GIT_WORK_TREE', tmpdir());
  expect(commitFacts(checkout)).toEqual({ commit: head, uncommittedChanges: false });
});

test('a folder that is no checkout has no commit', () => {
  rmSync(join(checkout, '.git'), { recursive: true });
  expect(commitFacts(checkout)).toEqual(unknown);
});

test.skipIf(process.getuid?.() !== 0)('a checkout of another owner has its commit all the same [needs root]', () => {
  for (const path of ['', '.git']) chownSync(join(checkout, path), 1234, 1234);
  expect(commitFacts(checkout)).toEqual({ commit: head, uncommittedChanges: false });
});
