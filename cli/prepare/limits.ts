import { readdirSync } from 'node:fs';
import { machineNotReady } from '../../core/errors.ts';
import { textOf } from '../../core/control-groups.ts';

/** Threads of one worker that computes, and of all others: scheduler, driver, a compiler, and what Node starts meanwhile. */
const THREADS_OF_WORKER = 10;
const THREADS_BESIDE = 25;
/** Twice what a small run was seen to need: Node and libraries reserve far more than they use, and with less cannot take memory later. */
const ADDRESSES_BYTES = 16e9;
/** Journals, data and what Dask spills: whoever writes beyond the limit is killed by a signal that names no file. */
const FILE_BYTES = 4e9;

/**
 * Refuses limits of this shell (`ulimit`) under which processes of a run would die in ways that name none of them: ROOT by a segmentation
 * fault when a thread cannot be started.
 */
export function refuseLowLimits(workers: number): void {
  const limits = textOf('/proc/self/limits') ?? '';
  const addresses = limitOf(limits, 'Max address space');
  if (addresses < ADDRESSES_BYTES)
    throw machineNotReady(
      [`addresses: a process may have ${(addresses / 1e9).toFixed(1)} GB, ${ADDRESSES_BYTES / 1e9} GB needed`],
      ['raise the limit of addresses (ulimit -v)'],
    );
  const file = limitOf(limits, 'Max file size');
  if (file < FILE_BYTES)
    throw machineNotReady(
      [`files: one may have ${(file / 1e9).toFixed(1)} GB, ${FILE_BYTES / 1e9} GB needed`],
      ['raise the limit of file sizes (ulimit -f)'],
    );
  const most = limitOf(limits, 'Max processes');
  // Root has none.
  if (!Number.isFinite(most) || process.getuid?.() === 0) return;
  const need = THREADS_OF_WORKER * workers + THREADS_BESIDE;
  const left = Math.max(0, most - threadsOfUser());
  if (left < need)
    throw machineNotReady(
      [`processes: ${left} of ${most} that this user may have are left, ${need} needed for --workers ${workers}`],
      ['raise the limit of processes (ulimit -u), end other programs, or use fewer workers (--workers)'],
    );
}

/** The limit that counts, the soft one. */
function limitOf(limits: string, name: string): number {
  return Number(new RegExp(String.raw`^${name} +(\d+) `, 'm').exec(limits)?.[1] ?? Infinity);
}

/** Each thread counts as a process; those of other containers, which count as well, cannot be seen. */
function threadsOfUser(): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => {
    const status = textOf(`/proc/${pid}/status`) ?? '';
    const user = Number(/^Uid:\t(\d+)/m.exec(status)?.[1]);
    return user === process.getuid?.() ? sum + Number(/^Threads:\t(\d+)/m.exec(status)?.[1]) : sum;
  }, 0);
}
