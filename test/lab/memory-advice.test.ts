// The report says how much memory to ask for per worker. Here the advice is followed, with both backends.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bench, benchGood, makePlace, type Place, recordsIn } from '../system/harness.ts';

const MIB = 1024 * 1024;
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

function args(backend: string): string[] {
  const how = ['--workers', '2', '--no-reference', '--sessions', '1', '--repeats', '1'];
  return ['--backend', backend, '--files', '2', '--events', '40k', ...how];
}

function adviceIn(experiment: string): number {
  const page = readFileSync(join(experiment, 'report.html'), 'utf8');
  return Number(/Ask per worker for<\/dt>\s*<dd>\s*(\d+)\u202FMiB/.exec(page)?.[1]);
}

function largest(experiment: string, metric: string): number {
  return Math.max(...recordsIn(experiment).map(({ metrics }) => Number(metrics[metric])));
}

test.each(['coffea', 'rdataframe'])(
  '%s runs with the memory that its report advises: no pause, no spill, no loss',
  async (backend) => {
    const free = await benchGood(place, args(backend));
    const advice = adviceIn(free.experiment);
    expect(advice * MIB * 0.8).toBeGreaterThan(largest(free.experiment, 'rss_high_water_bytes'));
    const { experiment } = await benchGood(place, [...args(backend), '--memory-limit', `${advice}MiB`]);
    for (const { state, taints, metrics } of recordsIn(experiment)) {
      expect([state, taints]).toEqual(['valid', []]);
      expect(metrics['spilled_bytes_peak']).toBe(0);
    }
  },
);

test('a limit from the proportional set, as was advised before, pauses the workers', async () => {
  const free = await benchGood(place, args('coffea'));
  const before = Math.ceil((largest(free.experiment, 'pss_peak_bytes') * 1.2) / (64 * MIB)) * 64;
  expect(before).toBeLessThan(adviceIn(free.experiment));
  const { experiment } = await bench(place, [...args('coffea'), '--memory-limit', `${before}MiB`]);
  const said = recordsIn(experiment).flatMap(({ reasons, taints }) => [...reasons, ...taints]);
  expect(said.map(({ message }) => message).join('\n')).toMatch(/workers? paused: memory at \d+ of \d+ MiB/);
});
