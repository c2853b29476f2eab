import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { withLock } from './lock.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

const deadHolder = { id: 'dead', host: hostname(), pid: 2 ** 22 + 1, startTicks: '1' };

test('twenty at once hold the lock one after the other, and leave nothing behind', async () => {
  let holders = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++holders);
    await sleep(2);
    holders--;
  };
  writeFileSync(path, JSON.stringify(deadHolder));
  await Promise.all(Array.from({ length: 20 }, () => withLock(path, {}, work)));
  expect(most).toBe(1);
  expect(existsSync(path)).toBe(false);
});

test('the lock of a process that was killed is taken over', async () => {
  const program = `
    import { withLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)};
    await withLock(process.argv[1], {}, () => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, path]);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: child.pid });
  await expect(withLock(path, { timeoutMs: 1000 }, async () => 'mine')).resolves.toBe('mine');
});

test('who first meets a dead holder, and then a living one, says that it waits', async () => {
  writeFileSync(path, JSON.stringify(deadHolder));
  // Somebody else is removing that lock: it is still there at the next look.
  const guard = `${path}.dead-${deadHolder.id}`;
  writeFileSync(guard, '');
  const told: string[] = [];
  const held = withLock(path, { onWait: (holder) => told.push(holder) }, async () => 'mine');
  await sleep(120);
  expect(told).toEqual([]);
  // In one step, as hepbench does it: whoever reads meanwhile sees one of the two.
  writeFileSync(`${path}.next`, JSON.stringify({ ...deadHolder, id: 'living', host: 'elsewhere' }));
  renameSync(`${path}.next`, path);
  await expect.poll(() => told).toEqual([`process ${deadHolder.pid} on elsewhere`]);
  rmSync(path);
  rmSync(guard);
  await expect(held).resolves.toBe('mine');
});

test('a later process with the same number does not keep the lock of a dead one', async () => {
  writeFileSync(path, JSON.stringify({ ...deadHolder, pid: process.pid }));
  await expect(withLock(path, { timeoutMs: 1000 }, async () => 'mine')).resolves.toBe('mine');
});

test('the lock of another machine is respected, and the error names it', async () => {
  writeFileSync(path, JSON.stringify({ ...deadHolder, host: 'elsewhere' }));
  const seen: string[] = [];
  const attempt = withLock(path, { timeoutMs: 100, onWait: (holder) => seen.push(holder) }, async () => {});
  await expect(attempt).rejects.toMatchObject({
    code: 'lock-timed-out',
    exitCode: 3,
    hint: expect.stringContaining(path),
  });
  expect(seen).toEqual([`process ${deadHolder.pid} on elsewhere`]);
});

test('who waited in vain for a lock has it when its holder has finished', async () => {
  let finish: () => void = () => {};
  const holder = withLock(path, {}, () => new Promise<void>((resolve) => (finish = resolve)));
  await expect.poll(() => existsSync(path)).toBe(true);
  await expect(withLock(path, { timeoutMs: 50 }, async () => 'mine')).rejects.toMatchObject({
    hint: expect.stringMatching(/^let it finish; /),
  });
  finish();
  await holder;
  await expect(withLock(path, { timeoutMs: 50 }, async () => 'mine')).resolves.toBe('mine');
});

test('the lock of a holder that no longer exists is free when it is deleted', async () => {
  writeFileSync(path, JSON.stringify({ ...deadHolder, host: 'a-machine-that-is-gone' }));
  await expect(withLock(path, { timeoutMs: 50 }, async () => 'mine')).rejects.toMatchObject({
    hint: expect.stringMatching(new RegExp(`if it no longer exists, delete ${path}$`)),
  });
  rmSync(path);
  await expect(withLock(path, { timeoutMs: 50 }, async () => 'mine')).resolves.toBe('mine');
});

test('waiting ends when the signal aborts', async () => {
  writeFileSync(path, JSON.stringify({ ...deadHolder, host: 'elsewhere' }));
  const attempt = withLock(path, { signal: AbortSignal.timeout(50) }, async () => {});
  await expect(attempt).rejects.toThrow(/abort/i);
});
