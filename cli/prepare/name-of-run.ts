import { randomBytes } from 'node:crypto';

/**
 * A name for an experiment or a monitor, which is also a tag in databases: two that begin in one second have different ones, also in
 * containers of several machines, where processes have the same numbers.
 */
export function nameOfRun(what: string): string {
  const stamp = new Date()
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, '')
    .replace('T', '-');
  return `${stamp}-${what}-${randomBytes(3).toString('hex')}`;
}
