import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { counterOfTest, planted } from '../house/faults.ts';
import { z } from 'zod';
import { openJournal } from '../../core/engine/journal.ts';
import { seededRandom } from '../../core/stats/random.ts';
import {
  bench,
  benchGood,
  experimentsIn,
  journalsIn,
  makePlace,
  type Place,
  processesOf,
  startBench,
  waitFor,
} from '../system/harness.ts';
import { differences, samplesIn, storedSamples, summaryDifferences } from './influxd/compare.ts';
import { type Influxd, startInfluxd } from './influxd/server.ts';

// A real experiment and a real InfluxDB that is killed, revoked and taken away. Afterwards the server holds exactly what the
// journals hold: every sample once, with every value.
let influxd: Influxd;
let place: Place;
let bucket = { raw: '', lasting: '', id: '' };
let token = { token: '', id: '' };
let tokenFile: string;
let readTokenFile: string | undefined;
let buckets = 0;

beforeAll(async () => {
  influxd = await startInfluxd();
}, 1_200_000);
afterAll(async () => {
  place.remove();
  await influxd.remove();
});
beforeEach(async () => {
  place?.remove();
  place = makePlace();
  buckets += 1;
  readTokenFile = undefined;
  const names = { raw: `raw${buckets}`, lasting: `lasting${buckets}` };
  const ids = [await influxd.makeBucket(names.raw), await influxd.makeBucket(names.lasting)];
  bucket = { ...names, id: ids[0] ?? '' };
  token = await influxd.makeToken(ids, ['write']);
  tokenFile = join(place.folder, 'token');
  writeFileSync(tokenFile, `${token.token}\n`, { mode: 0o600 });
});

/** Two trials of `seconds` each on one worker, sampled ten times a second. */
function control(seconds: number): string[] {
  const what = `--suite control --param kind=sleep --param amount=${seconds / 4} --tasks 4`;
  return `${what} --workers 1 --no-reference --sessions 1 --repeats 1 --interval 0.1`.split(' ');
}

function sending(wait = '30'): string[] {
  const server = `--influx-url ${influxd.url} --influx-token-file ${tokenFile} --influx-org ${influxd.org}`;
  const { lasting, raw } = bucket;
  return `${server} --influx-bucket ${lasting} --influx-raw-bucket ${raw} --influx-wait ${wait}`
    .split(' ')
    .concat(readTokenFile === undefined ? [] : ['--influx-read-token-file', readTokenFile]);
}

/** Server and journals of all experiments of this place hold the same. */
async function expectAllStored(): Promise<number> {
  const journals = experimentsIn(place).flatMap((experiment) => journalsIn(experiment));
  const samples = samplesIn(journals);
  const different = differences(samples, await storedSamples(influxd, bucket.raw));
  counterOfTest().lost('points', samples.length, different.length);
  expect(different).toEqual([]);
  expect(await summaryDifferences(influxd, bucket.lasting, journals)).toEqual([]);
  return samples.length;
}

async function push(): Promise<void> {
  for (const experiment of experimentsIn(place)) {
    const { exitCode, stdout, stderr } = await bench(place, ['push', experiment, ...sending()]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(', 0 lost,');
  }
}

test('during a trial a query sees samples younger than 5 s, and afterwards exactly those of the journals', async () => {
  const { ended, output } = startBench(place, [...control(8), '--interval', '1', ...sending()]);
  const youngest: number[] = [];
  await waitFor('the second trial', () => output.text.includes('1/2'));
  for (let look = 0; look < 7; look += 1) {
    await sleep(1000);
    const rows = await influxd.query(bucket.raw, 'SELECT last(rss_bytes) FROM hepbench_worker');
    if (rows.length > 0 && look > 2) youngest.push(Date.now() / 1000 - Number(rows[0]?.['time']) / 1e6);
  }
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  expect(youngest.length).toBeGreaterThan(2);
  expect(Math.max(...youngest)).toBeLessThan(5);
  const [line = '', cost, start] =
    /influx: \d+ lines sent, 0 lost, ([\d.]+) CPU-seconds in \d+ s: [\d.]+ % of a core, after ([\d.]+) to start/.exec(
      output.text,
    ) ?? [];
  console.log(line);
  // Under 1 % of a core where its start takes 0.15 CPU-seconds; on a slower one both take more.
  expect(Number(cost)).toBeLessThan(1.25 * Number(start));
  expect(await expectAllStored()).toBeGreaterThan(30);
});

test('the comparison sees one sample that is missing, one value that differs, and one point too many', async () => {
  await benchGood(place, [...control(0.4), ...sending()]);
  const samples = samplesIn(journalsIn(experimentsIn(place)[0] ?? ''));
  const rows = await storedSamples(influxd, bucket.raw);
  expect(differences(samples, rows)).toEqual([]);
  expect(differences(samples, rows.slice(1))).toHaveLength(1);
  expect(differences(samples.slice(1), rows)).toHaveLength(1);
  const [first, ...others] = rows;
  expect(
    differences(samples, [
      { ...first, sink_cpu_seconds_total: 1e9, rss_bytes: 1, host_load1: -1, dask_scheduler_clients: -1 },
      ...others,
    ]),
  ).not.toEqual([]);
});

test('the server killed with -9 for 20 s in the middle of a trial: nothing is lost, and the trial does not wait', async () => {
  planted('a connection is lost', 'InfluxDB is killed for 20 s in a trial');
  const { ended, output } = startBench(place, [...control(12), ...sending()]);
  await waitFor('the first trial', () => samplesIn(experimentsIn(place).flatMap((one) => journalsIn(one))).length > 20);
  await influxd.kill();
  await sleep(20_000);
  await influxd.start();
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  expect(await expectAllStored()).toBeGreaterThan(200);
});

test('the server away for the whole run: exit code 7, everything in the journals, and bench push sends it', async () => {
  planted('a connection is lost', 'InfluxDB is away for the whole run, then bench push');
  await influxd.stop();
  const { exitCode, stderr } = await bench(place, [...control(2), ...sending('1')]);
  expect(exitCode).toBe(7);
  expect(stderr).toMatch(/note: InfluxDB at http:.*ECONNREFUSED/);
  expect(stderr).toMatch(
    /0 lines sent.* not sent \(.*ECONNREFUSED.*\)\n {2}nothing is lost: bench push \S+ sends the rest/,
  );
  await influxd.start();
  await push();
  expect(await expectAllStored()).toBeGreaterThan(40);
});

/** A token that may read both buckets, in a file of its own. */
async function readerFile(): Promise<string> {
  const { buckets: known } = z
    .object({ buckets: z.array(z.object({ id: z.string(), name: z.string() })) })
    .parse(await influxd.call('GET', '/api/v2/buckets?limit=100'));
  const ids = known.filter(({ name }) => [bucket.raw, bucket.lasting].includes(name)).map(({ id }) => id);
  const path = join(place.folder, 'reader');
  writeFileSync(path, (await influxd.makeToken(ids, ['read'])).token, { mode: 0o600 });
  return path;
}

test('a run ends with what the server holds of its last trial; a lost bucket is seen by --verify and filled by --again', async () => {
  const counter = planted('a server refuses or loses', 'a point, then a bucket is gone, then push --again');
  // The token that writes may not read: that is said, with what to do, and following it helps.
  const { stderr } = await benchGood(place, [...control(0.4), ...sending()]);
  expect(stderr).toMatch(
    /influx: what is stored was not counted: bucket raw\d+: 200 database not found: raw\d+: the token may not read this bucket \(tried: the token that writes, as no other was given\)\n {2}name a token that may read with --influx-read-token-file/,
  );
  readTokenFile = await readerFile();
  const run = await benchGood(place, [...control(0.4), ...sending()]);
  expect(run.stderr).toMatch(/influx: stored are all [1-9]\d* points and 1 trial of 1 journal$/m);
  const { experiment } = run;
  const verified = async () => await bench(place, ['push', experiment, '--verify', ...sending()]);
  const good = await verified();
  expect(good).toMatchObject({ exitCode: 0, stderr: '' });
  expect(good.stdout).toMatch(
    /influx: 0 lines sent, .*\ninflux: stored are all \d+ points and 2 trials of 2 journals$/s,
  );

  // A point that is gone, and then all of them.
  const [lost] = samplesIn(journalsIn(experiment)).filter(({ collector }) => collector === 'host');
  const at = (seconds: number) => new Date(Math.round(seconds * 1000)).toISOString();
  await influxd.call('POST', `/api/v2/delete?org=${influxd.org}&bucket=${bucket.raw}`, {
    start: at((lost?.t ?? 0) - 0.01),
    stop: at((lost?.t ?? 0) + 0.01),
    predicate: `_measurement="hepbench_host"`,
  });
  expect(await verified()).toMatchObject({
    exitCode: 7,
    stdout: expect.stringMatching(/not stored are 1 of \d+ points and 0 of 2 trials: what was acknowledged is gone/),
  });
  await influxd.call('DELETE', `/api/v2/buckets/${bucket.id}`);
  await influxd.makeBucket(bucket.raw);
  token = await influxd.makeToken([], ['write', 'read']);
  writeFileSync(tokenFile, token.token);
  readTokenFile = undefined;
  const gone = await verified();
  const [, missing, of, command = ''] =
    /not stored are (\d+) of (\d+) points .*\n {2}(bench push \S+ --again) sends everything once more/.exec(
      gone.stdout,
    ) ?? [];
  expect([gone.exitCode, missing]).toEqual([7, of]);
  const again = await bench(place, [...command.split(' ').slice(1), ...sending()]);
  expect(again).toMatchObject({ exitCode: 0, stderr: '' });
  expect((await verified()).exitCode).toBe(0);
  const samples = samplesIn(journalsIn(experiment));
  const ours = (await storedSamples(influxd, bucket.raw)).filter(({ run: name }) => experiment.endsWith(String(name)));
  counter.lost('points', samples.length, differences(samples, ours).length);
  // Points of our series that no journal holds are told, too.
  const series = await influxd.query(bucket.raw, 'SHOW SERIES FROM hepbench_host');
  const [odd] = series.filter(({ key }) => String(key).includes(experiment.split('/').at(-1) ?? ''));
  const written = await fetch(`${influxd.url}/api/v2/write?org=${influxd.org}&bucket=${bucket.raw}&precision=us`, {
    method: 'POST',
    headers: { Authorization: `Token ${influxd.adminToken}` },
    body: `${odd?.['key']} host_load1=1 ${Math.round((lost?.t ?? 0) * 1e6) + 1}`,
  });
  expect(written.status).toBe(204);
  expect(await verified()).toMatchObject({
    exitCode: 7,
    stdout: expect.stringContaining('1 point of the same series and time are in no journal'),
  });
});

/** The event rates of all trials that the server has. */
async function ratesStored() {
  return await influxd.query(bucket.lasting, 'SELECT event_rate FROM hepbench_trial');
}

test('a journal that was damaged or cut short after it was sent is named, and keeps no other from being sent', async () => {
  readTokenFile = await readerFile();
  const { experiment } = await benchGood(place, [...control(0.4), ...sending()]);
  const verified = async () => await bench(place, ['push', experiment, '--verify', ...sending()]);
  const [first = '', second = ''] = journalsIn(experiment);
  const whole = readFileSync(first, 'utf8');
  writeFileSync(first, whole.replace('\n', '\nnot an event\n'));
  const damaged = await bench(place, ['push', experiment, '--again', ...sending()]);
  expect(damaged).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`${first}: line 2 is not an event`) });
  const sent = Number(/(\d+) lines sent, 1 unreadable or in no catalogue/.exec(damaged.stdout)?.[1]);
  expect(damaged.stdout).not.toContain('refused by the server');
  // A record that is still beside it says what the journal held before: no number of it goes out.
  const before = await ratesStored();
  expect(before).toHaveLength(2);
  const record = join(dirname(first), 'record.json');
  writeFileSync(record, readFileSync(record, 'utf8').replace(/"event_rate":[\d.e+-]+/, '"event_rate":999999'));
  await bench(place, ['push', experiment, '--again', ...sending()]);
  expect(await ratesStored()).toEqual(before);
  // Without the plan, or the environment after it, nothing tells of which run or site the journal is.
  const [plan = '', environment = '', ...others] = whole.split('\n');
  for (const head of [`\uFEFF${plan}\n${environment}`, `{}\n${environment}`, `${plan}\nx${environment}`]) {
    writeFileSync(first, [head, ...others].join('\n'));
    expect(await bench(place, ['push', experiment, '--again', ...sending()])).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining(`${first}: the first lines, which say of which run`),
    });
  }
  const odd = `SELECT * FROM hepbench_host WHERE run = 'unknown' OR site = 'unknown'`;
  expect(await influxd.query(bucket.raw, odd)).toEqual([]);
  writeFileSync(first, whole);
  expect(await bench(place, ['push', experiment, '--again', ...sending()])).toMatchObject({ exitCode: 0, stderr: '' });
  // A trial of which nothing is left is missed.
  renameSync(dirname(second), `${dirname(second)}-away`);
  expect(await verified()).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`${second}: is gone`) });
  renameSync(`${dirname(second)}-away`, dirname(second));
  expect(sent).toBeGreaterThan(samplesIn([second]).length);
  // Of one that is cut short no summary takes the place of the right one; where positions are damaged, --again goes by none of them.
  writeFileSync(first, readFileSync(first, 'utf8').split('\n', 1).join('').concat('\n'));
  const cut = await verified();
  expect(cut).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/holds \d+ bytes, and \d+ bytes of it were sent/),
  });
  expect(cut.stdout).toMatch(
    /^influx: 0 lines sent,.*\ninflux: stored are the .* of 1 journal that can be read; 1 journal/,
  );
  for (const name of readdirSync(dirname(first)).filter((one) => /influx-\w+\.json$/.test(one)))
    writeFileSync(join(dirname(first), name), '{');
  expect(await verified()).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('is not a position') });
  expect(await bench(place, ['push', experiment, '--again', ...sending()])).toMatchObject({ exitCode: 0, stderr: '' });
});

test('the options that influx setup prints are all that a run needs to send, and to count what is stored', async () => {
  const adminFile = join(place.folder, 'admin');
  writeFileSync(adminFile, influxd.adminToken, { mode: 0o600 });
  const where = `--influx-url ${influxd.url} --influx-org ${influxd.org} --influx-bucket made${buckets}`;
  const folder = join(place.folder, 'tokens');
  const args = `influx setup ${where} --admin-token-file ${adminFile} --token-folder ${folder}`.split(' ');
  const { stdout } = await bench(place, args);
  const [, options = ''] = /^bench (--influx(?:\\\n|.)*)/m.exec(stdout) ?? [];
  const printed = options.replaceAll('\\\n', ' ').trim().split(/\s+/);
  const { stderr } = await benchGood(place, [...control(0.4), ...printed]);
  expect(stderr).toMatch(/influx: stored are all [1-9]\d* points and 1 trial of 1 journal$/m);
});

test('nothing is nothing, and not all: the journal of a monitor that saw no worker is told by --verify', async () => {
  const folder = join(place.folder, 'monitor', 'm0');
  mkdirSync(folder, { recursive: true });
  const journal = openJournal(join(folder, 'segment-000001.jsonl'), 'segment-000001');
  journal.write('engine', { type: 'environment', facts: { monitor: 'm0', cluster: 'c' } });
  journal.close();
  readTokenFile = await readerFile();
  const { exitCode, stdout } = await bench(place, ['push', folder, '--verify', ...sending()]);
  expect([exitCode, stdout]).toEqual([
    7,
    expect.stringMatching(/nothing was counted: .* hold no sample and no trial$/),
  ]);
});

test('bench push takes the folder of a monitor, and refuses a folder without a journal', async () => {
  const folder = join(place.folder, 'monitor', 'm1');
  mkdirSync(folder, { recursive: true });
  const now = Math.floor(Date.now() / 1000);
  const journals = ['segment-000001', 'segment-000002'].map((name, index) => {
    const path = join(folder, `${name}.jsonl`);
    const journal = openJournal(path, name);
    journal.write('engine', { type: 'environment', facts: { monitor: 'm1', cluster: 'c' } });
    for (let second = 0; second < 20; second += 1) {
      const values = { rss_bytes: second };
      journal.write(
        'agent/w0',
        { type: 'sample', collector: 'agent', target: 'w0', values },
        now - 100 + 20 * index + second,
      );
    }
    journal.close();
    return path;
  });
  readTokenFile = await readerFile();
  const pushed = await bench(place, ['push', folder, '--verify', ...sending()]);
  expect(pushed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(pushed.stdout).toMatch(
    /40 lines sent, 0 lost.*\ninflux: stored are all 40 points and 0 trials of 2 journals$/s,
  );
  expect(differences(samplesIn(journals), await storedSamples(influxd, bucket.raw))).toEqual([]);

  // Whatever is wrong with a file of the journal is said, the rest is sent, and nobody speaks of all.
  const verified = async (...args: readonly string[]) =>
    await bench(place, ['push', folder, '--verify', ...sending(), ...args]);
  const [first = '', second = ''] = journals;
  const whole = readFileSync(first, 'utf8');
  const lines = whole.split('\n');
  const ofAnotherKind = (lines[4] ?? '').replace('"seq":4', '"seq":"four","t":false').replace('"t":1', '"was":1');
  for (const [damage, said] of [
    [lines.with(2, 'not an event').join('\n'), 'line 3 is not an event: not JSON\n'],
    [lines.with(2, '{').with(4, '[').join('\n'), 'line 3 is not an event: not JSON; nor is 1 more line\n'],
    [lines.with(4, ofAnotherKind).join('\n'), 'line 5 is not an event: seq: expected number, received string'],
    [`${whole}{"v":1,"tr`, 'its last line is cut short\n'],
    [lines.slice(0, 10).join('\n').concat('\n'), `bytes, and ${whole.length} bytes of it were sent`],
    [undefined, `is gone, and ${whole.length} bytes of it were sent`],
  ] as const) {
    if (damage === undefined) rmSync(first);
    else writeFileSync(first, damage);
    const damaged = await verified();
    expect(damaged).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`bench: ${first}: `) });
    expect(damaged.stderr).toContain(said);
    expect(damaged.stderr).toMatch(/^bench: .*\n {2}restore the file.*$/);
    expect(damaged.stdout).toMatch(/; 1 journal of this folder cannot be read whole/);
    expect(damaged.stdout).not.toMatch(/stored are all|refused by the server/);
    writeFileSync(first, whole);
    expect(await verified('--again')).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: expect.stringMatching(/stored are all 40 points and 0 trials of 2 journals$/),
    });
  }
  // What a kill cuts short is the end of the last file.
  writeFileSync(second, `${readFileSync(second, 'utf8')}{"v":1,"tr`);
  expect(await verified()).toMatchObject({ exitCode: 0, stderr: '' });
  // A token that is not known there is no empty bucket, and a bucket that is gone is none that one may not read.
  const known = readTokenFile;
  readTokenFile = join(place.folder, 'unknown');
  writeFileSync(readTokenFile, 'unknown');
  expect(await verified()).toMatchObject({
    exitCode: 7,
    stdout: expect.stringMatching(
      /not counted: bucket raw\d+: 401 .*: the token is not known there \(tried: that of --influx-read-token-file\)\n {2}name a token that may read/,
    ),
  });
  readTokenFile = known;
  await influxd.call('DELETE', `/api/v2/buckets/${bucket.id}`);
  token = await influxd.makeToken([], ['write']);
  writeFileSync(tokenFile, token.token);
  expect(await verified()).toMatchObject({
    exitCode: 7,
    stdout: expect.stringContaining(`there is no such bucket\n  make it with \`bench influx setup\``),
  });

  const none = await bench(place, ['push', join(place.folder, 'monitor', 'm2'), ...sending()]);
  expect(none).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('or of a monitor') });
  const empty = await bench(place, ['push', join(place.folder, 'monitor'), ...sending()]);
  expect(empty).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('bench list experiments') });
});

test('a token that is revoked and given back: nothing is lost', async () => {
  planted('a server refuses or loses', 'the token is revoked for 4 s in a trial');
  const { ended, output } = startBench(place, [...control(6), ...sending()]);
  await waitFor('the first trial', () => samplesIn(experimentsIn(place).flatMap((one) => journalsIn(one))).length > 20);
  await influxd.setActive(token.id, false);
  await sleep(4000);
  await influxd.setActive(token.id, true);
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  await expectAllStored();
});

test('a bucket that is missing at first and made later: nothing is lost', async () => {
  planted('a server refuses or loses', 'the bucket is made when the run goes on already');
  await influxd.call('DELETE', `/api/v2/buckets/${bucket.id}`);
  token = await influxd.makeToken([], ['write']);
  writeFileSync(tokenFile, token.token);
  const { ended, output } = startBench(place, [...control(6), ...sending()]);
  await waitFor('the first trial', () => output.text.includes('1/2'));
  expect(output.text).toMatch(/note: InfluxDB at .*: bucket raw\d+: 404/);
  await influxd.makeBucket(bucket.raw);
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  await expectAllStored();
});

const KILLS = 20;
const SEED = 20261124;

/** Takes the server away and brings it back until `signal` is aborted. */
async function flap(random: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(1000 + random() * 2000);
    await influxd.kill();
    await sleep(500 + random() * 1000);
    await influxd.start();
  }
}

test('bench killed with -9 at 20 random moments while the server flaps, then bench push: exactly the journals are stored', async () => {
  planted('a process is killed', `bench, ${KILLS} times while InfluxDB comes and goes, then bench push`);
  const random = seededRandom(SEED);
  const done = new AbortController();
  const flaps = flap(random, done.signal);
  // Two at a time: each spends most of its time waiting for processes to start.
  const lane = async () => {
    for (let kill = 0; kill < KILLS / 2; kill += 1) {
      const { child, ended, output } = startBench(place, [...control(3), ...sending('0')]);
      // Every other one has ended a trial, however slow the machine is; the others may have written nothing yet.
      const [what, text] = kill % 2 === 0 ? ['its plan', 'experiment '] : ['its first trial', '1/2'];
      await waitFor(what, () => output.text.includes(text));
      await sleep(random() * 2500);
      child.kill('SIGKILL');
      await ended;
    }
  };
  await Promise.all([lane(), lane()]);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 10_000);
  done.abort();
  await flaps;
  const before = (await storedSamples(influxd, bucket.raw)).length;
  await push();
  const samples = await expectAllStored();
  expect(samples).toBeGreaterThan(100);
  // Killed at different moments: something was left to send, and something was sent before.
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(samples);
});

test.each(['file', 'environment'])(
  'a token from the %s is in no file, no output and no process of ours',
  async (from) => {
    const args = sending();
    const env = from === 'file' ? {} : { BENCH_INFLUX_TOKEN: token.token };
    const given = from === 'file' ? args : args.toSpliced(args.indexOf('--influx-token-file'), 2);
    const { child, ended, output } = startBench(place, [...control(2), ...given], env);
    await waitFor('the first trial', () => output.text.includes('experiment '));
    await waitFor('the session', () => processesOf(place).length > 3);
    // What the shell gave to `bench` itself stays visible to its owner; nothing that it starts gets it.
    const started = () => processesOf(place).filter((pid) => from === 'file' || pid !== child.pid);
    await waitFor('its processes', () => started().length > 2);
    const ours = started();
    const processes = ours.map((pid) =>
      ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')),
    );
    expect(processes.length).toBeGreaterThan(2);
    expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
    const files = readdirSync(place.results, { recursive: true, encoding: 'utf8' })
      .map((name) => join(place.results, name))
      .filter((path) => statSync(path).isFile());
    const holders = files.filter((path) => readFileSync(path).includes(token.token));
    expect(holders).toEqual([]);
    expect(output.text).not.toContain(token.token);
    expect(JSON.stringify(processes)).not.toContain(token.token);
    // The search does find what is there.
    expect(files.filter((path) => readFileSync(path).includes(influxd.org)).length).toBeGreaterThan(0);
    await expectAllStored();
  },
);

test('a plan says how many series it adds, and sends nothing', async () => {
  const { stdout } = await benchGood(place, [...control(1), ...sending(), '--dry-run']);
  expect(stdout).toContain('InfluxDB: at most 4 series of samples and 2 of summaries are new.');
  expect(await influxd.query(bucket.raw, 'SHOW MEASUREMENTS')).toEqual([]);
});
