import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const TOKEN = 'lab-admin-token';
const ORG = 'lab';

/** A real influxd on a loopback port, in a folder of its own; the same data after every start. */
export interface Influxd {
  readonly url: string;
  readonly org: string;
  readonly adminToken: string;
  start(): Promise<void>;
  /** Ends the process at once, as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Makes a bucket; `retentionSeconds` 0 keeps for ever. */
  makeBucket(name: string, retentionSeconds?: number): Promise<string>;
  /** A token that may do `actions` with these buckets, with none named: with all; `id` is that of the authorization. */
  makeToken(
    bucketIds: readonly string[],
    actions: readonly ('read' | 'write')[],
  ): Promise<{ token: string; id: string }>;
  setActive(authorization: string, active: boolean): Promise<void>;
  /** Answers of InfluxQL: one object for each row, with the tags of its series. Time in microseconds. */
  query(bucket: string, influxql: string, token?: string): Promise<Row[]>;
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  readonly memoryPeakBytes: () => number;
  remove(): Promise<void>;
}

export type Row = Readonly<Record<string, string | number | null>>;

/** Prints the path of the binary; builds it on first use, which takes five minutes on two cores. */
export const influxdBuild = join(import.meta.dirname, 'build.sh');

function influxdBinary(): string {
  return execFileSync(influxdBuild, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

/** A harness that dies must not leave a server behind. */
const atExit = new Set<() => void>();
process.once('exit', () => atExit.forEach((kill) => kill()));

/** A server that is up and set up. `folder` may be a small file system, `extra` more flags of influxd. */
export async function startInfluxd(extra: readonly string[] = [], folder?: string): Promise<Influxd> {
  const binary = influxdBinary();
  const home = folder ?? mkdtempSync(join(tmpdir(), 'hepbench-influxd-'));
  mkdirSync(home, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const log = openSync(join(home, 'influxd.log'), 'a');
    const flags = {
      'http-bind-address': `127.0.0.1:${port}`,
      'bolt-path': join(home, 'influxd.bolt'),
      'sqlite-path': join(home, 'influxd.sqlite'),
      'engine-path': join(home, 'engine'),
      'log-level': 'warn',
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    // It reads config files of its folder and INFLUXD_* variables: neither is there.
    child = spawn(binary, ['run', '--reporting-disabled', ...args, ...extra], {
      cwd: home,
      env: { HOME: home, PATH: process.env['PATH'], GOMEMLIMIT: '600MiB' },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const until = Date.now() + 60_000;
    for (;;) {
      const healthy = await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (healthy) return;
      if (child.exitCode !== null || Date.now() > until) {
        throw new Error(`influxd did not come up:\n${readFileSync(join(home, 'influxd.log'), 'utf8').slice(-2000)}`);
      }
      await sleep(20);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await gone;
  }
  atExit.add(() => child?.kill('SIGKILL'));

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Token ${TOKEN}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  await start();
  const setup = await call('POST', '/api/v2/setup', {
    username: 'lab',
    password: 'lab-password',
    org: ORG,
    bucket: 'unused',
    token: TOKEN,
  });
  const orgId = text(setup, 'org', 'id');

  return {
    url,
    org: ORG,
    adminToken: TOKEN,
    start,
    kill: async () => await end('SIGKILL'),
    stop: async () => await end('SIGTERM'),
    async makeBucket(name, retentionSeconds = 0) {
      const retentionRules = retentionSeconds === 0 ? [] : [{ type: 'expire', everySeconds: retentionSeconds }];
      return text(await call('POST', '/api/v2/buckets', { orgID: orgId, name, retentionRules }), 'id');
    },
    async makeToken(bucketIds, actions) {
      const resources = bucketIds.map((id) => ({ type: 'buckets', id, orgID: orgId }));
      const all = [{ type: 'buckets', orgID: orgId }];
      const permissions = actions.flatMap((action) =>
        (resources.length > 0 ? resources : all).map((resource) => ({ action, resource })),
      );
      const made = await call('POST', '/api/v2/authorizations', { orgID: orgId, permissions });
      return { token: text(made, 'token'), id: text(made, 'id') };
    },
    async setActive(authorization, active) {
      await call('PATCH', `/api/v2/authorizations/${authorization}`, { status: active ? 'active' : 'inactive' });
    },
    async query(bucket, influxql, token = TOKEN) {
      const query = new URLSearchParams({ db: bucket, q: influxql, epoch: 'u' });
      const response = await fetch(`${url}/query?${query}`, { headers: { Authorization: `Token ${token}` } });
      return rowsOf(await response.json());
    },
    call,
    memoryPeakBytes: () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child?.pid}/status`, 'utf8'))?.[1]) * 1024,
    async remove() {
      await end('SIGKILL');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const Answer = z.object({
  error: z.string().optional(),
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z
          .array(
            z.object({
              tags: z.record(z.string(), z.string()).default({}),
              columns: z.array(z.string()),
              values: z.array(z.array(z.union([z.string(), z.number(), z.null()]))),
            }),
          )
          .default([]),
      }),
    )
    .default([]),
});

function rowsOf(answer: unknown): Row[] {
  const { error, results } = Answer.parse(answer);
  const problem = error ?? results.find((result) => result.error !== undefined)?.error;
  if (problem !== undefined) throw new Error(`InfluxQL: ${problem}`);
  return results.flatMap(({ series }) =>
    series.flatMap(({ tags, columns, values }) =>
      values.map((row) => ({
        ...tags,
        ...Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])),
      })),
    ),
  );
}

function text(value: unknown, ...path: readonly string[]): string {
  let at: unknown = value;
  for (const name of path) at = typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined;
  if (typeof at !== 'string') throw new Error(`no ${path.join('.')} in ${JSON.stringify(value)}`);
  return at;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
