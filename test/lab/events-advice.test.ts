// Where T is mostly overhead, the first line says how many events would make workers worth it. Here the advice is followed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { median } from '../../core/stats/quantile.ts';
import { benchGood, makePlace, type Outcome, type Place, recordsIn } from '../system/harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

// Query 6 computes most for its bytes, and one task for each worker has the least overhead: the advice stays as small as can be.
const DATA = ['--backend', 'rdataframe', '--param', 'queries=6', '--files', '2', '--tasks', '2'];
const ARGS = [...DATA, '--workers', '2', '--sessions', '1', '--repeats', '3'];
const ADVICE = /for 2 workers use at least [\d.]+ [kM] events \((--events) ([\d.]+[kM])\)/;

/** T of one thread without Dask / T on 2 workers: medians of the warm trials. */
function speedUp({ experiment }: Outcome): number {
  const warm = recordsIn(experiment).filter(({ repeat, state }) => repeat > 0 && state === 'valid');
  const timeOf = (runner: string, workers: number) => {
    const own = warm.filter(({ point }) => point.runner === runner && point.workers === workers);
    return Number(median(own.map(({ windows }) => Number(windows.turnaroundSeconds))));
  };
  return timeOf('serial', 1) / timeOf('local', 2);
}

// Most of the time is spent on making the advised data, about 12,000 events a second.
test('with the advised number of events 2 workers are better than before, and not surely slower than one thread without Dask', async () => {
  const small = await benchGood(place, [...ARGS, '--events', '40k']);
  const [, ...events] = ADVICE.exec(small.stdout) ?? [];
  expect(small.stdout).toMatch(ADVICE);
  const large = await benchGood(place, [...ARGS, ...events]);
  expect(speedUp(large)).toBeGreaterThan(speedUp(small));
  expect(large.stdout).not.toMatch(/one thread without Dask is faster than 2 workers/);
}, 900_000);
