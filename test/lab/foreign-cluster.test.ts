import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { AGENTS } from '../system/dask-cluster.ts';
import { eventsIn, makePlace, type Place, pythonOf, startBench, waitFor } from '../system/harness.ts';
import { olderDask } from './dask/environment.ts';

// A Dask cluster as a facility has it: another version, another machine, nothing of hepbench in it. The machines are network
// namespaces with a cable between them.
const CLUSTER = `hepbench-c${process.pid}`;
const WATCHER = `hepbench-w${process.pid}`;
const CABLE = `hb${process.pid}`;
const SCHEDULER = 'tcp://10.213.7.1:8786';
/** After so long a connection that nobody answers is given up by Dask; 30 s unless it is told otherwise, and at least 11 s. */
const TCP_TIMEOUT = '12s';

let place: Place;
let dask: string;
const running: ChildProcess[] = [];

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Starts a program on the machine of the cluster. */
function start(name: string, ...args: readonly string[]): void {
  const log = openSync(join(place.folder, `${name}.log`), 'a');
  const env = { ...process.env, DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP: TCP_TIMEOUT };
  running.push(
    spawn('ip', ['netns', 'exec', CLUSTER, join(dask, 'dask'), ...args], {
      env,
      cwd: place.folder,
      stdio: ['ignore', log, log],
    }),
  );
}

/** What Python with a client of the cluster prints. */
async function ask(code: string): Promise<string> {
  const program = `from distributed import Client\nwith Client("${SCHEDULER}", timeout=20) as client:\n    ${code}`;
  return (await execa('ip', ['netns', 'exec', CLUSTER, join(dask, 'python'), '-c', program])).stdout.trim();
}

function monitor(name: string, ...args: readonly string[]) {
  const results = join(place.folder, name);
  const command = ['monitor', '--scheduler', SCHEDULER, '--interval', '0.2', '--results', results, ...args];
  return { ...startBench(place, command, {}, ['ip', 'netns', 'exec', WATCHER]), results };
}

beforeAll(async () => {
  place = makePlace();
  dask = await olderDask(pythonOf(place));
  for (const namespace of [CLUSTER, WATCHER]) {
    ip('netns', 'add', namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
  ip('link', 'add', CABLE, 'netns', CLUSTER, 'type', 'veth', 'peer', CABLE, 'netns', WATCHER);
  for (const [namespace, address] of [
    [CLUSTER, '10.213.7.1/24'],
    [WATCHER, '10.213.7.2/24'],
  ] as const) {
    ip('-n', namespace, 'addr', 'add', address, 'dev', CABLE);
    ip('-n', namespace, 'link', 'set', CABLE, 'up');
  }
  start('scheduler', 'scheduler', '--host', '10.213.7.1', '--no-dashboard');
  for (const name of ['a0', 'a1'])
    start(name, 'worker', SCHEDULER, '--name', name, '--nthreads', '1', '--no-nanny', '--no-dashboard');
  await ask('client.wait_for_workers(2, timeout=60)');
}, 300_000);
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const namespace of [CLUSTER, WATCHER]) ip('netns', 'del', namespace);
  place.remove();
});

const agentsIn = (said: string) => said.split('True').length - 1;

test('our own Dask does not understand an older one: the monitor says so, and what to do', async () => {
  const counter = planted(
    'a program or a package is not there',
    'the cluster has an older Dask, which the monitor does not understand',
  );
  const { output, ended } = monitor('wrong', '--for', '8');
  await ended;
  expect(output.text).toMatch(
    /note: the scheduler has Python 3\.\d+ and distributed 2024\.11\.2, the monitor Python .*--python/,
  );
  const said = await ask(AGENTS);
  counter.left('agents', agentsIn(said));
  expect(said).toBe('[False, False]');
});

test('with a Python of the cluster it samples the workers and counts their tasks, and leaves nothing', async () => {
  const { child, output, ended, results } = monitor('right', '--python', join(dask, 'python'));
  await waitFor(
    'both workers',
    () => /worker a0 present[^]*worker a1|worker a1 present[^]*worker a0/.test(output.text),
    60_000,
  );
  await ask('client.gather(client.map(lambda x: x, range(10), pure=False))');
  const samples = () =>
    readdirSync(results, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => eventsIn(join(results, name)))
      .flatMap((event) => (event.type === 'sample' && event.collector === 'agent' ? [event] : []));
  const tasks = () =>
    ['a0', 'a1'].reduce(
      (sum, name) => sum + (samples().findLast(({ target }) => target === name)?.values['tasks_total'] ?? 0),
      0,
    );
  await expect.poll(tasks, { timeout: 20_000 }).toBe(10);
  child.kill('SIGINT');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  // This Dask has no prometheus_client, of which nothing but the page of the scheduler takes notice.
  expect(output.text.split('\n').filter((line) => line.startsWith('note:'))).toEqual([
    expect.stringMatching(/^note: collector scheduler: a reading failed: .*\/metrics says nothing of Dask/),
    expect.stringMatching(/^note: collector scheduler: Error: (\d+) of \1 readings failed/),
  ]);
  expect(await ask(AGENTS)).toBe('[False, False]');
});

test('the machine of the monitor vanishes from the network: the agent leaves the workers', async () => {
  const counter = planted('a connection is lost', 'the machine of a monitor vanishes from the network');
  const { child, ended } = monitor('vanished', '--python', join(dask, 'python'));
  await expect.poll(async () => await ask(AGENTS), { timeout: 60_000, interval: 1000 }).toBe('[True, True]');
  ip('-n', WATCHER, 'link', 'set', CABLE, 'down');
  // Nothing of what its end would say arrives any more.
  child.kill('SIGKILL');
  await ended;
  expect(await ask(AGENTS)).toBe('[True, True]');
  let said = '';
  await expect.poll(async () => (said = await ask(AGENTS)), { timeout: 60_000, interval: 1000 }).toBe('[False, False]');
  counter.left('agents', agentsIn(said));
});
