import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { driverLost, workersMissing } from '../core/errors.ts';
import { Event } from '../core/model/event.ts';
import { startChild, tailOf, type Child } from './child.ts';
import type { SessionSpec, Workload } from './runner.ts';

/** The driver is connected, or says how many workers had joined when the time for it was over. */
const Hello = z.union([z.object({ port: z.int() }), z.object({ joined: z.int() })]);
/** How long a process may take to be gone after its connection broke. */
const END_MS = 5_000;

/** The Python client process of a session, spoken to over loopback with a one-time token. */
export interface Driver {
  readonly run: (
    workload: Workload,
    onEvents: (events: readonly Event[]) => void,
    signal: AbortSignal,
  ) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Where the driver finds its cluster; the credentials are null where the scheduler lets everybody in. */
interface Scheduler {
  readonly address: string;
  readonly credentials: { readonly certificate: string; readonly key: string } | null;
}

/** Starts the driver; it answers when all `spec.workers` have joined the scheduler (null: none is needed). */
export async function startDriver(
  spec: SessionSpec,
  scheduler: Scheduler | null,
  signal: AbortSignal,
): Promise<Driver> {
  const token = randomBytes(24).toString('base64url');
  const logFile = join(spec.logFolder, 'driver.log');
  const { sampling, hook, intervalSeconds: interval } = spec.watch;
  const settings = {
    token,
    scheduler: scheduler && scheduler.address,
    credentials: scheduler && scheduler.credentials,
    workers: spec.workers,
    watch: { sampling, hook, interval, joinSeconds: spec.joinTimeoutMs / 1000 },
  };
  const child = await startChild({
    python: spec.python,
    args: ['-m', 'hepbench.driver'],
    logFile,
    firstLine: JSON.stringify(settings),
    signal,
    timeoutMs: spec.joinTimeoutMs + 60_000,
  });
  const hello = Hello.parse(child.hello);
  if ('joined' in hello) {
    await child.end();
    throw workersMissing(hello.joined, spec.workers, spec.joinTimeoutMs / 1000, spec.logFolder);
  }
  const base = `http://127.0.0.1:${hello.port}`;
  return {
    run: async (workload, onEvents, stop) => await run({ base, token, child, logFile }, workload, onEvents, stop),
    close: async () => await child.end(),
  };
}

interface Connection {
  readonly base: string;
  readonly token: string;
  readonly child: Child;
  readonly logFile: string;
}

async function run(
  connection: Connection,
  workload: Workload,
  onEvents: (events: readonly Event[]) => void,
  signal: AbortSignal,
) {
  const lost = connection.child.ended.then(() => {
    throw driverLost(workload.trial, tailOf(connection.logFile), connection.logFile);
  });
  const followed = follow(connection, workload, onEvents, signal).catch(async (error: unknown) => {
    // `fetch` may see a driver that dies before its exit is known: the exit says more.
    if (error instanceof TypeError && !signal.aborted)
      await Promise.race([lost, sleep(END_MS, undefined, { ref: false })]);
    throw error;
  });
  await Promise.race([lost, followed]);
}

async function follow(
  connection: Connection,
  workload: Workload,
  onEvents: (events: readonly Event[]) => void,
  signal: AbortSignal,
) {
  const headers = { Authorization: `Bearer ${connection.token}` };
  await ask(`${connection.base}/trials`, { method: 'POST', headers, body: JSON.stringify(workload), signal });
  let after = 0;
  for (let last = false; !last;) {
    const query = new URLSearchParams({ trial: workload.trial, after: String(after) });
    const response = await ask(`${connection.base}/events?${query}`, { headers, signal });
    last = response.headers.get('X-Last') === '1';
    const lines = (await response.text()).split('\n').filter((line) => line !== '');
    const events: Event[] = [];
    try {
      for (const line of lines) events.push(Event.parse(JSON.parse(line)));
    } finally {
      onEvents(events);
    }
    after += events.length;
  }
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`the driver answered ${response.status} to ${url}: ${await response.text()}`);
  return response;
}
