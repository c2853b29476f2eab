import { localOptions } from './local/options.ts';
import type { RunnerMember } from './runner.ts';

/** Every runner. A new one is a folder and an entry here. */
export const runners = [
  {
    name: 'serial',
    summary: 'the same code on the same files in one process without Dask: the reference of speed-up',
    options: [],
    load: async () => (await import('./serial/runner.ts')).serial,
  },
  {
    name: 'local',
    summary: 'a Dask scheduler and worker processes on this machine',
    options: localOptions,
    load: async () => (await import('./local/runner.ts')).local,
  },
] as const satisfies readonly RunnerMember[];
