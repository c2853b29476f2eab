import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folders of the control groups of this process, its own first and then those above, as far as they can be seen: of version 2, and of
 * version 1 where it has the controller. `root` is the top of the file system.
 */
export function groupFolders(controller: 'cpu' | 'memory', root: string): string[] {
  const own = (textOf(join(root, '/proc/self/cgroup')) ?? '').split('\n').map((line) => line.split(':'));
  const mounts = (textOf(join(root, '/proc/self/mountinfo')) ?? '').split('\n').filter((line) => line.includes(' - '));
  return mounts.flatMap((line): string[] => {
    const [mount = '', source = ''] = line.split(' - ');
    const [kind, , options = ''] = source.split(' ');
    const [, , , mounted = '', top = ''] = mount.split(' ');
    const isFirst = kind === 'cgroup' && options.split(',').includes(controller);
    if (!isFirst && kind !== 'cgroup2') return [];
    const path = own.find(([id, names = '']) =>
      isFirst ? names.split(',').includes(controller) : id === '0' && names === '',
    )?.[2];
    if (path === undefined) return [];
    // In a container the mount shows only the own subtree, while the path may still be the host's.
    const inside = path.startsWith(mounted) ? path.slice(mounted === '/' ? 0 : mounted.length) : '';
    return upTo(join(root, top), join(root, top, inside));
  });
}

function upTo(top: string, folder: string): string[] {
  return folder === top || !folder.startsWith(top) ? [folder] : [folder, ...upTo(top, dirname(folder))];
}

/** What a file of the kernel says; undefined where there is no such file, or none that this process may see. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
