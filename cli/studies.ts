import type { RawOptions } from '../core/config/run-config.ts';
import type { Study } from './study.ts';

/** Chosen like a suite, by `--suite`: they run the trials of one. */
export const studies = [
  {
    name: 'self',
    summary: 'what hepbench costs: adl in pairs of trials with and without watching, and its own hot paths',
    suite: 'adl',
    /** Of options that the user leaves open: the cost of watching is taken with a core to spare, from as many sessions as an interval needs. */
    defaults: { workers: '1', sessions: '5', repeats: '6', minSeconds: '0' } satisfies RawOptions,
    load: async (): Promise<Study> => (await import('./commands/self.ts')).self,
  },
] as const;

const PLAIN: Study = { configOf: (config) => config, arrange: (blocks) => [...blocks], conclude: async () => {} };

/** The study of that name; where there is none the suite of that name is run as it is planned. */
export async function studyOf(name: string): Promise<Study> {
  return (await studies.find((study) => study.name === name)?.load()) ?? PLAIN;
}

/** Its values of options that the user leaves open. */
export function defaultsOf(name: unknown): RawOptions {
  return studies.find((study) => study.name === name)?.defaults ?? {};
}
