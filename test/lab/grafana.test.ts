import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ALL,
  grafanaDashboards,
  otherQueriesOf,
  queriesOf,
  type Situation,
  substituted,
} from '../../dashboards/grafana/index.ts';
import { cardinalityOf } from '../../cli/prepare/cardinality.ts';
import { ALERTS, type Alert } from '../../dashboards/grafana/alerts.ts';
import { measurementOf } from '../../core/model/samples.ts';
import { AXIS_LIST } from '../../core/model/axes.ts';
import { TrialRecord } from '../../core/model/record.ts';
import { readExperiment } from '../../results/store/folder.ts';
import { sampleEncoder, tagsOf, trialPoint } from '../../results/influx/points.ts';
import { linesOf } from '../../results/influx/lines.ts';
import { senderTo } from '../../results/influx/send.ts';
import {
  benchGood,
  eventsIn,
  experimentsIn,
  journalsIn,
  makePlace,
  type Place,
  processesOf,
  startBench,
  waitFor,
} from '../system/harness.ts';
import { evaluate, type Point } from './influxd/reference.ts';
import { type Influxd, type Row, startInfluxd } from './influxd/server.ts';

// Every query of every dashboard, on a real server, after real experiments: its answer is what the journals give when the query is
// read by somebody else.
let influxd: Influxd;
let place: Place;
let points: { raw: Point[]; lasting: Point[] };
let situation: Situation;

beforeAll(async () => {
  influxd = await startInfluxd();
  place = makePlace();
  for (const bucket of ['raw', 'lasting']) await influxd.makeBucket(bucket);
  const tokenFile = join(place.folder, 'token');
  writeFileSync(tokenFile, influxd.adminToken, { mode: 0o600 });
  const server = `--influx-url ${influxd.url} --influx-token-file ${tokenFile} --influx-org ${influxd.org}`;
  const sink =
    `${server} --influx-bucket lasting --influx-raw-bucket raw --interval 0.2 --site lab --reports-url http://reports.example`.split(
      ' ',
    );
  const from = Date.now() - 60_000;
  const adl =
    '--files 2 --events 16000 --tasks 4 --param queries=1/1..8 --workers 1,2 --sessions 1 --repeats 2 --memory-limit 4GB';
  await benchGood(place, [...adl.split(' '), ...sink]);
  await benchTainted(sink);
  situation = { from, to: Date.now() + 60_000, intervalSeconds: 5 };
  points = pointsOf(experimentsIn(place).flatMap((experiment) => journalsIn(experiment)));
}, 1_800_000);
afterAll(async () => {
  place.remove();
  await influxd.remove();
});

/** One trial that loses a worker, and one that is too slow: for the panel of trials that do not count. */
async function benchTainted(sink: readonly string[]): Promise<void> {
  const control =
    '--suite control --param kind=sleep --param amount=1 --tasks 8 --workers 2 --no-reference --sessions 1 --repeats 1';
  const { ended, output } = startBench(place, [...control.split(' '), ...sink]);
  const workers = () =>
    processesOf(place).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0worker\0'));
  await waitFor('a running trial', () =>
    journalsIn(experimentsIn(place)[1] ?? '').some((path) => readFileSync(path, 'utf8').includes('"name":"graph"')),
  );
  const [worker] = workers();
  if (worker === undefined) throw new Error('no worker to kill');
  process.kill(worker, 'SIGKILL');
  expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
  const slow = startBench(place, [...control.split(' '), '--trial-timeout', '2', ...sink]);
  expect(await slow.ended).toBe(4);
}

/** What the journals and records say, as points of the two buckets. */
function pointsOf(journals: readonly string[]): { raw: Point[]; lasting: Point[] } {
  const raw: Point[] = [];
  const lasting: Point[] = [];
  for (const path of journals) {
    const events = eventsIn(path);
    const planned = events.find((event) => event.type === 'planned');
    if (planned?.type !== 'planned') throw new Error(`${path} has no plan`);
    const context = { ...planned.point, site: 'lab', run: planned.experiment, cluster: planned.block };
    for (const event of events) {
      if (event.type !== 'sample') continue;
      const { name: measurement } = measurementOf(event.collector);
      const tags = tagsOf(event.collector, event.target, context);
      raw.push({ measurement, time: Math.round(event.t * 1e6), tags, fields: event.values });
    }
    const record = TrialRecord.parse(JSON.parse(readFileSync(join(dirname(path), 'record.json'), 'utf8')));
    const { tags, fields, t } = trialPoint(
      record,
      { site: 'lab', commit: 'unknown', reportsUrl: 'http://reports.example' },
      planned.t,
    );
    const known = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    lasting.push({ measurement: 'hepbench_trial', time: Math.round(t * 1e6), tags, fields: Object.fromEntries(known) });
  }
  return { raw, lasting };
}

/** A row as text: tags and values by name, numbers to ten digits, time only where the query has one. */
function textOf(values: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== '');
  return JSON.stringify(
    entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [
        name,
        typeof value === 'number' && name !== 'time' ? value.toPrecision(10) : String(value),
      ]),
  );
}

function expected(query: string, among: readonly Point[]): string[] {
  return evaluate(query, among)
    .map(({ time, tags, fields }) => textOf({ ...tags, ...fields, ...(time === undefined ? {} : { time }) }))
    .toSorted();
}

/** Rows of the server without those in which nothing but the time of an interval is said. */
function answered(rows: readonly Row[], query: string): string[] {
  const [, groups = ''] = /GROUP BY ((?:(?!GROUP BY).)*)$/.exec(query) ?? [];
  const timed = /time\(/.test(groups) || !/^SELECT \w+\(/.test(query);
  const tags = new Set([...groups.matchAll(/"(\w+)"/g)].map(([, name]) => name));
  const tabled = query.includes('FROM (') && !query.includes('time(');
  return rows
    .filter((row) => Object.entries(row).some(([name, value]) => name !== 'time' && !tags.has(name) && value !== null))
    .map(({ time, ...row }) => textOf({ ...row, ...(timed && !tabled ? { time } : {}) }))
    .toSorted();
}

const ALL_OF = Object.fromEntries(
  ['site', ...AXIS_LIST.map(({ tag }) => tag), 'worker', 'run', 'cluster'].map((name) => [name, ALL]),
);

// What this machine cannot have.
const MAY_BE_EMPTY = new Set(['Throttled, each worker', 'Host pressure']);

const queries = grafanaDashboards.flatMap(({ model }) => queriesOf(model));
type Placed = (typeof queries)[number];
const named = queries.map((query) => [`${query.dashboard} ${query.panelTitle} ${query.refId}`, query] as const);

/** Rows of a query on the server, and what the journals give for it. */
async function both(
  { datasource, query }: Omit<Placed, 'panelId'>,
  chosen: Readonly<Record<string, string | readonly string[]>>,
) {
  if (datasource === undefined) throw new Error('no data source');
  const text = substituted(query, { ...situation, ...chosen });
  const rows = await influxd.query(datasource, text);
  return { rows, answer: answered(rows, text), text, among: points[datasource] };
}

test.each(named)('%s shows what the journals say', async (_, placed) => {
  const some = [ALL_OF, { ...ALL_OF, backend: 'coffea' }, { ...ALL_OF, backend: ['coffea', 'dask'], workers: '2' }];
  for (const chosen of some) {
    const { answer, text, among } = await both(placed, chosen);
    expect(answer).toEqual(expected(text, among));
  }
});

test.each(named.filter(([, { panelTitle }]) => !MAY_BE_EMPTY.has(panelTitle)))(
  '%s is not empty, and without its fields it would not be the same',
  async (_, placed) => {
    const { answer, text, among } = await both(placed, ALL_OF);
    expect(answer.length).toBeGreaterThan(0);
    const called = [...placed.query.matchAll(/\w+\("(\w+)"|SELECT "(\w+)"/g)].map(
      ([, one, other]) => one ?? other ?? '',
    );
    const fields = new Set(called);
    const without = among.map((point) => ({
      ...point,
      fields: Object.fromEntries(Object.entries(point.fields).filter(([name]) => !fields.has(name))),
    }));
    expect(expected(text, without)).not.toEqual(answer);
  },
);

test('variables offer what was run, and the annotation marks each experiment once', async () => {
  const others = grafanaDashboards.flatMap(({ model }) => otherQueriesOf(model));
  const offered = new Map<string, number>();
  for (const other of others) {
    const { rows } = await both(other, ALL_OF);
    offered.set(other.panelTitle, new Set(rows.map((row) => row['value'] ?? row['experiment'])).size);
  }
  expect(Object.fromEntries(offered)).toEqual({
    'variable site': 1,
    'variable suite': 2,
    'variable backend': 3,
    'variable runner': 2,
    'variable threads_per_worker': 1,
    'variable start_method': 2,
    'variable parameters': 3,
    'variable files': 2,
    'variable file_bytes': 2,
    // Nobody asked for another value than runs had before there were these axes.
    'variable codec': 0,
    'variable cluster_events': 0,
    'variable clone': 0,
    'variable run': experimentsIn(place).length,
    'variable cluster': 6,
    'variable worker': 3,
    'variable workers': 2,
    'annotation Experiments': experimentsIn(place).length,
  });
});

test('a run makes as many series as its plan says, and all of them carry its name', async () => {
  const [experiment = ''] = experimentsIn(place);
  const { id, blocks } = readExperiment(experiment);
  const series = await influxd.query('raw', `SHOW SERIES WHERE "run" = '${id}'`);
  // A serial block has no scheduler of Dask, which the plan counts all the same.
  const serial = blocks.filter(({ trials }) => trials[0]?.point.runner === 'serial').length;
  expect(series.length).toBe(cardinalityOf(blocks).raw - serial);
  const of = await influxd.query(
    'lasting',
    'SELECT count("valid") FROM "hepbench_trial" WHERE "suite" = \'adl\' GROUP BY *',
  );
  expect(of.length).toBe(cardinalityOf(blocks).lasting);
  expect(await influxd.query('raw', `SHOW SERIES WHERE "run" !~ /./`)).toEqual([]);
});

/** Whether an alert fires on a bucket: the last value of any series is out of its range, or there is none and that is one, too. */
async function fires({ query, fires: { when, than }, noData }: Alert, bucket: string): Promise<boolean> {
  const rows = await influxd.query(bucket, query);
  const values = rows.map(({ invalid, backlog, trials, lost }) => Number(invalid ?? backlog ?? trials ?? lost));
  if (values.length === 0) return noData === 'Alerting';
  return values.some((value) => (when === 'above' ? value > than : value < than));
}

test('alerts fire for what happened and for nothing else', async () => {
  const now = Object.fromEntries(
    await Promise.all(ALERTS.map(async (alert) => [alert.uid, await fires(alert, alert.source)] as const)),
  );
  // One trial was too slow; nothing was lost, nothing waits, and trials came.
  expect(now).toEqual({
    'hepbench-invalid-trials': true,
    'hepbench-backlog': false,
    'hepbench-no-trial': false,
    'hepbench-lost-events': false,
  });
  await influxd.makeBucket('trouble');
  const context = { site: 'lab', runner: 'local', suite: 'adl', backend: 'coffea', run: 'e', cluster: 'b' };
  const values = { sink_missing_events_total: 3, sink_backlog_bytes: 2e7 };
  const line = sampleEncoder(context)({ t: Date.now() / 1000 - 5, collector: 'sink', target: 'influx', values });
  const { url, org, adminToken: token } = influxd;
  await senderTo({ url, org, bucket: 'trouble', rawBucket: 'trouble', token, timeoutMs: 5000 })(
    'trouble',
    linesOf([line]),
  );
  const then = Object.fromEntries(
    await Promise.all(ALERTS.map(async (alert) => [alert.uid, await fires(alert, 'trouble')] as const)),
  );
  expect(then).toEqual({
    'hepbench-invalid-trials': false,
    'hepbench-backlog': true,
    'hepbench-no-trial': true,
    'hepbench-lost-events': true,
  });
});
