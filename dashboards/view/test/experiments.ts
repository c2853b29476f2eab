// Experiments in a few words, and what is said of them.
import { headline } from '../../../core/stats/headline.ts';
import { summarise } from '../../../core/stats/summarise.ts';
import { aRecord, anExperiment, type Overrides } from '../../../core/stats/test/records.ts';
import { answerLines } from '../statement.ts';

export const SERIAL: Overrides = { point: { runner: 'serial', startMethod: 'none' } };
export const on = (workers: number, more: Overrides = {}): Overrides => ({
  ...more,
  point: { workers, ...more.point },
});
export const small: Overrides = { point: { files: 4, fileBytes: 16e6 } };
export const large: Overrides = { point: { files: 4, fileBytes: 64e6 } };
export const data = (of: Overrides, size: Overrides): Overrides => ({ ...of, point: { ...of.point, ...size.point } });

/** Warm trials of one point: two repeats in each of three sessions whose core speeds differ a little. */
export function runs(of: Overrides, seconds: number, { noise = 0.002, sessions = 3, repeats = 2 } = {}) {
  return Array.from({ length: sessions }, (_, s) =>
    Array.from({ length: repeats }, (__, r) =>
      aRecord({ ...of, T: seconds * (1 + noise * (s - 1) + 0.001 * r), session: s + 1, repeat: r + 1 }),
    ),
  ).flat();
}

export function said(...records: ReturnType<typeof runs>[]): readonly string[] {
  const experiment = anExperiment(records.flat());
  return answerLines(headline(experiment), summarise(experiment));
}

export const efficient = (workers: number, efficiency: number, more: Overrides = {}) =>
  runs(on(workers, more), 10 / (workers * efficiency));

/** Trials whose T, in seconds, is given for each session. */
export const inSessions = (of: Overrides, ...times: readonly number[]) =>
  times.flatMap((T, s) => [1, 2].map((repeat) => aRecord({ ...of, T, session: s + 1, repeat })));

/** A count whose efficiency is 80 % give or take: the sessions lie on either side. */
export const onTheLine = (workers: number) =>
  inSessions(on(workers), ...[0.74, 0.8, 0.86].map((efficiency) => 10 / (workers * efficiency)));

export const wrongAt = (workers: number, wrong: number, right: number) => [
  ...Array.from({ length: wrong }, (_, i) =>
    aRecord({ ...on(workers), state: 'invalid', session: (i % 3) + 1, repeat: i + 1 }),
  ),
  ...Array.from({ length: right }, (_, i) => aRecord({ ...on(workers), T: 5, session: (i % 3) + 1, repeat: i + 1 })),
];
