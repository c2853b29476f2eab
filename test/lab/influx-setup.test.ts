import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { planted } from '../house/faults.ts';
import { setupInflux } from '../../results/influx/setup.ts';
import { BenchError } from '../../core/errors.ts';
import type { SetupRequest } from '../../results/influx/setup-organisation.ts';
import { type Influxd, startInfluxd } from './influxd/server.ts';

const DAY = 86_400;
let influxd: Influxd;
let folder: string;
let said: string[];
let count = 0;

beforeAll(async () => {
  influxd = await startInfluxd();
  folder = mkdtempSync(join(tmpdir(), 'hepbench-influx-setup-'));
});
afterAll(async () => {
  await influxd.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  said = [];
  count += 1;
});

/** Buckets and folder of the present test. */
function setup(change: Partial<SetupRequest> = {}): SetupRequest {
  return {
    url: influxd.url,
    org: influxd.org,
    bucket: `lasting${count}`,
    rawBucket: `raw${count}`,
    retentionSeconds: 30 * DAY,
    adminToken: influxd.adminToken,
    tokenFolder: join(folder, `${count}`, 'tokens'),
    say: (line) => said.push(line),
    ...change,
  };
}

async function tokensOf(made: { writerFile: string; readerFile: string }) {
  const [writer, reader] = [made.writerFile, made.readerFile].map((path) => readFileSync(path, 'utf8').trim());
  return { writer: writer ?? '', reader: reader ?? '' };
}

const Authorizations = z.object({
  authorizations: z.array(z.object({ id: z.string(), description: z.string(), permissions: z.array(z.unknown()) })),
});

/** Tokens on the server for the buckets of the present test. */
async function authorizations() {
  const all = Authorizations.parse(await influxd.call('GET', `/api/v2/authorizations?org=${influxd.org}`));
  return all.authorizations.filter(({ description }) => description.includes(`raw${count},`));
}

const Buckets = z.object({
  buckets: z.array(z.object({ name: z.string(), retentionRules: z.array(z.object({ everySeconds: z.number() })) })),
});

async function retentions(): Promise<Record<string, number | undefined>> {
  const { buckets } = Buckets.parse(await influxd.call('GET', `/api/v2/buckets?org=${influxd.org}&limit=100`));
  return Object.fromEntries(buckets.map(({ name, retentionRules }) => [name, retentionRules[0]?.everySeconds]));
}

const Tasks = z.object({ tasks: z.array(z.object({ id: z.string(), name: z.string(), flux: z.string() })) });

async function tasks() {
  const all = Tasks.parse(await influxd.call('GET', `/api/v2/tasks?org=${influxd.org}&limit=100`)).tasks;
  return all.filter(({ name }) => name.includes(`raw${count} `));
}

async function request(token: string, method: string, path: string, body?: string) {
  const headers = {
    Authorization: `Token ${token}`,
    'Content-Type': body?.startsWith('{') ? 'application/json' : 'text/plain',
  };
  const response = await fetch(`${influxd.url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, text: await response.text() };
}

async function write(token: string, bucket: string, lines: string): Promise<number> {
  const query = new URLSearchParams({ org: influxd.org, bucket, precision: 's' });
  return (await request(token, 'POST', `/api/v2/write?${query}`, lines)).status;
}

async function flux(token: string, text: string) {
  const body = JSON.stringify({ query: text, type: 'flux' });
  return await request(token, 'POST', `/api/v2/query?org=${influxd.org}`, body);
}

test('buckets, task and tokens are made once; doing it again keeps the tokens', async () => {
  const first = await setupInflux(setup());
  const tokens = await tokensOf(first);
  expect(said.filter((line) => line.includes(': made'))).toHaveLength(5);
  expect(await retentions()).toMatchObject({ [setup().bucket]: 0, [setup().rawBucket]: 30 * DAY });
  const before = await tasks();
  said = [];
  expect(await setupInflux(setup())).toEqual(first);
  expect(said.filter((line) => /made|changed/.test(line))).toEqual([]);
  expect(await tokensOf(first)).toEqual(tokens);
  expect(await authorizations()).toHaveLength(2);
  expect(await tasks()).toEqual(before);
  expect(before).toHaveLength(1);
});

test('token files are for their owner alone, in a folder for its owner alone, and nothing else is left there', async () => {
  const { writerFile, readerFile } = await setupInflux(setup());
  expect([writerFile, readerFile].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual(['600', '600']);
  expect((statSync(setup().tokenFolder).mode & 0o777).toString(8)).toBe('700');
  expect(readdirSync(setup().tokenFolder).toSorted()).toEqual([
    expect.stringMatching(new RegExp(`^hepbench-reader-lasting${count}-\\w{8}\\.token$`)),
    expect.stringMatching(new RegExp(`^hepbench-writer-lasting${count}-\\w{8}\\.token$`)),
  ]);
  chmodSync(writerFile, 0o644);
  await setupInflux(setup());
  expect((statSync(writerFile).mode & 0o777).toString(8)).toBe('600');
});

test('a second bucket, or raw bucket, has files of its own, and the tokens of the first ones go on', async () => {
  const first = await setupInflux(setup());
  const tokens = await tokensOf(first);
  for (const other of [{ bucket: `second${count}` }, { rawBucket: `second-raw${count}` }]) {
    const made = await setupInflux(setup(other));
    expect(Object.values(made)).not.toContain(first.writerFile);
    expect(Object.values(made)).not.toContain(first.readerFile);
    expect(await write((await tokensOf(made)).writer, setup(other).rawBucket, '')).toBe(204);
  }
  expect(await tokensOf(first)).toEqual(tokens);
  expect(await write(tokens.writer, setup().rawBucket, '')).toBe(204);
  expect(await setupInflux(setup())).toEqual(first);
});

test('the files of an older set-up, whose names say no bucket, go on for their buckets and are left alone by others', async () => {
  const first = await setupInflux(setup());
  const tokens = await tokensOf(first);
  const old = { writerFile: join(setup().tokenFolder, 'hepbench-writer.token'), readerFile: '' };
  old.readerFile = old.writerFile.replace('writer', 'reader');
  renameSync(first.writerFile, old.writerFile);
  renameSync(first.readerFile, old.readerFile);
  expect(await setupInflux(setup())).toEqual(old);
  await setupInflux(setup({ bucket: `second${count}` }));
  expect(await tokensOf(old)).toEqual(tokens);
  expect(await write(tokens.writer, setup().rawBucket, '')).toBe(204);
});

test('no token is said', async () => {
  const tokens = await tokensOf(await setupInflux(setup()));
  await setupInflux(setup());
  await influxd.setActive((await authorizations())[0]?.id ?? '', false);
  const others = await tokensOf(await setupInflux(setup({ retentionSeconds: DAY })));
  expect(said.length).toBeGreaterThan(10);
  for (const token of [...Object.values(tokens), ...Object.values(others), influxd.adminToken]) {
    expect(token.length).toBeGreaterThan(10);
    expect(said.join('\n')).not.toContain(token);
  }
});

test('the writer cannot read, the reader cannot write, and neither can touch another bucket', async () => {
  const { bucket, rawBucket } = setup();
  const { writer, reader } = await tokensOf(await setupInflux(setup()));
  const other = `other${count}`;
  await influxd.makeBucket(other);
  const now = Math.floor(Date.now() / 1000);
  for (const name of [bucket, rawBucket, other]) {
    expect(await write(influxd.adminToken, name, `m v=1 ${now - 3}`)).toBe(204);
  }
  for (const name of [bucket, rawBucket]) {
    const read = `from(bucket: "${name}") |> range(start: -1h)`;
    expect(await write(writer, name, `m v=2 ${now - 2}`)).toBe(204);
    expect(await write(reader, name, `m v=3 ${now - 1}`)).toBe(403);
    expect(await influxd.query(name, 'SELECT v FROM m', reader)).toHaveLength(2);
    expect((await flux(reader, read)).text).toContain(',v,m');
    await expect(influxd.query(name, 'SELECT v FROM m', writer)).rejects.toThrow('database not found');
    expect((await flux(writer, read)).text).toContain('could not find bucket');
  }
  expect(await write(writer, other, `m v=2 ${now}`)).toBe(403);
  expect(await write(reader, other, `m v=2 ${now}`)).toBe(403);
  await expect(influxd.query(other, 'SELECT v FROM m', reader)).rejects.toThrow('database not found');
  await expect(influxd.query(other, 'SELECT v FROM m', writer)).rejects.toThrow('database not found');
  for (const token of [writer, reader]) {
    const task = JSON.stringify({ org: influxd.org, flux: 'option task = {name: "x", every: 1h}\nbuckets()' });
    expect((await request(token, 'POST', '/api/v2/tasks', task)).status).not.toBe(201);
    const found = Authorizations.parse(JSON.parse((await request(token, 'GET', '/api/v2/authorizations')).text));
    expect(found.authorizations).toEqual([]);
  }
});

test.each(['inactive', 'deleted', 'file lost', 'file spoilt'])(
  'a token that is %s is made anew, and the old one is deleted',
  async (how) => {
    const counter = planted('a server refuses or loses', `a token is lost: ${how}`);
    const made = await setupInflux(setup());
    const before = await tokensOf(made);
    const old = (await authorizations()).find(({ description }) => description.startsWith('hepbench writer'))?.id ?? '';
    if (how === 'inactive') await influxd.setActive(old, false);
    if (how === 'deleted') await influxd.call('DELETE', `/api/v2/authorizations/${old}`);
    if (how === 'file lost') rmSync(made.writerFile);
    if (how === 'file spoilt') writeFileSync(made.writerFile, 'not\na "token"\u00fc\n');
    const after = await tokensOf(await setupInflux(setup()));
    expect(after.writer).not.toBe(before.writer);
    expect(after.reader).toBe(before.reader);
    expect(await write(after.writer, setup().rawBucket, '')).toBe(204);
    expect(await write(before.writer, setup().rawBucket, '')).not.toBe(204);
    const present = await authorizations();
    counter.lost('tokens', 2, 2 - present.filter(({ id }) => id !== old).length);
    counter.left('tokens', present.filter(({ id }) => id === old).length);
    expect(present).toHaveLength(2);
    expect(present.map(({ id }) => id)).not.toContain(old);
  },
);

test('the retention of the raw bucket follows the option, that of the lasting one is left alone', async () => {
  const { bucket, rawBucket } = setup();
  await influxd.makeBucket(bucket, 400 * DAY);
  await influxd.makeBucket(rawBucket, 3600);
  for (const seconds of [30 * DAY, 7200, 0, 400 * DAY, DAY]) {
    await setupInflux(setup({ retentionSeconds: seconds }));
    expect(await retentions()).toMatchObject({ [bucket]: 400 * DAY, [rawBucket]: seconds });
  }
  await setupInflux(setup({ retentionSeconds: undefined }));
  expect(await retentions()).toMatchObject({ [bucket]: 400 * DAY, [rawBucket]: DAY });
  expect(said).toContain(`bucket ${rawBucket}: is there, kept 400 d, from now on 1 d`);
  expect(said).toContain(`bucket ${bucket}: is there, keeps 400 d`);
});

const Runs = z.object({ runs: z.array(z.object({ id: z.string(), status: z.string() })) });

/** Runs the task of the present test now. */
async function runTask(): Promise<void> {
  const [task] = await tasks();
  const path = `/api/v2/tasks/${task?.id}/runs`;
  const { id } = z.object({ id: z.string() }).parse(await influxd.call('POST', path, {}));
  const until = Date.now() + 60_000;
  for (;;) {
    // By itself a run that ends is not found for a moment, while the server moves it to its bucket of runs.
    const { runs } = Runs.parse(await influxd.call('GET', path));
    const status = runs.find((run) => run.id === id)?.status;
    if (status === 'success') return;
    if (status === 'failed' || Date.now() > until) {
      throw new Error(`${status}: ${JSON.stringify(await influxd.call('GET', `${path}/${id}/logs`))}`);
    }
    await sleep(50);
  }
}

test('the task keeps means of gauges and the last of counters, by minute and with all tags', async () => {
  const { bucket, rawBucket } = setup();
  const { writer, reader } = await tokensOf(await setupInflux(setup()));
  const tags = String.raw`backend=coffea,cluster=b001,run=e,runner=local,site=a\ site,suite=adl,worker=w`;
  // The last line is of the present minute, which must not end before the task has run.
  while (Date.now() % 60_000 > 50_000) await sleep(200);
  const minute = Math.floor(Date.now() / 60_000) * 60 - 1800;
  const lines = [
    `hepbench_worker,${tags}0 rss_bytes=1,cpu_seconds_total=10 ${minute + 10}`,
    `hepbench_worker,${tags}0 rss_bytes=3,cpu_seconds_total=12 ${minute + 50}`,
    `hepbench_worker,${tags}0 rss_bytes=7 ${minute + 60}`,
    `hepbench_worker,${tags}1 rss_bytes=5,cpu_seconds_total=2 ${minute + 20}`,
    `hepbench_worker,${tags}1 cpu_seconds_total=0.5 ${minute + 59}`,
    `hepbench_host,host=h host_load1=1 ${minute + 10}`,
    `hepbench_worker,${tags}0 rss_bytes=9 ${Math.floor(Date.now() / 1000)}`,
  ];
  expect(await write(writer, rawBucket, lines.join('\n'))).toBe(204);
  const place = { backend: 'coffea', cluster: 'b001', run: 'e', runner: 'local', site: 'a site', suite: 'adl' };
  const query = 'SELECT rss_bytes, cpu_seconds_total FROM hepbench_worker_1m GROUP BY *';
  const expected = [
    { ...place, worker: 'w0', time: (minute + 60) * 1e6, rss_bytes: 2, cpu_seconds_total: 12 },
    { ...place, worker: 'w0', time: (minute + 120) * 1e6, rss_bytes: 7, cpu_seconds_total: null },
    { ...place, worker: 'w1', time: (minute + 60) * 1e6, rss_bytes: 5, cpu_seconds_total: 0.5 },
  ];
  await runTask();
  expect(await influxd.query(bucket, query, reader)).toEqual(expected);
  await runTask();
  expect(await influxd.query(bucket, query, reader)).toEqual(expected);
  expect(await influxd.query(bucket, 'SHOW MEASUREMENTS', reader)).toEqual([{ name: 'hepbench_worker_1m' }]);
});

test('a task of an older hepbench is brought up to date', async () => {
  await setupInflux(setup());
  const [task] = await tasks();
  const old = `option task = {name: "${task?.name}", every: 1h}\nfrom(bucket: "raw${count}") |> range(start: -1h)`;
  await influxd.call('PATCH', `/api/v2/tasks/${task?.id}`, { flux: old });
  await setupInflux(setup());
  expect(await tasks()).toEqual([task]);
  expect(said).toContain(`task ${task?.name}: changed`);
});

test('dollars and backslashes in the names of buckets do not leave their strings', async () => {
  const names = { bucket: `lasting\${1}\\ ${count}`, rawBucket: `raw${count} \${x}\\n, é` };
  await setupInflux(setup(names));
  said = [];
  await setupInflux(setup(names));
  expect(said.filter((line) => /made|changed/.test(line))).toEqual([]);
  await runTask();
});

async function refusal(change: Partial<SetupRequest>): Promise<unknown> {
  return await setupInflux(setup(change)).catch((error: unknown) => error);
}

test('a wrong admin token, organisation or address is told, and nothing is made', async () => {
  const before = [await retentions(), await influxd.call('GET', '/api/v2/authorizations')];
  const weak = await influxd.makeToken([await influxd.makeBucket(`weak${count}`)], ['read']);
  const wrong = 'a-wrong-token-of-an-administrator';
  const refused = await refusal({ adminToken: wrong });
  expect(refused).toMatchObject({ name: 'BenchError', code: 'influx-token-refused', exitCode: 3 });
  expect(inspect(refused, { depth: 9, showHidden: true })).not.toContain(wrong);
  const noOrganisation = await refusal({ org: 'nobody' });
  expect(noOrganisation).toMatchObject({ name: 'BenchError', code: 'influx-no-organisation' });
  expect(inspect(noOrganisation, { depth: 9, showHidden: true })).not.toContain(influxd.adminToken);
  expect(await refusal({ adminToken: weak.token })).toMatchObject({ code: 'influx-no-organisation' });
  expect(await refusal({ url: 'http://127.0.0.1:9' })).toMatchObject({ code: 'influx-unreachable' });
  expect(await refusal({ rawBucket: setup().bucket })).toMatchObject({ code: 'one-bucket' });
  expect(await refusal({ rawBucket: 'site/raw' })).toMatchObject({ code: 'bucket-name' });
  expect(said).toEqual([]);
  await influxd.call('DELETE', `/api/v2/authorizations/${weak.id}`);
  const { [`weak${count}`]: _, ...after } = await retentions();
  expect([after, await influxd.call('GET', '/api/v2/authorizations')]).toEqual(before);
  expect(existsSync(setup().tokenFolder)).toBe(false);
});

function fileIn(parent: string): string {
  const path = join(parent, `file${count}`);
  writeFileSync(path, '');
  return path;
}

/** What is refused, what it says to do, and that done. */
test.each<[string, () => Partial<SetupRequest>, RegExp, () => Partial<SetupRequest>]>([
  ['another token', () => ({ adminToken: 'wrong' }), /give an all-access token .* --admin-token-file/, () => ({})],
  ['no such organisation', () => ({ org: 'nobody' }), /give an all-access token|--influx-org nobody/, () => ({})],
  ['no server', () => ({ url: 'http://127.0.0.1:9' }), /check the address, --influx-url/, () => ({})],
  [
    'one bucket for both',
    () => ({ rawBucket: setup().bucket }),
    /give the samples another --influx-raw-bucket/,
    () => ({}),
  ],
  ['a slash', () => ({ rawBucket: 'site/raw' }), /without a slash for .* --influx-raw-bucket/, () => ({})],
  ['a minute', () => ({ retentionSeconds: 60 }), /change what the server/, () => ({ retentionSeconds: 3600 })],
  [
    'a file as folder',
    () => ({ tokenFolder: join(fileIn(folder), 'tokens') }),
    /give another --token-folder/,
    () => ({}),
  ],
  ['a folder of the kernel', () => ({ tokenFolder: '/proc/hepbench' }), /give another --token-folder/, () => ({})],
])('%s: what the refusal says to do helps', async (_what, wrong, hint, right) => {
  expect(await refusal(wrong())).toMatchObject({ hint: expect.stringMatching(hint) });
  await setupInflux(setup(right()));
  expect(Object.keys(await retentions())).toEqual(expect.arrayContaining([setup().bucket, setup().rawBucket]));
});

test('a retention below an hour is refused in the words of the server', async () => {
  expect(await refusal({ retentionSeconds: 60 })).toMatchObject({ code: 'influx-refused' });
  expect(String(await refusal({ retentionSeconds: 60 }))).toContain('at least 1h');
});

test('a token that cannot be stored is not left on the server', async () => {
  const counter = planted('names, folders and rights', 'a folder for tokens below a file');
  const blocked = fileIn(folder);
  const unusable = { name: 'BenchError', code: 'token-file-unusable' };
  expect(await refusal({ tokenFolder: join(blocked, 'tokens') })).toMatchObject(unusable);
  const left = await authorizations();
  counter.left('tokens', left.length);
  expect(left).toEqual([]);
  const made = await setupInflux(setup());
  const tokens = Object.values(await tokensOf(made)).filter((token) => token !== '');
  counter.lost('tokens', 2, 2 - tokens.length);
  expect(tokens).toHaveLength(2);
});

test('a database name of InfluxQL that leads to another bucket is told and left alone', async () => {
  const bucketID = await influxd.makeBucket(`other${count}`);
  const mapping = {
    org: influxd.org,
    bucketID,
    database: setup().rawBucket,
    retention_policy: 'autogen',
    default: true,
  };
  await influxd.call('POST', '/api/v2/dbrps', mapping);
  const refused = await refusal({});
  expect(refused).toMatchObject({ code: 'influx-name-taken' });
  expect(await authorizations()).toEqual([]);
  // What it says to do helps: here as the command of influx does it.
  const [, id = ''] =
    /dbrp delete --org \S+ --id (\w+)/.exec(String(refused instanceof BenchError && refused.hint)) ?? [];
  await influxd.call('DELETE', `/api/v2/dbrps/${id}?org=${influxd.org}`);
  await setupInflux(setup());
  expect(await authorizations()).toHaveLength(2);
});
