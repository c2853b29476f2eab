import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aTrial, closed, recordFrom, sample, textOf } from '../../core/engine/test/journal-of.ts';
import { filesBeside } from './destination.ts';
import { writePosition } from './position.ts';
import { countStored, pushAll } from './sink.ts';

// What a real server does is tried in test/lab/influx.test.ts; here are servers of another kind.
let folder: string;
let server: ReturnType<typeof createServer>;
let answer: string;
let status: number;
beforeEach(async () => {
  status = 200;
  folder = mkdtempSync(join(tmpdir(), 'hepbench-verify-'));
  server = createServer((request, response) => {
    request.resume();
    if (request.url?.startsWith('/api/v2/write') === true) response.writeHead(204).end();
    else response.writeHead(status).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function place() {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    org: 'o',
    bucket: 'lasting',
    rawBucket: 'raw',
    token: 't',
    timeoutMs: 5000,
    readToken: undefined,
  };
}

function journal(): string {
  const samples = ['w0', 'w1'].flatMap((name) =>
    [100, 101, 102].map((t) => sample(name, t, { rss_bytes: t, not_in_the_catalogue: 1 })),
  );
  const good = ['w0', 'w1'].flatMap((name) => [103, 104].map((t) => sample(name, t, { rss_bytes: t })));
  const trial = closed(aTrial([...samples, ...good]));
  writeFileSync(join(folder, 'events.jsonl'), textOf(trial));
  writeFileSync(join(folder, 'record.json'), JSON.stringify(recordFrom(trial)));
  return join(folder, 'events.jsonl');
}

test('a server that answers 204 and stores nothing is found out', async () => {
  const path = journal();
  expect(await pushAll(place(), [path], 5000)).toMatchObject({ sent: 5, setAside: 0, unfit: 6, problem: null });
  answer = '{"results":[{"statement_id":0}]}';
  // What was set aside before the server saw it is not asked for.
  expect(await countStored(place(), [path])).toEqual({
    points: 4,
    summaries: 1,
    missingPoints: 4,
    missingSummaries: 1,
    foreignPoints: 0,
  });
});

test('workers whose names are stored alike are one series, and a line that was cut short is no line', async () => {
  const path = join(folder, 'killed.jsonl');
  const names = ['w\u001B0', 'w_0', 'w1'];
  const samples = names.flatMap((name, index) => [100, 101].map((t) => sample(name, t + index / 8, { rss_bytes: t })));
  const lines = textOf(closed(aTrial(samples)))
    .split('\n')
    .slice(0, -2);
  writeFileSync(path, `${lines.join('\n')}\n{"v":1,"tri`);
  const row = (worker: string, count: number) => ({
    tags: { site: 'unknown', runner: 'local', suite: 'adl', backend: 'coffea', run: 'e', cluster: 'b001', worker },
    columns: ['time', 'count_rss_bytes', 'count_pss_bytes'],
    values: [[0, count, 0]],
  });
  answer = JSON.stringify({ results: [{ series: [row('w_0', 4), row('w1', 2)] }] });
  expect(await countStored(place(), [path])).toMatchObject({ points: 6, missingPoints: 0, foreignPoints: 0 });
  answer = JSON.stringify({ results: [{ series: [row('w_0', 3), row('w1', 3)] }] });
  expect(await countStored(place(), [path])).toMatchObject({ points: 6, missingPoints: 1, foreignPoints: 1 });
  // One that the server refused is not missing, whatever else was no line.
  const { url, org, bucket, rawBucket } = place();
  const counts = { offset: 9, sent: 5, setAside: 1, unfit: 0, tooOld: 0, missing: 0, seqs: {}, summary: null };
  writePosition(filesBeside(path, place()).position, { v: 1, url, org, bucket, rawBucket, ...counts });
  expect(await countStored(place(), [path])).toMatchObject({ points: 6, missingPoints: 0, foreignPoints: 1 });
});

test.each([
  ['{"results":[{"error":"database not found"}]}', 200, 'bucket raw: 200 database not found', true],
  ['{"error":"unauthorized"}', 200, 'bucket raw: 200 unauthorized', undefined],
  ['404 page\n  not found', 200, 'bucket raw: 200 404 page not found', undefined],
  // None of these is an empty bucket.
  ['{"code":"unauthorized","message":"Unauthorized"}', 401, 'bucket raw: 401 Unauthorized', false],
  ['{"code":"forbidden","message":"no"}', 403, 'bucket raw: 403 no', true],
  ['{"code":"unavailable","message":"later"}', 503, 'bucket raw: 503 later', undefined],
  ['{"results":[]}', 500, 'bucket raw: 500 {"results":[]}', undefined],
  ['{"status":"ok"}', 200, 'bucket raw: 200 {"status":"ok"}', undefined],
])('a server that cannot be asked says why: %s with %i', async (said, code, problem, isKnown) => {
  [answer, status] = [said, code];
  const refusal = isKnown === undefined ? undefined : { bucket: 'raw', isKnown };
  expect(await countStored(place(), [journal()])).toEqual({ problem, refusal });
});
