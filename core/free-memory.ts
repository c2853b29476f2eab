import { join } from 'node:path';
import { groupFolders, textOf } from './control-groups.ts';

/**
 * Bytes that processes of ours may still take: what is available on the machine, and no more than any of the control groups that we are in
 * leaves. Undefined where the kernel does not say. `root` is the top of the file system.
 */
export function freeMemoryBytes(root = ''): number | undefined {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(textOf(join(root, '/proc/meminfo')) ?? '')?.[1];
  if (kilobytes === undefined) return undefined;
  const left = groupFolders('memory', root).flatMap((folder) => leftIn(folder) ?? []);
  return Math.max(0, Math.min(Number(kilobytes) * 1024, ...left));
}

/** What the limit of a group leaves; pages of files that nobody uses are given back as they are needed. Without a limit it is undefined. */
function leftIn(folder: string): number | undefined {
  const second = textOf(join(folder, 'memory.max'));
  const [limit, used, unused] =
    second === undefined
      ? [
          textOf(join(folder, 'memory.limit_in_bytes')),
          textOf(join(folder, 'memory.usage_in_bytes')),
          'total_inactive_file',
        ]
      : [second, textOf(join(folder, 'memory.current')), 'inactive_file'];
  const inactive = new RegExp(String.raw`^${unused} (\d+)$`, 'm').exec(textOf(join(folder, 'memory.stat')) ?? '')?.[1];
  const left = Number(limit ?? 'none') - Number(used ?? 0) + Number(inactive ?? 0);
  // Version 2 says `max`, version 1 a number beyond any machine.
  return Number.isFinite(left) ? left : undefined;
}
