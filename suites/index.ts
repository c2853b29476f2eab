import type { Suite } from './suite.ts';

/** Every suite. A new one is a folder and a line here. */
export const suites = [
  {
    name: 'adl',
    summary: 'the eight IRIS-HEP queries on NanoAOD-like files, all answers checked',
    load: async (): Promise<Suite> => (await import('./adl/suite.ts')).adl,
  },
  {
    name: 'control',
    summary: "tasks of known cost: Dask's overhead on this cluster, and the calibration of the loss budget",
    load: async (): Promise<Suite> => (await import('./control/suite.ts')).control,
  },
  {
    name: 'iobench',
    summary: 'reads and decompresses columns and does nothing with them: the floor for all suites',
    load: async (): Promise<Suite> => (await import('./iobench/suite.ts')).iobench,
  },
] as const;
