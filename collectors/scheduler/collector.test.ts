import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import type { EventDraft } from '../../core/model/event.ts';
import { scheduler } from './collector.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Serves one answer on every path; resolves to the address. */
async function serve(status: number, body: string): Promise<string> {
  const listening = createServer((_request, response) => response.writeHead(status).end(body));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

test('it reads the page at the start and at the end', async () => {
  const events: EventDraft[] = [];
  const schedulerHttp = await serve(200, 'dask_scheduler_clients 1.0\n');
  const stop = await scheduler.start({ schedulerHttp, intervalSeconds: 60 }, (event) => events.push(event));
  await stop();
  const sample = { type: 'sample', collector: 'scheduler', target: 'scheduler', values: { dask_scheduler_clients: 1 } };
  expect(events).toEqual([sample, sample]);
});

test('without a scheduler there is nothing to watch and nothing to stop', async () => {
  const stop = await scheduler.start({ schedulerHttp: null, intervalSeconds: 1 }, () => expect.unreachable());
  await expect(stop()).resolves.toBeUndefined();
});

test('a page that answers with an error is told to whoever stops it', async () => {
  const schedulerHttp = await serve(500, '');
  const stop = await scheduler.start({ schedulerHttp, intervalSeconds: 0.01 }, () => {});
  await expect(stop()).rejects.toThrow(`${schedulerHttp}/metrics answered 500`);
});
