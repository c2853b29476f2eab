import type { Runner } from './runner.ts';

/** Every runner. A new one is a folder and a line here. */
export const runners = [
  {
    name: 'serial',
    summary: 'the same code on the same files in one process without Dask: the reference of speed-up',
    load: async (): Promise<Runner> => (await import('./serial/runner.ts')).serial,
  },
  {
    name: 'local',
    summary: 'a Dask scheduler and worker processes on this machine',
    load: async (): Promise<Runner> => (await import('./local/runner.ts')).local,
  },
] as const;
