import { join, resolve } from 'node:path';
import { machineNotReady } from '../errors.ts';
import { homeFolder } from '../home.ts';

/** Where environments and other things worth keeping between runs live: `BENCH_CACHE`, or the user's cache folder; absolute. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BENCH_CACHE']) return readable(resolve(env['BENCH_CACHE']));
  const folder = env['XDG_CACHE_HOME'] || join(homeFolder('BENCH_CACHE'), '.cache');
  return readable(resolve(folder, 'hepbench'));
}

/** What ROOT or uproot read as part of an address, a pattern of names, a tree in a file or a variable, and letters that coffea cannot hash. */
const READ_OTHERWISE = /[#?*[\]{}:$%\\"'`|;<>&]|[^ -~]/u;

/** Data lie in it: a name that one of the libraries reads as something else would end in errors of theirs, or in the death of the process. */
function readable(folder: string): string {
  const [character] = READ_OTHERWISE.exec(folder) ?? [];
  if (character === undefined) return folder;
  throw machineNotReady(
    [
      `cache folder: ${JSON.stringify(folder)} holds ${JSON.stringify(character)}, which ROOT, uproot or coffea cannot take as part of a name`,
    ],
    ['name a folder without it with BENCH_CACHE'],
  );
}
