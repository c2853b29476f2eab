import type { Collector } from './collector.ts';

/** Collectors that run in this process. `agent` and `tasks` live in the Python driver, next to what they watch. */
export const collectors = [
  {
    name: 'scheduler',
    summary: 'tasks and workers by state, spilling and transfers, from the pages of the Dask scheduler',
    load: async (): Promise<Collector> => (await import('./scheduler/collector.ts')).scheduler,
  },
  {
    name: 'host',
    summary: 'load, CPU by state, pressure and steal of this machine',
    load: async (): Promise<Collector> => (await import('./host/collector.ts')).host,
  },
] as const;
