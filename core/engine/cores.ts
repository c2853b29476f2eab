import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { groupFolders, textOf } from '../control-groups.ts';

/** What this process may compute on. */
export interface Cores {
  /** Logical cores that it may run on. */
  readonly cores: number;
  /** As many of them as its control groups let it use on average, such as 0.5; null without a quota. */
  readonly quota: number | null;
}

/** Reads both below `root`, the top of the file system. Node gives one number, which a quota of 1.5 cores makes 1. */
export function coresOf(root = ''): Cores {
  const allowed = /^Cpus_allowed_list:\s*(\S+)$/m.exec(textOf(join(root, '/proc/self/status')) ?? '')?.[1];
  const quotas = groupFolders('cpu', root).flatMap((folder) => quotaIn(folder) ?? []);
  return {
    cores: allowed === undefined ? availableParallelism() : countOf(allowed),
    quota: quotas.length > 0 ? Math.min(...quotas) : null,
  };
}

/** How many numbers a list such as `0-3,8` holds. */
function countOf(list: string): number {
  const parts = list.split(',').map((part) => part.split('-').map(Number));
  return parts.reduce((sum, [first = Number.NaN, last = first]) => sum + (last - first + 1 || 0), 0);
}

function quotaIn(folder: string): number | undefined {
  const text =
    textOf(join(folder, 'cpu.max')) ??
    `${textOf(join(folder, 'cpu.cfs_quota_us'))} ${textOf(join(folder, 'cpu.cfs_period_us'))}`;
  const [quota = Number.NaN, period = Number.NaN] = text.split(' ').map(Number);
  // Without a quota it is `max` or -1.
  return quota > 0 && period > 0 ? quota / period : undefined;
}
