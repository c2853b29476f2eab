import { join } from 'node:path';
import { homeFolder } from '../home.ts';

/** Where environments and other things worth keeping between runs live: `BENCH_CACHE`, or the user's cache folder. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BENCH_CACHE']) return env['BENCH_CACHE'];
  const folder = env['XDG_CACHE_HOME'] || join(homeFolder('BENCH_CACHE'), '.cache');
  return join(folder, 'hepbench');
}
