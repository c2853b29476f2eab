import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { FaultCounter } from '../house/fault-watches.ts';
import { planted } from '../house/faults.ts';
import type { Event } from '../../core/model/event.ts';
import { pythonEnvironment } from '../../core/python/process.ts';
import { AGENTS, daskCluster } from './dask-cluster.ts';
import { bench, eventsIn, makePlace, type Place, pythonOf, startBench, waitFor } from './harness.ts';

// `bench monitor` on a Dask cluster that somebody else runs: here a scheduler and workers that this file starts and ends.
let place: Place;
let cluster: ReturnType<typeof daskCluster>;
beforeAll(() => {
  place = makePlace();
  cluster = daskCluster(place);
});
afterEach(async () => {
  await cluster.end();
});
afterAll(() => place.remove());

function monitor(address: string, ...args: readonly string[]) {
  return startBench(place, [
    'monitor',
    '--scheduler',
    address,
    '--interval',
    '0.2',
    '--results',
    join(place.folder, 'monitor'),
    ...args,
  ]);
}

function segments(): string[] {
  const root = join(place.folder, 'monitor');
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .toSorted()
    .map((name) => join(root, name));
}

function watchedSince(from: number): Event[] {
  return segments()
    .flatMap((path) => eventsIn(path))
    .filter(({ t }) => t > from);
}

function samplesOf(events: readonly Event[], target: string): number {
  return events.filter((event) => event.type === 'sample' && event.target === target).length;
}

/** Runs Python with a client of the cluster. */
async function ask(address: string, code: string): Promise<string> {
  const program = `from distributed import Client\nwith Client("${address}", timeout=10) as client:\n    ${code}`;
  const { stdout } = await execa(pythonOf(place), ['-c', program], { env: pythonEnvironment(), extendEnv: false });
  return stdout.trim();
}

/** No worker has our agent, now or within `timeoutMs`: `none` is what Python prints then. */
async function expectNoAgent(counter: FaultCounter, address: string, none: string, timeoutMs = 0): Promise<void> {
  const until = Date.now() + timeoutMs;
  let said = await ask(address, AGENTS);
  while (said !== none && Date.now() < until) said = await ask(address, AGENTS);
  counter.left('agents', said.split('True').length - 1);
  expect(said).toBe(none);
}

/** Processes whose parent is `pid`. */
function childrenOf(pid: number | undefined): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

test('it samples workers, scheduler and machine, finds a worker that comes later, and leaves nothing in the cluster', async () => {
  const counter = planted(
    'a process stands still or is late',
    'a worker that joins later, its name with an escape sequence',
  );
  const from = Date.now() / 1000;
  // Whoever starts a worker chooses its name.
  const later = 'w1\u001B[31m';
  const { address } = await cluster.scheduler();
  await cluster.worker(address, 'w0');
  const { child, ended, output } = monitor(address);
  await waitFor('the first worker', () => output.text.includes('worker w0 present'), 30_000);
  await ask(address, 'client.gather(client.map(lambda x: x, range(7), pure=False))');
  await cluster.worker(address, later);
  await waitFor('samples of the second', () => samplesOf(watchedSince(from), later) > 2, 30_000);
  expect(await ask(address, AGENTS)).toBe('[True, True]');
  child.kill('SIGINT');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  await expectNoAgent(counter, address, '[False, False]');
  const events = watchedSince(from);
  expect(samplesOf(events, 'w0')).toBeGreaterThan(5);
  expect(samplesOf(events, 'scheduler')).toBeGreaterThan(2);
  expect(events.filter((event) => event.type === 'task')).toEqual([]);
  const counts = events.flatMap((event) =>
    event.type === 'sample' && event.target === 'w0' ? [event.values['tasks_total']] : [],
  );
  expect(counts.at(-1)).toBe(7);
  expect(output.text).toContain('worker w1\\x1b[31m joined');
  expect(output.text).not.toContain('\u001B');
  expect(output.text).toMatch(/monitor: [\d.]+ CPU-seconds in [\d.]+ s: [\d.]+ % of a core/);
});

/** The cluster that each segment since `from` says it is of, and the targets of its samples. */
function targetsByCluster(from: number): Map<unknown, Set<string>> {
  const found = new Map<unknown, Set<string>>();
  for (const path of segments()) {
    const [header, ...events] = eventsIn(path);
    if (header?.type !== 'environment' || header.t < from) continue;
    const targets = found.get(header.facts['cluster']) ?? new Set();
    found.set(header.facts['cluster'], targets);
    for (const event of events) if (event.type === 'sample' && event.collector === 'agent') targets.add(event.target);
  }
  return found;
}

test('where no scheduler is reached it says so; one that is killed and comes back is found again, as another cluster', async () => {
  planted('a connection is lost', 'no scheduler answers a monitor, then one that is killed and comes back');
  const begin = Date.now() / 1000;
  const earlier = await cluster.scheduler();
  await earlier.kill();
  const token = join(place.folder, 'token');
  writeFileSync(token, 'token');
  const nowhere = `--influx-url http://127.0.0.1:9 --influx-org o --influx-bucket b --influx-token-file ${token}`;
  const alone = monitor(earlier.address, '--for', '2', ...nowhere.split(' '));
  expect(await alone.ended).toBe(3);
  expect(alone.output.text).toMatch(
    /^note: InfluxDB at .* cannot be reached: .*\n {2}everything is kept in the journals/m,
  );
  expect(alone.output.text).toMatch(
    new RegExp(
      `^bench: nothing was watched: no scheduler was reached at ${earlier.address} in \\d.*\\n  check the`,
      'm',
    ),
  );
  // Its folder holds no journal, and whoever is given it says why.
  const [, folder = ''] = /journal in (\S+)/.exec(alone.output.text) ?? [];
  const report = await bench(place, ['report', folder]);
  expect(report).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('a monitor that found no scheduler') });
  const { address, port, kill } = await cluster.scheduler(earlier.port);
  await cluster.worker(address, 'w0');
  const { child, ended, output } = monitor(address);
  await waitFor('the first worker', () => output.text.includes('worker w0 present'), 30_000);
  await waitFor('its samples', () => samplesOf(watchedSince(begin), 'w0') > 2, 30_000);
  await kill();
  await waitFor('the loss to be seen', () => output.text.includes('the scheduler is gone'), 30_000);
  const from = Date.now() / 1000;
  await cluster.scheduler(port);
  await cluster.worker(address, 'w9');
  await waitFor('samples of the new worker', () => samplesOf(watchedSince(from), 'w9') > 2, 60_000);
  await waitFor('samples of the new scheduler', () => samplesOf(watchedSince(from), 'scheduler') > 2, 60_000);
  child.kill('SIGINT');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  const [first, second, ...more] = [...targetsByCluster(begin)].filter(([, targets]) => targets.size > 0);
  expect([first?.[1], second?.[1], more]).toEqual([new Set(['w0']), new Set(['w9']), []]);
  for (const one of [first, second]) expect(one?.[0]).toMatch(new RegExp(`^${address} [0-9a-f]{8}$`));
});

test('a worker that is frozen holds up nothing: others are found and sampled, and it is served when it goes on', async () => {
  const counter = planted('a process stands still or is late', 'a worker is frozen, under a monitor');
  const from = Date.now() / 1000;
  const { address } = await cluster.scheduler();
  const frozen = await cluster.worker(address, 'w0');
  await cluster.worker(address, 'w1');
  frozen.signal('SIGSTOP');
  const { child, ended, output } = monitor(address);
  await waitFor('samples of the other', () => samplesOf(watchedSince(from), 'w1') > 2, 60_000);
  await cluster.worker(address, 'w2');
  await waitFor('the new worker', () => output.text.includes('worker w2 joined'), 60_000);
  await waitFor('its samples', () => samplesOf(watchedSince(from), 'w2') > 2, 60_000);
  expect(samplesOf(watchedSince(from), 'w0')).toBe(0);
  frozen.signal('SIGCONT');
  await waitFor('samples of the frozen one', () => samplesOf(watchedSince(from), 'w0') > 2, 60_000);
  frozen.signal('SIGSTOP');
  child.kill('SIGINT');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  frozen.signal('SIGCONT');
  await expectNoAgent(counter, address, '[False, False, False]', 60_000);
});

test('killed with -9 it leaves no process, and its agent leaves the workers', async () => {
  const counter = planted('a process is killed', 'a monitor');
  const { address } = await cluster.scheduler();
  await cluster.worker(address, 'w0');
  const { child, ended, output } = monitor(address);
  await waitFor('the first worker', () => output.text.includes('worker w0 present'), 30_000);
  await sleep(1000);
  expect(await ask(address, AGENTS)).toBe('[True]');
  child.kill('SIGKILL');
  await ended;
  await sleep(5000);
  await expectNoAgent(counter, address, '[False]');
});

test('killed together with its Python side, as when its machine dies, its agent leaves the workers', async () => {
  const counter = planted('a process is killed', 'a monitor and its Python side at once');
  const { address } = await cluster.scheduler();
  await cluster.worker(address, 'w0');
  const { child, ended, output } = monitor(address);
  await waitFor('the first worker', () => output.text.includes('worker w0 present'), 30_000);
  await expect.poll(async () => await ask(address, AGENTS), { timeout: 10_000 }).toBe('[True]');
  for (const pid of [...childrenOf(child.pid), child.pid]) if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await ended;
  await expectNoAgent(counter, address, '[False]', 10_000);
});

test('two monitors of one cluster share the agents; the second has its own when the first is gone', async () => {
  const counter = planted('two at once', 'two monitors of one cluster');
  const { address } = await cluster.scheduler();
  await cluster.worker(address, 'w0');
  const first = monitor(address);
  await waitFor('the first monitor', () => first.output.text.includes('worker w0 present'), 30_000);
  await expect.poll(async () => await ask(address, AGENTS), { timeout: 10_000 }).toBe('[True]');
  const second = monitor(address);
  await waitFor('the second to say so', () => second.output.text.includes('another monitor has its agents'), 30_000);
  first.child.kill('SIGINT');
  expect({ exitCode: await first.ended, text: first.output.text }).toMatchObject({ exitCode: 0 });
  const from = Date.now() / 1000 + 2;
  await waitFor('samples by its own agent', () => samplesOf(watchedSince(from), 'w0') > 2, 30_000);
  second.child.kill('SIGINT');
  expect({ exitCode: await second.ended, text: second.output.text }).toMatchObject({ exitCode: 0 });
  await expectNoAgent(counter, address, '[False]');
});

test('the journal goes on in a new file when one is full, and settled files go', async () => {
  const { address } = await cluster.scheduler();
  await cluster.worker(address, 'w0');
  const from = segments().length;
  const { ended, output } = monitor(address, '--segment-size', '4kB', '--for', '8');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  const mine = segments().slice(from);
  expect(mine.length).toBeGreaterThan(2);
  for (const path of mine) expect(eventsIn(path)[0]).toMatchObject({ type: 'environment', source: 'engine', seq: 1 });
});

test('a full disk ends it with a clear line, nothing of it stays in the cluster, and with room it starts again [needs root]', async () => {
  const counter = planted('a disk is full', 'that of two monitors');
  const disk = join(place.folder, 'small-disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
  try {
    const { address } = await cluster.scheduler();
    await cluster.worker(address, 'w0');
    // The page for Prometheus would keep a process that does not end in order.
    const watching = (...args: readonly string[]) =>
      startBench(place, ['monitor', '--scheduler', address, '--results', disk, '--metrics-port', '0', ...args]);
    // Two that begin in the same second have folders of their own.
    const both = [watching('--interval', '0.1'), watching('--interval', '0.1')];
    for (const { output } of both)
      await waitFor('the first worker', () => output.text.includes('worker w0 present'), 30_000);
    expect(readdirSync(disk)).toHaveLength(2);
    execFileSync('sh', ['-c', `head -c 1000000 /dev/zero > ${join(disk, 'ballast')} || true`], { stdio: 'ignore' });
    for (const { ended, output } of both) {
      expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 3 });
      expect(output.text).toMatch(
        /segment-000001\.jsonl: cannot be written: ENOSPC\n {2}make room, then start the monitor again/,
      );
      expect(output.text).not.toMatch(/^ +at |this is a bug/m);
    }
    await expectNoAgent(counter, address, '[False]');
    rmSync(join(disk, 'ballast'));
    const { child, ended, output } = watching();
    await waitFor('the scheduler', () => output.text.includes('connected to'), 60_000);
    child.kill('SIGINT');
    expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  } finally {
    execFileSync('umount', ['-l', disk]);
  }
});

test('an address that is none, and a scheduler that does not answer, are told', async () => {
  planted('a connection is lost', 'no scheduler answers a monitor');
  const wrong = await bench(place, ['monitor', '--scheduler', 'localhost']);
  expect(wrong).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('tcp://10.0.0.1:8786') });
  const { ended, output } = monitor('tcp://127.0.0.1:9', '--for', '15');
  expect(await ended).toBe(3);
  expect(output.text).toMatch(/note: .*tcp:\/\/127\.0\.0\.1:9/);
  expect(output.text).toMatch(
    /nothing was watched: no scheduler was reached at tcp:\/\/127\.0\.0\.1:9 in 1\d\.\d s \(.+\)\n/,
  );
  expect(readFileSync(segments().at(-1) ?? '', 'utf8')).toContain('SCHEDULER_UNREACHABLE');
});
