import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where environments and other things worth keeping between runs live: `BENCH_CACHE`, or the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BENCH_CACHE']) return env['BENCH_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'hepbench');
}
