import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/**
 * Makes a folder, and those above it that are missing; throws the system's error at once where none can be made. Node's own recursive `mkdir`
 * never ends, and hears no signal, in a folder such as /proc, where the system says of everything new that it does not exist.
 */
export function makeFolders(path: string, mode = 0o777): void {
  try {
    makeOne(path, mode);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolders(dirname(path), mode);
    makeOne(path, mode);
  }
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, mode);
  } catch (error) {
    // Also one that another process has made meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
