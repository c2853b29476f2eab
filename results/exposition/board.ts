import { dirname, join } from 'node:path';
import { Counter, Registry } from 'prom-client';
import { Tail } from '../journal/tail.ts';
import type { SinkReport } from '../sink.ts';
import { sampleMetrics } from './page.ts';
import { Readings } from './readings.ts';
import { readRecord, trialMetrics } from './trials.ts';

/** What the page for Prometheus says of itself. */
export interface PageReport extends SinkReport {
  /** Samples that were read for pages. */
  readonly samples: number;
  readonly failedPages: number;
  /** Duration of the last page; 0 before the first. */
  readonly pageSeconds: number;
}

/** How much older than the newest value of all another may be, in seconds. */
const STALE_SECONDS = 300;
/** A scraper dates what it sees with its own clock, so that the end of a trial is not shown later than this. */
const LAST_SHOWN_MS = 15_000;

interface Journal {
  readonly path: string;
  readonly tail: Tail;
  readonly readings: Readings;
  finishedAt?: number;
}

/**
 * What the followed journals say at present. A finished journal is shown once more: by the first page after its end, if one
 * is asked for within 15 s, and by none after that.
 */
export class Board {
  readonly #registry = new Registry();
  readonly #samples = sampleMetrics(this.#registry);
  readonly #countTrial = trialMetrics(this.#registry);
  readonly #skippedLines = new Counter({
    name: 'hepbench_exposition_skipped_lines_total',
    help: 'Lines of journals that are no events, or samples that are not in the catalogue.',
    registers: [this.#registry],
  });
  readonly #failedReads = new Counter({
    name: 'hepbench_exposition_failed_reads_total',
    help: 'Journals and records that could not be read.',
    registers: [this.#registry],
  });
  readonly #journals = new Map<string, Journal>();
  #last: Promise<unknown> = Promise.resolve();
  #shown = 0;
  #failedPages = 0;
  #pageSeconds = 0;
  #cpuMicroseconds = 0;
  #problem: string | null = null;

  get contentType(): string {
    return this.#registry.contentType;
  }

  follow(path: string): void {
    this.#forgetUnseen();
    if (this.#journals.has(path)) return;
    this.#journals.set(path, { path, tail: new Tail(path, { rewinds: true }), readings: new Readings() });
  }

  finished(path: string): void {
    this.follow(path);
    const journal = this.#journals.get(path);
    if (!journal || journal.finishedAt !== undefined) return;
    journal.finishedAt = performance.now();
    void this.#inTurn(async () => await this.#count(join(dirname(path), 'record.json')));
  }

  /** Whether no page needs the journal any more. */
  isSettled(path: string): boolean {
    this.#forgetUnseen();
    return !this.#journals.has(path);
  }

  /** The page as text, with all that was written until now. */
  async page(): Promise<string> {
    return await this.#inTurn(async () => {
      const start = performance.now();
      try {
        return await this.#render();
      } catch (error) {
        this.#failedPages += 1;
        throw error;
      } finally {
        this.#pageSeconds = (performance.now() - start) / 1000;
      }
    });
  }

  /** Nothing is ever left over: the next page says what the journals say then. Does not look for missing events. */
  report(): PageReport {
    return {
      name: 'exposition',
      samples: this.#shown,
      // A page reads what is new when it is asked for: nothing waits for it.
      backlogBytes: 0,
      failedPages: this.#failedPages,
      pageSeconds: this.#pageSeconds,
      cpuSeconds: this.#cpuMicroseconds / 1e6,
      problem: this.#problem,
    };
  }

  /** Resolves when all that was asked for is done. */
  async settled(): Promise<void> {
    await this.#inTurn(async () => {});
  }

  async #render(): Promise<string> {
    this.#forgetUnseen();
    this.#problem = null;
    const journals = [...this.#journals.values()];
    const whole = journals.filter(({ finishedAt }) => finishedAt !== undefined);
    for (const journal of journals) await this.#read(journal);
    const start = process.threadCpuUsage();
    const newest = Math.max(...journals.map(({ readings }) => readings.newest));
    for (const { readings } of journals) readings.dropBefore(newest - STALE_SECONDS);
    this.#samples.show(journals.flatMap(({ readings }) => [...readings]));
    const text = await this.#registry.metrics();
    this.#addCpuSince(start);
    for (const { path } of whole) this.#journals.delete(path);
    return text;
  }

  async #read({ path, tail, readings }: Journal): Promise<void> {
    const before = { samples: readings.samples, skippedLines: readings.skippedLines };
    try {
      for (let lines = await tail.next(); lines !== undefined; lines = await tail.next()) {
        const start = process.threadCpuUsage();
        readings.take(lines);
        this.#addCpuSince(start);
      }
    } catch (error) {
      // One journal less on the page: the others are still of use.
      this.#failed(path, error);
    }
    this.#shown += readings.samples - before.samples;
    this.#skippedLines.inc(readings.skippedLines - before.skippedLines);
  }

  async #count(path: string): Promise<void> {
    try {
      const record = await readRecord(path);
      if (record) this.#countTrial(record);
    } catch (error) {
      this.#failed(path, error);
    }
  }

  #failed(path: string, error: unknown): void {
    this.#failedReads.inc();
    this.#problem = `${path}: ${String(error)}`;
  }

  #forgetUnseen(): void {
    const now = performance.now();
    for (const { path, finishedAt = now } of this.#journals.values()) {
      if (now - finishedAt > LAST_SHOWN_MS) this.#journals.delete(path);
    }
  }

  /** Nothing else runs on this thread between `start` and now, as no `await` stands between: the CPU is that of this sink alone. */
  #addCpuSince(start: NodeJS.CpuUsage): void {
    const { user, system } = process.threadCpuUsage(start);
    this.#cpuMicroseconds += user + system;
  }

  /** One after another: two scrapers see the same lines, and none twice. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = following(this.#last, work);
    this.#last = Promise.allSettled([turn]);
    return await turn;
  }
}

async function following<T>(before: Promise<unknown>, work: () => Promise<T>): Promise<T> {
  await before;
  return await work();
}
