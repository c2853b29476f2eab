import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';

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
  const quotas = groupsOf(root).flatMap(({ folder, top }) => quotasUpTo(top, folder));
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

interface Group {
  readonly folder: string;
  /** Where its file system is mounted: what lies above is not seen. */
  readonly top: string;
}

/** The folders of the control groups that may hold a quota: of version 2, and of version 1 with its controller `cpu`. */
function groupsOf(root: string): Group[] {
  const own = (textOf(join(root, '/proc/self/cgroup')) ?? '').split('\n').map((line) => line.split(':'));
  const mounts = (textOf(join(root, '/proc/self/mountinfo')) ?? '').split('\n').filter((line) => line.includes(' - '));
  return mounts.flatMap((line): Group[] => {
    const [mount = '', source = ''] = line.split(' - ');
    const [kind, , options = ''] = source.split(' ');
    const [, , , mounted = '', top = ''] = mount.split(' ');
    const isCpu = kind === 'cgroup' && options.split(',').includes('cpu');
    if (!isCpu && kind !== 'cgroup2') return [];
    const path = own.find(([id, names = '']) =>
      isCpu ? names.split(',').includes('cpu') : id === '0' && names === '',
    )?.[2];
    if (path === undefined) return [];
    // In a container the mount shows only the own subtree, while the path may still be the host's.
    const inside = path.startsWith(mounted) ? path.slice(mounted === '/' ? 0 : mounted.length) : '';
    return [{ folder: join(root, top, inside), top: join(root, top) }];
  });
}

function quotasUpTo(top: string, folder: string): number[] {
  const own = quotaIn(folder);
  const above = folder === top || !folder.startsWith(top) ? [] : quotasUpTo(top, dirname(folder));
  return own === undefined ? above : [own, ...above];
}

function quotaIn(folder: string): number | undefined {
  const text =
    textOf(join(folder, 'cpu.max')) ??
    `${textOf(join(folder, 'cpu.cfs_quota_us'))} ${textOf(join(folder, 'cpu.cfs_period_us'))}`;
  const [quota = Number.NaN, period = Number.NaN] = text.split(' ').map(Number);
  // Without a quota it is `max` or -1.
  return quota > 0 && period > 0 ? quota / period : undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // No such controller, or none that this process may see: no quota is known.
    return undefined;
  }
}
