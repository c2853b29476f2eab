import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Sink, SendingReport } from '../sink.ts';
import type { Refusal } from './ask.ts';
import { type Destination, filesBeside } from './destination.ts';
import { oneLine } from './one-line.ts';
import { type Position, readPosition } from './position.ts';
import { JournalPush } from './push.ts';
import type { Server } from './send.ts';
import type { SetupRequest } from './setup-organisation.ts';
import type { Count } from './verify.ts';
import type { Order, Told } from './worker.ts';

// The official client and its API are large, and during a run only the thread needs one of them.

/** Makes buckets, tokens and the downsampling task where they are missing. */
export async function setupInflux(
  setup: SetupRequest,
): Promise<{ readonly writerFile: string; readonly readerFile: string }> {
  return await (await import('./setup.ts')).setupInflux(setup);
}

/** What the thread may take beyond its time before it is ended. */
const GRACE_MS = 2_000;

const NOTHING: SendingReport = {
  name: 'influx',
  sent: 0,
  setAside: 0,
  unfit: 0,
  tooOld: 0,
  missingEvents: 0,
  backlogBytes: 0,
  failedRequests: 0,
  requestSeconds: 0,
  cpuSeconds: 0,
  startCpuSeconds: 0,
  problem: null,
};

/** Asks the server with an empty request for each bucket whether it would take our lines; null when it would. */
export async function probe({ url, org, bucket, rawBucket, token, timeoutMs }: Server): Promise<string | null> {
  for (const name of new Set([bucket, rawBucket])) {
    const query = new URLSearchParams({ org, bucket: name, precision: 'us' });
    try {
      const response = await fetch(`${url}/api/v2/write?${query}`, {
        method: 'POST',
        headers: { Authorization: `Token ${token}` },
        body: '',
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) return `bucket ${name}: ${response.status} ${messageOf(await response.text())}`;
    } catch (error) {
      const { cause } = error instanceof Error ? error : {};
      return `cannot be reached: ${cause instanceof Error ? cause.message : String(error)}`;
    }
  }
  return null;
}

function messageOf(body: string): string {
  const match = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body);
  return match?.[1] ?? oneLine(body);
}

/** Sends whole journals and their summaries; gives up when the server has taken nothing for `patienceMs`. */
export async function pushAll(
  server: Server,
  journals: readonly string[],
  patienceMs: number,
  damaged: ReadonlySet<string> = new Set(),
): Promise<SendingReport> {
  const [{ Follower }, { senderTo }] = await Promise.all([import('./follower.ts'), import('./send.ts')]);
  const follower = new Follower(server, senderTo(server));
  try {
    for (const path of journals) follower.finished(path, { summary: !damaged.has(path) });
    return await follower.drain(patienceMs);
  } catch (error) {
    // It would go on looking for news, and this process would never end.
    await follower.close(0);
    throw error;
  }
}

/** Why what is stored was not counted. */
export interface NotCounted {
  readonly problem: string;
  /** Where it is for the token. */
  readonly refusal: Refusal | undefined;
}

/** Counts what the server holds of journals; or says why it cannot be asked. */
export async function countStored(
  server: Server,
  journals: readonly string[],
  damaged: ReadonlySet<string> = new Set(),
): Promise<Count | NotCounted> {
  const [{ countStored: count }, { Unreadable }] = await Promise.all([import('./verify.ts'), import('./ask.ts')]);
  try {
    return await count(server, journals, damaged);
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message, refusal: error.refusal };
    throw error;
  }
}

/** Whether what stands before the first sample of a journal says of which run and site it is. */
export async function saysItsRun(journal: string): Promise<boolean> {
  return await (await import('./verify.ts')).saysItsRun(journal);
}

export type Settled = Pick<Position, 'offset' | 'unfit'>;

/** How many bytes of a journal were settled before, and how many lines of that were unfit; nothing where nothing is known of it. */
export function settledOf(destination: Destination, journal: string): Settled {
  return readPosition(filesBeside(journal, destination).position) ?? { offset: 0, unfit: 0 };
}

/** Forgets how far journals were sent, and what was refused of them. */
export function forget(destination: Destination, journals: readonly string[]): void {
  for (const path of journals) {
    const { position, setAside } = filesBeside(path, destination);
    for (const file of [position, setAside]) rmSync(file, { force: true });
  }
}

async function neverSend(): Promise<never> {
  throw new Error('only looked at');
}

/** Sends journals to InfluxDB from a thread of its own. */
export function openInflux(server: Server): Sink<SendingReport> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: server,
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
  });
  // Whoever ends without closing it is not kept: the journals are whole.
  worker.unref();
  let report = NOTHING;
  let end: (() => void) | undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  worker.on('message', (told: Told) => {
    report = told.report;
    if (told.last) end?.();
  });
  worker.on('error', (error) => {
    report = { ...report, problem: `the sink ended with ${String(error)}` };
    end?.();
  });
  const order = (what: Order) => worker.postMessage(what);
  return {
    name: 'influx',
    follow: (path) => order({ kind: 'follow', path }),
    finished: (path) => order({ kind: 'finished', path }),
    isSettled: (path) => new JournalPush(path, server, neverSend).backlogBytes === 0,
    report: () => report,
    async close(ms) {
      worker.ref();
      order({ kind: 'close', ms });
      const late = AbortSignal.timeout(ms + GRACE_MS);
      await Promise.race([ended, new Promise((resolve) => late.addEventListener('abort', resolve))]);
      await worker.terminate();
      return report;
    },
  };
}
