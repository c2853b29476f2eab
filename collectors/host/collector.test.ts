import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import type { EventDraft } from '../../core/model/event.ts';
import { host } from './collector.ts';

test('it samples at the start, meanwhile and at the end, and then no more', async () => {
  const events: EventDraft[] = [];
  const stop = await host.start({ schedulerHttp: null, intervalSeconds: 0.01 }, (event) => events.push(event));
  await expect.poll(() => events.length).toBeGreaterThan(2);
  await stop();
  const seen = events.length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(events.length).toBe(seen);
  expect(events[0]).toMatchObject({
    type: 'sample',
    collector: 'host',
    target: hostname(),
    values: { host_load1: expect.any(Number) },
  });
});

test('a trial shorter than the interval has a first and a last sample', async () => {
  const events: EventDraft[] = [];
  const stop = await host.start({ schedulerHttp: null, intervalSeconds: 60 }, (event) => events.push(event));
  await stop();
  expect(events.length).toBe(2);
});
