import { join, resolve } from 'node:path';
import { homeFolder } from '../home.ts';

/** Where environments and other things worth keeping between runs live: `BENCH_CACHE`, or the user's cache folder; absolute. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BENCH_CACHE']) return resolve(env['BENCH_CACHE']);
  const folder = env['XDG_CACHE_HOME'] || join(homeFolder('BENCH_CACHE'), '.cache');
  return resolve(folder, 'hepbench');
}
