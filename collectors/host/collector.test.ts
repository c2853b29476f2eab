import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import type { Sample } from '../collector.ts';
import { host } from './collector.ts';

/** Starts it, and gives what ends it. */
async function started(intervalSeconds: number, emit: (sample: Sample) => void) {
  const end = await host.start({ targets: () => [], intervalSeconds }, emit, () => {});
  return async () => await end({ start: 0, stop: 0 });
}

test('it samples at the start, meanwhile and at the end, and then no more', async () => {
  const events: Sample[] = [];
  const stop = await started(0.01, (event) => events.push(event));
  await expect.poll(() => events.length).toBeGreaterThan(2);
  await stop();
  const seen = events.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(events.length).toBe(seen);
  expect(events[0]).toMatchObject({
    target: hostname(),
    values: { host_load1: expect.any(Number) },
  });
});

test('a trial shorter than the interval has a first and a last sample', async () => {
  const events: Sample[] = [];
  const stop = await started(60, (event) => events.push(event));
  await stop();
  expect(events.length).toBe(2);
});
