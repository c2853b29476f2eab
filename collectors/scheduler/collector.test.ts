import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { targetOf } from '../../core/engine/present.ts';
import type { Target } from '../../core/model/target.ts';
import type { Sample, Tell } from '../collector.ts';
import { scheduler } from './collector.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Starts it for a scheduler at an address, or for what `targets` gives at each reading; gives what ends it. */
async function started(
  at: string | (() => readonly Target[]),
  intervalSeconds: number,
  emit: (sample: Sample) => void,
  tell: Tell = () => {},
) {
  const targets = typeof at === 'string' ? () => [targetOf('scheduler', 'scheduler', { http: at })] : at;
  const end = await scheduler.start({ targets, intervalSeconds }, emit, tell);
  return async () => await end({ start: 0, stop: 0 });
}

/** Serves one answer on every path, or one that `status` gives for each request; resolves to the address. */
async function serve(status: number | ((request: number) => number), body: string): Promise<string> {
  let asked = 0;
  const listening = createServer((_request, response) => {
    asked += 1;
    response.writeHead(typeof status === 'number' ? status : status(asked)).end(body);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

test('it reads the page at the start and at the end', async () => {
  const events: Sample[] = [];
  const schedulerHttp = await serve(200, 'dask_scheduler_clients 1.0\n');
  const stop = await started(schedulerHttp, 60, (event) => events.push(event));
  await stop();
  const sample = { target: 'scheduler', values: { dask_scheduler_clients: 1 } };
  expect(events).toEqual([sample, sample]);
});

test('without a scheduler there is nothing to watch and nothing to stop', async () => {
  const stop = await started(
    () => [],
    1,
    () => expect.unreachable(),
  );
  await expect(stop()).resolves.toBeUndefined();
});

test('a page that always answers with an error is told once, and to whoever stops it', async () => {
  const schedulerHttp = await serve(500, '');
  const told: string[] = [];
  const stop = await started(
    schedulerHttp,
    0.01,
    () => expect.unreachable(),
    (message) => told.push(message),
  );
  await expect.poll(() => told).toHaveLength(1);
  await expect(stop()).rejects.toThrow(/^(\d+) of \1 readings failed, for .* the first: .*\/metrics answered 500$/);
  expect(told).toEqual([`a reading failed: Error: ${schedulerHttp}/metrics answered 500`]);
});

test('one answer that fails is a gap: it is told, the samples go on, and that they do is told, too', async () => {
  const events: Sample[] = [];
  const told: string[] = [];
  const schedulerHttp = await serve((request) => (request === 2 ? 500 : 200), 'dask_scheduler_clients 1.0\n');
  const stop = await started(
    schedulerHttp,
    0.01,
    (event) => events.push(event),
    (message) => told.push(message),
  );
  await expect.poll(() => events.length).toBeGreaterThan(3);
  await expect(stop()).rejects.toThrow(/^1 of \d+ readings failed, for \d+\.\d s at most; the first: .* answered 500$/);
  expect(told).toEqual([expect.stringContaining('answered 500'), expect.stringMatching(/^readings work again, after/)]);
});

test('a page without a line of Dask is no sample, and said', async () => {
  const schedulerHttp = await serve(200, 'python_info 1\n');
  const stop = await started(schedulerHttp, 60, () => expect.unreachable());
  await expect(stop()).rejects.toThrow(
    'says nothing of Dask: is prometheus_client installed where the scheduler runs?',
  );
});

test('a scheduler that comes later, or moves, is asked where it is', async () => {
  const events: Sample[] = [];
  const http = await serve(200, 'dask_scheduler_clients 1.0\n');
  let present: readonly Target[] = [];
  const stop = await started(
    () => present,
    0.01,
    (event) => events.push(event),
  );
  present = [targetOf('scheduler', 'scheduler', { http })];
  await expect.poll(() => events.length).toBeGreaterThan(0);
  await stop();
});
