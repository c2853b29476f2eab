import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SelfFile } from '../../suites/self/result.ts';
import { benchGood, eventsIn, journalsIn, makePlace, recordsIn, type Place } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

test('the cost of watching is taken from pairs of checked trials, with and without instruments in one session', async () => {
  const options = ['--backend', 'coffea', '--files', '2', '--events', '16000', '--tasks', '4', '--seed', '3'];
  const args = ['--suite', 'self', ...options, '--sessions', '1', '--repeats', '2'];
  const { stdout, stderr, experiment } = await benchGood(place, args);
  expect(stderr).not.toContain('this is a bug');

  const records = recordsIn(experiment);
  expect(records.map(({ state, taints }) => [state, taints])).toEqual(Array.from({ length: 5 }, () => ['valid', []]));
  const watched = records.map(({ point }) => point.parameters['watch']);
  expect(watched.slice(1).filter((watch) => watch === 'on').length).toBe(2);
  // On means samples and meters from inside the workers, off means none of either, from nobody.
  const seen = journalsIn(experiment).map((path) => {
    const events = eventsIn(path);
    const metered = events.some((event) => event.type === 'task' && event.meter !== null);
    return metered && events.some(({ type }) => type === 'sample')
      ? 'on'
      : metered || events.some(({ type }) => type === 'sample')
        ? 'half'
        : 'off';
  });
  expect(seen).toEqual(watched);

  const written = SelfFile.parse(JSON.parse(readFileSync(join(experiment, 'self.json'), 'utf8')));
  expect(written.watching.map(({ ratio, pairs }) => [ratio.trials, ratio.sessions, pairs.length])).toEqual([[2, 1, 2]]);
  expect(written.watching[0]?.cpuRatio).toMatchObject({ trials: 2, median: expect.any(Number) });
  expect(written.hotPaths.length).toBeGreaterThanOrEqual(5);
  expect(stdout).toMatch(
    /coffea, 1 worker, 2 files of .*: \d\.\d{3}, no interval from fewer than 3 sessions, pairs from .* \(2 pairs in 1 session\)/,
  );
  expect(stdout).toMatch(/fold the same journal +[\d.]+/);
});
