import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { FaultCounter } from '../house/fault-watches.ts';
import { planted } from '../house/faults.ts';
import type { SendingReport } from '../../results/sink.ts';
import { z } from 'zod';
import { openJournal } from '../../core/engine/journal.ts';
import { aPlan, aTrial, closed, recordFrom } from '../../core/engine/test/journal-of.ts';
import type { EventDraft } from '../../core/model/event.ts';
import { ALL, grafanaDashboards, queriesOf, substituted } from '../../dashboards/grafana/index.ts';
import { filesBeside } from '../../results/influx/destination.ts';
import { Follower } from '../../results/influx/follower.ts';
import { tagValue } from '../../results/influx/line.ts';
import { linesOf } from '../../results/influx/lines.ts';
import { sampleEncoder, trialLine } from '../../results/influx/points.ts';
import { senderTo, type Server } from '../../results/influx/send.ts';
import { compareThroughput, ratioOf } from '../benchmarks/influx.ts';
import { differences, samplesIn, storedSamples } from './influxd/compare.ts';
import { type Influxd, type Row, startInfluxd } from './influxd/server.ts';

// The sink alone against the real server, with journals made by hand: what a whole run meets too seldom.
let influxd: Influxd;
let folder: string;
let bucket: string;
let buckets = 0;

beforeAll(async () => {
  influxd = await startInfluxd();
  folder = mkdtempSync(join(tmpdir(), 'hepbench-sink-'));
}, 1_200_000);
afterAll(async () => {
  await influxd.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  buckets += 1;
  bucket = `bucket${buckets}`;
  await influxd.makeBucket(bucket);
});

function server(overrides: Partial<Server> = {}): Server {
  const { url, org, adminToken: token } = influxd;
  return { url, org, bucket, rawBucket: bucket, token, timeoutMs: 15_000, ...overrides };
}

function sample(target: string, values: Readonly<Record<string, number>>): EventDraft {
  return { type: 'sample', collector: 'agent', target, values: { ...values } };
}

/** A journal of `count` samples at `t0`, `t0` + 1 s, ... */
function journalOf(count: number, t0: number): string {
  const path = join(folder, `${bucket}-${count}.jsonl`);
  const journal = openJournal(path, 't');
  for (let index = 0; index < count; index += 1)
    journal.write('agent/w0', sample('w0', { rss_bytes: index }), t0 + index);
  journal.close();
  return path;
}

async function push(path: string, to = server()) {
  const follower = new Follower(to, senderTo(to));
  follower.finished(path);
  return await follower.drain(20_000);
}

const NOW = Math.floor(Date.now() / 1000);

interface Points {
  readonly of: number;
  readonly stored: Row[];
  /** How many are said to be left out, with their lines or as a number. */
  readonly told?: number;
}

/** Lost are points that the server does not hold and of which nothing is said. */
function count(counter: FaultCounter, { backlogBytes }: SendingReport, { of, stored, told = 0 }: Points): void {
  counter.lost('points', of, of - told - Number(stored[0]?.['n'] ?? 0));
  counter.left('unsent bytes', backlogBytes);
}

/** What a panel of the live dashboard shows of the present bucket: the rows of its first query. */
async function shown(title: string, from: number, to: number, intervalSeconds: number, chosen: Record<string, string>) {
  const query = grafanaDashboards
    .flatMap(({ model }) => queriesOf(model))
    .find(({ dashboard, panelTitle }) => dashboard === 'hepbench-live' && panelTitle === title)?.query;
  const all = Object.fromEntries(
    ['site', 'suite', 'backend', 'run', 'cluster', 'worker'].map((name) => [name, ALL] as const),
  );
  const situation = { from: from * 1000, to: to * 1000, intervalSeconds, ...all, ...chosen };
  return await influxd.query(bucket, substituted(query ?? '', situation));
}

test('two runs and two watched clusters at once, and points of an older hepbench: each is drawn as what it is', async () => {
  const headers: [string, EventDraft][] = [
    ...['e1', 'e2'].map((experiment): [string, EventDraft] => [experiment, aPlan({ experiment }).draft]),
    ...['m1', 'm2'].map((monitor): [string, EventDraft] => [
      monitor,
      { type: 'environment', facts: { monitor, cluster: `tcp://localhost:8786 ${monitor}` } },
    ]),
  ];
  const begin = Math.floor(NOW / 60) * 60 - 600;
  for (const [index, [name, header]] of headers.entries()) {
    const path = join(folder, `${bucket}-${name}.jsonl`);
    const journal = openJournal(path, 't');
    journal.write('engine', header, begin);
    // Each uses one core, and has used another amount before.
    for (let second = 0; second < 60; second += 1)
      journal.write('agent/0', sample('0', { cpu_seconds_total: 1000 * index + second }), begin + second + index / 8);
    journal.close();
    expect(await push(path)).toMatchObject({ sent: 60, setAside: 0 });
  }
  const old = Array.from({ length: 60 }, (_, second) => {
    const tags = 'site=unknown,runner=local,suite=adl,backend=coffea,worker=0';
    return `hepbench_worker,${tags} cpu_seconds_total=${2 * second} ${begin + second}000000`;
  });
  expect(await senderTo(server())(bucket, linesOf(old))).toMatchObject({ sent: 60 });
  const levels = async (chosen: Record<string, string>) => {
    const rows = await shown('Cores in use, all workers', begin, begin + 59, 20, chosen);
    const inside = rows.filter(({ time }) => Number(time) === (begin + 20) * 1e6);
    return Object.fromEntries(inside.map(({ run, rate }) => [run, Math.round(10 * Number(rate)) / 10]));
  };
  expect(await levels({})).toEqual({ '': 2, e1: 1, e2: 1, m1: 1, m2: 1 });
  expect(await levels({ run: 'm2' })).toEqual({ m2: 1 });
});

/** Seconds between a sample and the next one of its worker, in intervals of a minute by when that one came: 15 samples a life. */
const LIFE = 15;

test.each([
  ['Cores in use, all workers', 'rate', 1],
  ['Resident memory, all workers', 'size', 120e6],
])('%s: workers that come and go count for as long as they were there', async (title, column, ofOne) => {
  const path = join(folder, `${bucket}-churn.jsonl`);
  const begin = Math.floor(NOW / 60) * 60 - 1200;
  const journal = openJournal(path, 't');
  journal.write('engine', aPlan().draft, begin);
  const present = new Map<number, number>();
  // One of three is replaced every 5 s; each uses one core and 120 MB.
  for (let worker = 0; worker < 3 * 16; worker += 1) {
    for (let second = 0; second < LIFE; second += 1) {
      const t = begin + 5 * worker + second + ((worker * 3) % 8) / 8;
      const minute = Math.floor((t - begin) / 60);
      if (second > 0) present.set(minute, (present.get(minute) ?? 0) + 1);
      journal.write(`agent/w${worker}`, sample(`w${worker}`, { cpu_seconds_total: 2 + second, rss_bytes: 120e6 }), t);
    }
  }
  journal.close();
  expect(await push(path)).toMatchObject({ sent: 3 * 16 * LIFE, setAside: 0 });
  const rows = await shown(title, begin, begin + 299, 60, {});
  const levels = rows.flatMap(({ [column]: value }) => (value === null || value === undefined ? [] : [Number(value)]));
  const expected = [...present].toSorted(([a], [b]) => a - b).map(([, seconds]) => (ofOne * seconds) / 60);
  expect(levels.map((level) => level / ofOne)).toEqual(expected.map((level) => expect.closeTo(level / ofOne, 6)));
  // What is in nobody's sample is missing: before the first and after the last one of a worker.
  expect(Math.min(...levels.slice(1, 3))).toBeGreaterThan(0.9 * 3 * ofOne);
  expect(Math.max(...levels)).toBeLessThanOrEqual(3 * ofOne);
});

test('a malformed line among good ones is set aside, and every good one is stored', async () => {
  const good = Array.from({ length: 1000 }, (_, index) => `m f=${index} ${NOW}${String(index).padStart(6, '0')}`);
  const settled = await senderTo(server())(bucket, linesOf(good.toSpliced(500, 0, 'this is, no line')));
  expect(settled).toMatchObject({ sent: 1000, tooOld: 0, setAside: [{ lines: ['this is, no line'], count: 1 }] });
  expect(await influxd.query(bucket, 'SELECT count(f) AS n FROM m')).toMatchObject([{ n: 1000 }]);
});

test('a field that somebody else has made a text there: only these lines are set aside', async () => {
  const counter = planted('a server refuses or loses', 'somebody else has made a field a text');
  await senderTo(server())(bucket, linesOf([`hepbench_worker rss_bytes="text" ${NOW}000000`]));
  const path = join(folder, 'conflict.jsonl');
  const journal = openJournal(path, 't');
  for (let index = 0; index < 100; index += 1) {
    const field = index % 10 === 0 ? 'rss_bytes' : 'pss_bytes';
    journal.write('agent/w0', sample('w0', { [field]: index }), NOW + index);
  }
  journal.close();
  const pushed = await push(path);
  expect(pushed).toMatchObject({ sent: 90, setAside: 10, missingEvents: 0, backlogBytes: 0 });
  const stored = await influxd.query(bucket, 'SELECT count(pss_bytes) AS n FROM hepbench_worker');
  expect(stored).toMatchObject([{ n: 90 }]);
  const kept = readFileSync(filesBeside(path, server()).setAside, 'utf8');
  const aside = kept.match(/rss_bytes=\d+/g) ?? [];
  expect(aside).toHaveLength(10);
  count(counter, pushed, { of: 100, stored, told: aside.length });
  expect(kept).toContain('field type conflict');
});

test('samples older than the bucket keeps are left out with their number, and the summary goes all the same', async () => {
  const counter = planted('a server refuses or loses', 'samples are older than the bucket keeps');
  await influxd.makeBucket(`${bucket}-raw`, 3600);
  const to = server({ rawBucket: `${bucket}-raw` });
  mkdirSync(join(folder, 'old'));
  const path = join(folder, 'old', 'events.jsonl');
  const journal = openJournal(path, 't');
  journal.write('engine', aPlan().draft, NOW - 7200);
  for (let index = 0; index < 50; index += 1)
    journal.write('agent/w0', sample('w0', { rss_bytes: index }), NOW - 7200 + index);
  for (let index = 0; index < 30; index += 1)
    journal.write('agent/w0', sample('w0', { rss_bytes: index }), NOW - 60 + index);
  journal.close();
  writeFileSync(join(folder, 'old', 'record.json'), JSON.stringify(recordFrom(closed(aTrial()))));
  const pushed = await push(path, to);
  expect(pushed).toMatchObject({ sent: 31, tooOld: 50, setAside: 0, backlogBytes: 0 });
  const stored = await influxd.query(to.rawBucket, 'SELECT count(rss_bytes) AS n FROM hepbench_worker');
  expect(stored).toMatchObject([{ n: 30 }]);
  count(counter, pushed, { of: 80, stored, told: pushed.tooOld });
  expect(await influxd.query(bucket, 'SELECT trial FROM hepbench_trial')).toHaveLength(1);
});

test.each([
  ['forwards', 3600],
  ['backwards', -3600],
  ['to and fro', 0],
])('a wall clock that steps %s in the middle makes no two samples one', async (how, step) => {
  const counter = planted('the clock is set', `${how}, in a journal that is sent`);
  const path = join(folder, `${bucket}.jsonl`);
  const real = Date.now.bind(Date);
  let calls = 0;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
    calls += 1;
    return real() + (step === 0 ? (calls % 2) * 7200 - 3600 : step) * (calls > 1 ? 1000 : 0);
  });
  const journal = openJournal(path, 't');
  for (let index = 0; index < 5000; index += 1) {
    Date.now();
    journal.write('host', { type: 'sample', collector: 'host', target: 'here', values: { host_load1: index } });
  }
  clock.mockRestore();
  journal.close();
  const pushed = await push(path);
  expect(pushed).toMatchObject({ sent: 5000, setAside: 0 });
  const different = differences(samplesIn([path]), await storedSamples(influxd, bucket));
  counter.lost('points', 5000, different.length);
  counter.left('unsent bytes', pushed.backlogBytes);
  expect(different).toEqual([]);
});

test('the disk of the server is full and then is not: nothing is lost', async () => {
  const counter = planted('a disk is full', 'that of InfluxDB, which gets room again');
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', disk]);
  let small: Influxd | undefined;
  try {
    small = await startInfluxd([], disk);
    await small.makeBucket('b');
    const to: Server = {
      url: small.url,
      org: small.org,
      bucket: 'b',
      rawBucket: 'b',
      token: small.adminToken,
      timeoutMs: 15_000,
    };
    execFileSync('sh', ['-c', `head -c 100000000 /dev/zero > ${join(disk, 'ballast')} || true`], { stdio: 'ignore' });
    const path = journalOf(20_000, NOW - 20_000);
    const follower = new Follower(to, senderTo(to));
    follower.finished(path);
    await expect.poll(() => follower.report().problem, { timeout: 20_000 }).not.toBe(null);
    rmSync(join(disk, 'ballast'));
    // The write-ahead log that ran full may need a start to be written again.
    await small.kill();
    await small.start();
    const drained = await follower.drain(30_000);
    expect(drained).toMatchObject({ sent: 20_000, setAside: 0, backlogBytes: 0 });
    const stored = await small.query('b', 'SELECT count(rss_bytes) AS n FROM hepbench_worker');
    count(counter, drained, { of: 20_000, stored });
    expect(stored).toMatchObject([{ n: 20_000 }]);
  } finally {
    await small?.kill();
    execFileSync('umount', ['-l', disk]);
  }
});

test('property: no name of a worker, suite, parameter or site can inject anything; all come back as they are stored', async () => {
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(',', ' ', '=', '"', '\\', '\n', '\r', '\t', '😀', '#', "'"),
      fc.string({ minLength: 1 }),
    ),
    maxLength: 20,
  });
  const names = fc.sample(fc.tuple(nasty, nasty, nasty, nasty), { numRuns: 300, seed: 1 });
  const lines = names.map(([site, runner, suite, target], index) =>
    sampleEncoder({ site, runner, suite, backend: '\\', run: suite, cluster: target })({
      t: NOW + index,
      collector: 'agent',
      target,
      values: { rss_bytes: index },
    }),
  );
  expect(await senderTo(server())(bucket, linesOf(lines))).toMatchObject({ sent: 300, setAside: [] });
  const rows = await influxd.query(bucket, 'SELECT * FROM hepbench_worker');
  const byTime = new Map(rows.map((row) => [row['time'], row]));
  expect(rows).toHaveLength(300);
  for (const [index, [site, runner, suite, worker]] of names.entries()) {
    const expected = Object.entries({ site, runner, suite, worker }).map(([name, value]) => [name, tagValue(value)]);
    expect(byTime.get((NOW + index) * 1e6)).toMatchObject({
      ...Object.fromEntries(expected),
      backend: '_',
      rss_bytes: index,
    });
  }
  expect(await influxd.query(bucket, 'SHOW MEASUREMENTS')).toEqual([{ name: 'hepbench_worker' }]);

  const record = recordFrom(closed(aTrial()));
  const trials = names.map(([trial, experiment, dataset, taint], index) =>
    trialLine(
      { ...record, trial, experiment, datasetId: dataset, taints: [{ code: 'X', message: taint }] },
      { site: 's', commit: 'c' },
      NOW + index,
    ),
  );
  expect(await senderTo(server())(bucket, linesOf(trials))).toMatchObject({ sent: 300, setAside: [] });
  const summaries = await influxd.query(bucket, 'SELECT trial, experiment, dataset, valid FROM hepbench_trial');
  expect(summaries).toHaveLength(300);
  const texts = new Map(summaries.map((row) => [row['time'], row]));
  for (const [index, [trial, experiment, dataset]] of names.entries()) {
    expect(texts.get((NOW + index) * 1e6)).toMatchObject({
      trial: trial.toWellFormed(),
      experiment: experiment.toWellFormed(),
      dataset: dataset.toWellFormed(),
    });
  }
});

test('a full disk under the position of the sink loses nothing', async () => {
  const counter = planted('a disk is full', 'that with the position of the sink, which gets room again');
  const disk = join(folder, 'small');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
  try {
    const path = join(disk, 'events.jsonl');
    const journal = openJournal(path, 't');
    for (let index = 0; index < 100; index += 1)
      journal.write('agent/w0', sample('w0', { rss_bytes: index }), NOW + index);
    journal.close();
    execFileSync('sh', ['-c', `head -c 2000000 /dev/zero > ${join(disk, 'ballast')} || true`], { stdio: 'ignore' });
    const to = server();
    const follower = new Follower(to, senderTo(to));
    follower.finished(path);
    await expect.poll(() => follower.report().problem, { timeout: 10_000 }).toContain('ENOSPC');
    expect(existsSync(filesBeside(path, to).position)).toBe(false);
    rmSync(join(disk, 'ballast'));
    const drained = await follower.drain(10_000);
    expect(drained).toMatchObject({ sent: 100, backlogBytes: 0 });
    const stored = await influxd.query(bucket, 'SELECT count(rss_bytes) AS n FROM hepbench_worker');
    count(counter, drained, { of: 100, stored });
    expect(stored).toMatchObject([{ n: 100 }]);
  } finally {
    await sleep(100);
    execFileSync('umount', ['-l', disk]);
  }
});

test('1,000 simulated workers at 1 Hz for a minute: nothing is lost, under half a core and 200 MB', async () => {
  const program = join(import.meta.dirname, '../benchmarks/influx.ts');
  const { stdout } = await execa(process.execPath, [program, 'load']);
  const load: unknown = JSON.parse(stdout);
  expect(load).toMatchObject({
    produced: 60_000,
    stored: 60_000,
    report: { sent: 60_000, setAside: 0, missingEvents: 0 },
  });
  const { cores, memoryPeakBytes } = z.object({ cores: z.number(), memoryPeakBytes: z.number() }).parse(load);
  expect(cores).toBeLessThan(0.5);
  expect(memoryPeakBytes).toBeLessThan(200e6);
});

test('the benchmark of throughput counts what was stored, and prints its ratios', async () => {
  const results = await compareThroughput(20_000, 3);
  for (const { stored } of results) expect(stored).toEqual([20_000, 20_000, 20_000]);
  const [ours, client] = results;
  expect(ours && client ? ratioOf(ours, client).median : 0).toBeGreaterThan(0);
});
