// The thread in which the sink reads and sends: the loop of `bench` itself is not to wait for it.
import { parentPort, workerData } from 'node:worker_threads';
import type { SendingReport } from '../sink.ts';
import { Follower } from './follower.ts';
import { senderTo, type Server } from './send.ts';

/** What the thread is told. */
export type Order =
  | { readonly kind: 'follow'; readonly path: string }
  | { readonly kind: 'finished'; readonly path: string }
  | { readonly kind: 'close'; readonly ms: number };

/** What it tells. */
export interface Told {
  readonly report: SendingReport;
  /** The answer to `close`: nothing follows. */
  readonly last: boolean;
}

const REPORT_MS = 500;

const server: Server = workerData;
const { user, system } = process.threadCpuUsage();
const follower = new Follower(server, senderTo(server), (user + system) / 1e6);
const tell = (report: SendingReport, last: boolean) => parentPort?.postMessage({ report, last } satisfies Told);
const timer = setInterval(() => tell(follower.report(), false), REPORT_MS);

parentPort?.on('message', (order: Order) => {
  if (order.kind === 'follow') follower.follow(order.path);
  else if (order.kind === 'finished') follower.finished(order.path);
  else void close(order.ms);
});

async function close(ms: number): Promise<void> {
  const report = await follower.close(ms);
  clearInterval(timer);
  tell(report, true);
  parentPort?.close();
}
