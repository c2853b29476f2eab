import { expect, test } from 'vitest';
import { summarise } from '../../core/stats/summarise.ts';
import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { trialViews } from './trials.ts';

test('a trial of as many samples as many workers give in an hour is drawn in bins', () => {
  const at = (i: number) => ({ t: i / 50, target: `w${i % 64}`, cpuCores: 1, readBytesPerSecond: 1, rssBytes: 1e8 });
  const series = Array.from({ length: 150_000 }, (_, i) => at(i));
  const [view] = trialViews(summarise(anExperiment([aRecord({ series })])));
  expect(view?.cores.length).toBeGreaterThan(50);
  expect(view?.cores.length).toBeLessThan(1_000);
});
