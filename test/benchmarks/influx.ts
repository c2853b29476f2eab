// What the influx sink costs and how fast it is, on a real influxd: `npm run bench:influx`. Ratios are taken in one run.
// With `load` it only simulates 1,000 workers for a minute, and prints what that took as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { openJournal } from '../../core/engine/journal.ts';
import { type EventDraft, type EventOf, JOURNAL_VERSION } from '../../core/model/event.ts';
import { measurementOf } from '../../core/model/samples.ts';
import { openInflux } from '../../results/influx/sink.ts';
import type { SendingReport } from '../../results/sink.ts';
import { type Influxd, startInfluxd } from '../lab/influxd/server.ts';

/** Of the comparison of throughput. */
const WORKERS = 64;
const FIELDS = measurementOf('agent')
  .fields.slice(0, 20)
  .map(({ name }) => name);
const ROUNDS = 5;
/** Samples that a driver hands over at once, when it has many. */
const BATCH = 1000;
const THREE = FIELDS.slice(0, 3);
/** Lets what waits for the event loop go on. */
const turn = async () => await new Promise((resolve) => setImmediate(resolve));
const GIVE_UP_MS = 60_000;
const BUCKET = 'throughput';

function sampleOf(worker: number, at: number): EventDraft {
  const values = Object.fromEntries(FIELDS.map((name, index) => [name, at * 1.25 + worker + index / 7]));
  return { type: 'sample', collector: 'agent', target: `w${worker}`, values };
}

/** A server, the tokens for it, and a folder for journals. */
export async function bench<T>(work: (influxd: Influxd, folder: string) => Promise<T>): Promise<T> {
  const influxd = await startInfluxd();
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-influx-bench-'));
  try {
    return await work(influxd, folder);
  } finally {
    rmSync(folder, { recursive: true });
    await influxd.remove();
  }
}

function sinkTo({ url, org, adminToken: token }: Influxd, bucket: string) {
  return openInflux({ url, org, bucket, rawBucket: bucket, token, timeoutMs: 15_000 });
}

async function stored(influxd: Influxd, bucket: string, field: string): Promise<number> {
  const [row] = await influxd.query(bucket, `SELECT count("${field}") AS n FROM "hepbench_worker"`);
  return Number(row?.['n'] ?? 0);
}

export interface Load {
  readonly produced: number;
  readonly stored: number;
  readonly report: SendingReport;
  /** CPU-seconds of this process, its journal and its sink, over wall. */
  readonly cores: number;
  readonly memoryPeakBytes: number;
}

/** `workers` samples of 20 fields each second for `seconds`, written to a journal and sent from it. */
export async function simulateWorkers(
  influxd: Influxd,
  folder: string,
  workers: number,
  seconds: number,
): Promise<Load> {
  const bucket = `load${workers}x${seconds}`;
  await influxd.makeBucket(bucket);
  const sink = sinkTo(influxd, bucket);
  const path = join(folder, `${bucket}.jsonl`);
  const journal = openJournal(path, 'load');
  sink.follow(path);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let memoryPeakBytes = 0;
  for (let second = 0; second < seconds; second += 1) {
    for (let worker = 0; worker < workers; worker += 1) journal.write(`agent/w${worker}`, sampleOf(worker, second));
    memoryPeakBytes = Math.max(memoryPeakBytes, process.memoryUsage().rss);
    await sleep(Math.max(0, start + (second + 1) * 1000 - performance.now()));
  }
  journal.close();
  sink.finished(path);
  const report = await sink.close(30_000);
  const { user, system } = process.cpuUsage(cpu);
  const cores = (user + system) / 1e3 / (performance.now() - start);
  return {
    produced: workers * seconds,
    stored: await stored(influxd, bucket, FIELDS[0] ?? ''),
    report,
    cores,
    memoryPeakBytes,
  };
}

type Way = (influxd: Influxd, folder: string, bucket: string, lines: number) => Promise<void>;

/** Journal, fsync and sink, from the first sample to the last acknowledgement; samples come in batches, as from the driver. */
const ours: Way = async (influxd, folder, bucket, lines) => {
  const sink = sinkTo(influxd, bucket);
  const path = join(folder, `${bucket}.jsonl`);
  const journal = openJournal(path, 'throughput');
  sink.follow(path);
  for (let done = 0; done < lines; done += BATCH) {
    const events: EventOf<'sample'>[] = [];
    for (let index = done; index < Math.min(done + BATCH, lines); index += 1) {
      const target = `w${index % WORKERS}`;
      const values: Record<string, number> = {};
      for (const [at, name] of THREE.entries()) values[name] = index * 1.25 + (index % WORKERS) + at / 7;
      events.push({
        v: JOURNAL_VERSION,
        trial: 'throughput',
        source: `agent/${target}`,
        seq: Math.floor(index / WORKERS) + 1,
        t: 1.7e9 + index / 1000,
        type: 'sample',
        collector: 'agent',
        target,
        values,
      });
    }
    journal.append(events);
    await turn();
  }
  journal.close();
  sink.finished(path);
  const { backlogBytes } = await sink.close(60_000);
  if (backlogBytes > 0) throw new Error(`${backlogBytes} bytes were not sent`);
};

/** The official client as its documentation shows it. Its `close` does not wait for what is on its way, so that we do. */
const client: Way = async ({ url, org, adminToken: token }, _folder, bucket, lines) => {
  const { InfluxDB, Point } = await import('@influxdata/influxdb-client');
  let left = lines;
  const all = Promise.withResolvers<void>();
  const api = new InfluxDB({ url, token }).getWriteApi(org, bucket, 'us', {
    writeSuccess: (sent) => {
      left -= sent.length;
      if (left === 0) all.resolve();
    },
  });
  for (let index = 0; index < lines; index += 1) {
    const point = new Point('hepbench_worker')
      .tag('site', 'unknown')
      .tag('runner', 'monitor')
      .tag('suite', 'none')
      .tag('backend', 'none')
      .tag('run', 'unknown')
      .tag('cluster', 'unknown')
      .tag('worker', `w${index % WORKERS}`)
      .timestamp(1.7e15 + index * 1000);
    for (const [at, name] of THREE.entries()) point.floatField(name, index * 1.25 + (index % WORKERS) + at / 7);
    api.writePoint(point);
    if (index % BATCH === 0) await turn();
  }
  await api.close();
  await Promise.race([all.promise, sleep(GIVE_UP_MS, undefined, { ref: false })]);
};

/** Lines made beforehand, posted in turn: what the server takes at most from one connection. */
const prebuilt: Way = async ({ url, org, adminToken }, _folder, bucket, lines) => {
  const query = new URLSearchParams({ org, bucket, precision: 'us' });
  for (const body of bodies(lines)) {
    const response = await fetch(`${url}/api/v2/write?${query}`, {
      method: 'POST',
      headers: { Authorization: `Token ${adminToken}` },
      body,
    });
    if (response.status !== 204) throw new Error(`prebuilt lines: ${response.status}`);
  }
};

let made: readonly string[] = [];
function bodies(lines: number): readonly string[] {
  if (made.length > 0) return made;
  const all = Array.from({ length: lines }, (_, index) => {
    const values = THREE.map((name, at) => `${name}=${index * 1.25 + (index % WORKERS) + at / 7}`);
    return `hepbench_worker,site=unknown,runner=monitor,suite=none,backend=none,run=unknown,cluster=unknown,worker=w${index % WORKERS} ${values.join(',')} ${1.7e15 + index * 1000}`;
  });
  const parts: string[] = [];
  for (let at = 0; at < lines; at += 5000) parts.push(all.slice(at, at + 5000).join('\n'));
  return (made = parts);
}

export interface Throughput {
  readonly name: string;
  readonly linesPerSecond: readonly number[];
  readonly stored: readonly number[];
}

/** The three ways in turn, `rounds` times, each on a new server: one that holds millions of lines in memory is slower. */
export async function compareThroughput(lines: number, rounds: number): Promise<Throughput[]> {
  bodies(lines);
  const results = Object.entries({ ours, client, prebuilt }).map(([name, way]) => ({
    name,
    way,
    linesPerSecond: [] as number[],
    stored: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    // Begun with another way each time.
    for (const result of [...results.slice(round % results.length), ...results.slice(0, round % results.length)]) {
      const { seconds, there } = await bench(async (influxd, folder) => {
        await influxd.makeBucket(BUCKET);
        const start = performance.now();
        await result.way(influxd, folder, BUCKET, lines);
        const seconds = (performance.now() - start) / 1000;
        return { seconds, there: await stored(influxd, BUCKET, FIELDS[0] ?? '') };
      });
      result.linesPerSecond.push(lines / seconds);
      result.stored.push(there);
    }
  }
  return results.map(({ name, linesPerSecond, stored }) => ({ name, linesPerSecond, stored }));
}

/** Median of the ratios of the rounds, with the smallest and the largest. */
export function ratioOf(a: Throughput, b: Throughput): { median: number; min: number; max: number } {
  const ratios = a.linesPerSecond
    .map((value, round) => value / (b.linesPerSecond[round] ?? Number.NaN))
    .toSorted((x, y) => x - y);
  return {
    median: ratios[Math.floor(ratios.length / 2)] ?? Number.NaN,
    min: ratios[0] ?? Number.NaN,
    max: ratios.at(-1) ?? Number.NaN,
  };
}

const Measured = z.object({
  produced: z.number(),
  stored: z.number(),
  cores: z.number(),
  memoryPeakBytes: z.number(),
  report: z.object({ cpuSeconds: z.number() }),
});

async function main(): Promise<void> {
  if (process.argv[2] === 'load') {
    console.log(
      JSON.stringify(await bench(async (influxd, folder) => await simulateWorkers(influxd, folder, 1000, 60))),
    );
    return;
  }
  // Long enough that the start of the thread, a tenth of a second, does not count.
  const lines = 1_000_000;
  const results = await compareThroughput(lines, ROUNDS);
  for (const { name, linesPerSecond, stored } of results) {
    const rates = linesPerSecond.map((rate) => `${Math.round(rate / 1000)}k`).join(' ');
    console.log(`${name.padEnd(9)} ${rates} lines/s, stored ${stored.join(' ')} of ${lines}`);
  }
  const [mine, theirs, plain] = results;
  if (!mine || !theirs || !plain) throw new Error('a way is missing');
  for (const [name, other] of [
    ['the official client', theirs],
    ['prebuilt lines', plain],
  ] as const) {
    const { median, min, max } = ratioOf(mine, other);
    console.log(
      `the sink, journal and fsync included, against ${name}: ${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`,
    );
  }
  // In a process of its own: this one has held all the lines of the comparison.
  const { stdout } = await execa(process.execPath, [import.meta.filename, 'load']);
  const { produced, stored, cores, memoryPeakBytes, report } = Measured.parse(JSON.parse(stdout));
  console.log(
    `1000 workers at 1 Hz, 20 fields, 60 s: ${stored} of ${produced} stored, ${cores.toFixed(2)} cores, ` +
      `${Math.round(memoryPeakBytes / 1e6)} MB, of the CPU ${report.cpuSeconds.toFixed(2)} s in the sink`,
  );
}

if (import.meta.main) await main();
