import { fileURLToPath } from 'node:url';

import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';

export const checkout = fileURLToPath(new URL('../../', import.meta.url));
export const analyses = fileURLToPath(new URL('../../analyses/', import.meta.url));

/** The Python of the environment with the tools for tests and lint; makes it if need be, telling about it on stderr. */
export async function developmentPython(): Promise<string> {
  const onProgress = (line: string) => process.stderr.write(`${line}\n`);
  return (await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true, onProgress })).python;
}
