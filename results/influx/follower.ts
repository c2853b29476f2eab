import { systemCode } from '../../core/errors.ts';
import type { SendingReport } from '../sink.ts';
import type { Destination } from './destination.ts';
import { JournalPush } from './push.ts';
import { type Send, TryLater } from './send.ts';

/** How long to wait for news of the journals. */
const IDLE_MS = 500;
const BACKOFF_MS = { first: 250, most: 5_000 } as const;

/** Sends journals in the order in which they are named, and goes on until all is settled or it is closed. */
export class Follower {
  readonly #destination: Destination;
  readonly #send: Send;
  readonly #pushes = new Map<string, { readonly push: JournalPush; finished: boolean; summary: boolean }>();
  readonly #cpuAtStart = process.threadCpuUsage();
  readonly #startCpuSeconds: number;
  #settled = { sent: 0, setAside: 0, unfit: 0, tooOld: 0, missingEvents: 0 };
  #failedRequests = 0;
  #requestSeconds = 0;
  #problem: string | null = null;
  #deadline: number | undefined;
  #patienceMs: number | undefined;
  #news = false;
  #wake: () => void = () => {};
  readonly #running: Promise<void>;

  /** `startCpuSeconds` is what the thread has spent before. */
  constructor(destination: Destination, send: Send, startCpuSeconds = 0) {
    this.#startCpuSeconds = startCpuSeconds;
    this.#destination = destination;
    this.#send = async (bucket, lines) => {
      const start = performance.now();
      try {
        return await send(bucket, lines);
      } finally {
        this.#requestSeconds = (performance.now() - start) / 1000;
      }
    };
    this.#running = this.#run();
  }

  follow(path: string): void {
    if (this.#pushes.has(path)) return;
    this.#pushes.set(path, {
      push: new JournalPush(path, this.#destination, this.#send),
      finished: false,
      summary: true,
    });
    this.#tell();
  }

  /** Nothing comes to it any more. Of a journal that is damaged there is no `summary`: a record beside it says what it held before. */
  finished(path: string, { summary = true } = {}): void {
    this.follow(path);
    const entry = this.#pushes.get(path);
    if (entry) Object.assign(entry, { finished: true, summary });
    this.#tell();
  }

  report(): SendingReport {
    const { user, system } = process.threadCpuUsage(this.#cpuAtStart);
    const open = [...this.#pushes.values()].map(({ push }) => push);
    return {
      name: 'influx',
      ...this.#settled,
      backlogBytes: open.reduce((sum, { backlogBytes }) => sum + backlogBytes, 0),
      failedRequests: this.#failedRequests,
      requestSeconds: this.#requestSeconds,
      cpuSeconds: (user + system) / 1e6,
      startCpuSeconds: this.#startCpuSeconds,
      problem: this.#problem,
    };
  }

  /** Resolves when everything is settled, or after `ms`; what is not settled then is given up, and settles nothing later. */
  async close(ms: number): Promise<SendingReport> {
    this.#deadline = performance.now() + ms;
    this.#tell();
    const late = AbortSignal.timeout(ms + 1);
    await Promise.race([this.#running, new Promise((resolve) => late.addEventListener('abort', resolve))]);
    for (const { push } of this.#pushes.values()) push.giveUp();
    return this.report();
  }

  /** Resolves when everything is settled, or when nothing was for `ms`. */
  async drain(ms: number): Promise<SendingReport> {
    this.#patienceMs = ms;
    this.#deadline = performance.now() + ms;
    this.#tell();
    await this.#running;
    return this.report();
  }

  async #run(): Promise<void> {
    let backoffMs: number = BACKOFF_MS.first;
    for (;;) {
      // What was named before the close belongs to it, and this round may not have seen it yet.
      const closing = this.#deadline !== undefined;
      try {
        const worked = await this.#once();
        this.#problem = null;
        backoffMs = BACKOFF_MS.first;
        if (worked && this.#patienceMs !== undefined) this.#deadline = performance.now() + this.#patienceMs;
        if (worked) continue;
        if (closing) return;
        await this.#pause(IDLE_MS);
      } catch (error) {
        // The server, or the disk that positions are kept on: both may come back.
        if (!(error instanceof TryLater) && systemCode(error) === undefined) throw error;
        this.#problem = error instanceof Error ? error.message : String(error);
        this.#failedRequests += 1;
        await this.#pause((error instanceof TryLater ? error.retryAfterMs : undefined) ?? backoffMs);
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
      }
      if (this.#deadline !== undefined && performance.now() > this.#deadline) return;
    }
  }

  /** One step for each journal; whether any of them had something to send. */
  async #once(): Promise<boolean> {
    let worked = false;
    for (const [path, entry] of this.#pushes) {
      // Whether the trial has ended is asked before its journal is read: a line that is written in between is then read in the next round.
      const { push, finished, summary } = entry;
      const { offset } = push.position;
      let more = true;
      while (more) more = await this.#counting(push, async () => await push.advance());
      worked ||= push.position.offset > offset;
      if (!finished) continue;
      if (summary) await this.#counting(push, async () => await push.summarise());
      this.#pushes.delete(path);
    }
    return worked;
  }

  /** Does one step, and counts what it has settled. */
  async #counting<T>(push: JournalPush, step: () => Promise<T>): Promise<T> {
    const before = push.position;
    try {
      return await step();
    } finally {
      this.#count(before, push.position);
    }
  }

  #count(before: JournalPush['position'], now: JournalPush['position']): void {
    const { sent, setAside, unfit, tooOld, missingEvents } = this.#settled;
    this.#settled = {
      sent: sent + now.sent - before.sent,
      setAside: setAside + now.setAside - before.setAside,
      unfit: unfit + now.unfit - before.unfit,
      tooOld: tooOld + now.tooOld - before.tooOld,
      missingEvents: missingEvents + now.missing - before.missing,
    };
  }

  /** Ends the present pause, or the next one if there is none now. A server that is away then gets one request more. */
  #tell(): void {
    this.#news = true;
    this.#wake();
  }

  async #pause(ms: number): Promise<void> {
    const left = this.#deadline === undefined ? ms : Math.min(ms, Math.max(0, this.#deadline - performance.now()));
    if (!this.#news) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#news = false;
    this.#wake = () => {};
  }
}
