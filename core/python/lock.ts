import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

import { z } from 'zod';

import { lockTimedOut, systemCode } from '../errors.ts';

const Holder = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  /** Start time of the process in clock ticks since boot: tells it from a later process with the same number. */
  startTicks: z.string().optional(),
});
type Holder = z.infer<typeof Holder>;

export interface LockOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called once, with the holder, if the lock is not free. */
  readonly onWait?: (holder: string) => void;
}

/**
 * Runs `work` while this process alone holds the lock file `path`. The lock of a process that died on this machine is
 * taken over; whether a holder on another machine (a shared home folder) is alive cannot be known, so it is waited for.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  await acquire(path, options);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, { timeoutMs = 900_000, signal, onWait }: LockOptions): Promise<void> {
  const start = performance.now();
  const me: Holder = {
    id: randomUUID(),
    host: hostname(),
    pid: process.pid,
    startTicks: await startTicks(process.pid),
  };
  let told = false;
  for (;;) {
    signal?.throwIfAborted();
    if (await create(path, me)) return;
    const holder = await read(path);
    if (holder === undefined) continue;
    if (await isDead(holder)) {
      await remove(path, holder, me);
      continue;
    }
    const name = `process ${holder.pid} on ${holder.host}`;
    // Not by the number of tries: one may have been spent on the lock of a dead process.
    if (!told) onWait?.(name);
    told = true;
    const waitedMs = performance.now() - start;
    if (waitedMs > timeoutMs) throw lockTimedOut(path, name, waitedMs);
    await sleep(200, undefined, signal ? { signal } : {});
  }
}

/** Creates the lock together with its content, so that no one ever reads an empty one; false if it exists. */
async function create(path: string, me: Holder): Promise<boolean> {
  const draft = `${path}.${me.id}`;
  await writeFile(draft, JSON.stringify(me));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The holder; undefined if the lock is free. */
async function read(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes the lock of a dead holder. Two processes may see the same dead holder, and the slower one must not remove
 * the lock the faster one has made since: only the owner of the guard of that holder may remove it, after looking again.
 */
async function remove(path: string, dead: Holder, me: Holder): Promise<void> {
  const guard = `${path}.dead-${dead.id}`;
  if (!(await create(guard, me))) {
    await sleep(50);
    return;
  }
  try {
    if ((await read(path))?.id === dead.id) await rm(path);
  } finally {
    await rm(guard, { force: true });
  }
}

async function isDead(holder: Holder): Promise<boolean> {
  return holder.host === hostname() && holder.startTicks !== (await startTicks(holder.pid));
}

async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // Field 22; the fields are counted after the command name, which may contain anything.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
