import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { driverLost, workersMissing } from '../core/errors.ts';
import type { Event } from '../core/model/event.ts';
import { Intake } from '../core/model/intake.ts';
import type { Presence } from '../core/model/target.ts';
import { startChild, tailOf, type Child } from './child.ts';
import { Roster } from './roster.ts';
import type { Here, Session, SessionSpec, Workload } from './runner.ts';

/** A target as the driver sees it, with the two that make its cores: those that it may run on, and the quota of its control groups. */
const Seen = z.object({
  name: z.string(),
  role: z.enum(['scheduler', 'worker', 'driver']),
  pid: z.int().nullable(),
  host: z.string().nullable(),
  pod: z.string().nullable(),
  cores: z.int().nullable(),
  quotaCores: z.number().nullable(),
  memoryLimitBytes: z.number().nullable(),
  http: z.string().nullable(),
});
type Seen = z.infer<typeof Seen>;
const SeenPresence = z.object({ action: z.enum(['joined', 'left']), target: Seen });

/** The driver is connected, or says how many workers had joined when the time for it was over. */
const Hello = z.union([z.object({ port: z.int(), targets: z.array(SeenPresence) }), z.object({ joined: z.int() })]);
/** How long a process may take to be gone after its connection broke. */
const END_MS = 5_000;

/** The Python client process of a session, spoken to over loopback with a one-time token. */
export interface Driver extends Pick<Session, 'run' | 'targets' | 'close'> {
  /** Who was there when it had connected. */
  readonly seen: readonly Seen[];
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
  { python, logFolder }: Here,
  signal: AbortSignal,
): Promise<Driver> {
  const token = randomBytes(24).toString('base64url');
  const logFile = join(logFolder, 'driver.log');
  const { sampling, hook, intervalSeconds: interval } = spec.watch;
  const settings = {
    token,
    scheduler: scheduler && scheduler.address,
    credentials: scheduler && scheduler.credentials,
    workers: spec.workers,
    watch: { sampling, hook, interval, joinSeconds: spec.joinTimeoutMs / 1000 },
  };
  const child = await startChild({
    python,
    args: ['-m', 'hepbench.driver'],
    logFile,
    firstLine: JSON.stringify(settings),
    signal,
    timeoutMs: spec.joinTimeoutMs + 60_000,
  });
  const hello = Hello.parse(child.hello);
  if ('joined' in hello) {
    await child.end();
    throw workersMissing(hello.joined, spec.workers, spec.joinTimeoutMs / 1000, logFolder);
  }
  const connection = { base: `http://127.0.0.1:${hello.port}`, token, child, logFile };
  const closing = new AbortController();
  const roster = new Roster();
  for (const presence of hello.targets) roster.tell(presenceOf(presence));
  const following = followTargets(connection, hello.targets.length, roster, closing.signal);
  return {
    seen: hello.targets.map(({ target }) => target),
    targets: () => roster.targets(),
    run: async (workload, onEvents, stop) => await run(connection, workload, onEvents, stop),
    async close() {
      closing.abort();
      await Promise.all([following, child.end()]);
    },
  };
}

function presenceOf({ action, target: { quotaCores, ...target } }: z.infer<typeof SeenPresence>): Presence {
  const cores = target.cores === null ? null : Math.min(target.cores, quotaCores ?? target.cores);
  return { action, target: { ...target, cores } };
}

/** Hands on who comes and goes until the session is closed. What ends it earlier ends the readers of the roster, with the reason. */
async function followTargets({ base, token }: Connection, known: number, roster: Roster, signal: AbortSignal) {
  const headers = { Authorization: `Bearer ${token}` };
  try {
    for (let after = known; !signal.aborted;) {
      const response = await ask(`${base}/targets?after=${after}`, { headers, signal });
      for (const line of linesOf(await response.text())) {
        roster.tell(presenceOf(SeenPresence.parse(JSON.parse(line))));
        after += 1;
      }
    }
    roster.end();
  } catch (error) {
    roster.end(
      signal.aborted ? undefined : new Error('the driver does not say any more who is there', { cause: error }),
    );
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
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
  const intake = new Intake('the driver');
  let after = 0;
  for (let last = false; !last;) {
    const query = new URLSearchParams({ trial: workload.trial, after: String(after) });
    const response = await ask(`${connection.base}/events?${query}`, { headers, signal });
    last = response.headers.get('X-Last') === '1';
    const lines = linesOf(await response.text());
    const events: Event[] = [];
    try {
      // What is missing is seen by its numbers in the journal, which make the trial incomplete.
      for (const line of lines) events.push(intake.take(line).event);
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
