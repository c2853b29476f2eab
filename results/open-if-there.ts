import { open, type FileHandle } from 'node:fs/promises';
import { systemCode } from '../core/errors.ts';

/** Opens a file for reading; undefined when there is none yet. Rejects with the system's error. */
export async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
