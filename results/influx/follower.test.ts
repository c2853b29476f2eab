import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aPlan, aTrial, closed, entry, recordFrom, sample, textOf } from '../../core/engine/test/journal-of.ts';
import { filesBeside } from './destination.ts';
import { Follower } from './follower.ts';
import { Position } from './position.ts';
import { senderTo } from './send.ts';
import { answer, type Script, serveScript } from './test/scripted-server.ts';

let folder: string;
let server: Awaited<ReturnType<typeof serveScript>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-influx-'));
  server = await serveScript(answer(204));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

function destination() {
  return { url: server.url, org: 'o', bucket: 'lasting', rawBucket: 'raw' };
}

function follower(): Follower {
  return new Follower(destination(), senderTo({ ...destination(), token: 't', timeoutMs: 500 }));
}

/** A whole trial with `samples` samples of two workers. */
function journalText(samples: number): string {
  const machine = entry('engine', 90, { type: 'environment', facts: { site: 'a site', commit: 'c0ffee' } });
  const seconds = Array.from({ length: samples }, (_, index) =>
    sample(`w${index % 2}`, 100 + index / 100, { rss_bytes: index }),
  );
  const [plan, ...rest] = aTrial(seconds);
  return textOf(closed(plan ? [plan, machine, ...rest] : []));
}

function write(name: string, text: string): string {
  mkdirSync(join(folder, name));
  const path = join(folder, name, 'events.jsonl');
  writeFileSync(path, text);
  return path;
}

function positionOf(path: string): Position {
  return Position.parse(JSON.parse(readFileSync(filesBeside(path, destination()).position, 'utf8')));
}

/** Lines that the server took, each once. */
function taken(bucket: string): Set<string> {
  return new Set(server.requests.filter((request) => request.bucket === bucket).flatMap(({ lines }) => lines));
}

test('the samples of a journal become lines with its context, and the record a line in the lasting bucket', async () => {
  const path = write('t1', journalText(10));
  const record = recordFrom(closed(aTrial()));
  writeFileSync(join(folder, 't1', 'record.json'), JSON.stringify(record));
  const follow = follower();
  follow.finished(path);
  expect(await follow.close(2000)).toMatchObject({
    sent: 11,
    setAside: 0,
    missingEvents: 0,
    backlogBytes: 0,
    problem: null,
  });
  expect([...taken('raw')][0]).toBe(
    String.raw`hepbench_worker,site=a\ site,runner=local,suite=adl,backend=coffea,run=e,cluster=b001,worker=w0 rss_bytes=0 100000000`,
  );
  const [summary = ''] = taken('lasting');
  expect(summary).toMatch(
    /^hepbench_trial,site=a\\ site,runner=local,threads_per_worker=1,start_method=spawn,suite=adl,parameters=loops\\=one\\ queries\\=1,?/,
  );
  expect(summary).toContain('commit="c0ffee"');
  expect(summary).toMatch(/ 97000000$/);
  expect(positionOf(path)).toMatchObject({ sent: 11, offset: readFileSync(path).length, summary });
});

test('runs, blocks and watched clusters at one site are series of their own, whatever their workers are called', async () => {
  const one = sample('w0', 100, { rss_bytes: 1 });
  const planned = (experiment: string, block: string) => textOf(closed([aPlan({ experiment, block }), one]));
  const watched = (monitor: string, cluster: string) =>
    textOf(closed([entry('engine', 90, { type: 'environment', facts: { site: 's', monitor, cluster } }), one]));
  const texts = [
    planned('e1', 'b001'),
    planned('e1', 'b002'),
    planned('e2', 'b001'),
    watched('m1', 'tcp://localhost:8786 0a'),
    watched('m1', 'tcp://localhost:8786 0b'),
    watched('m2', 'tcp://localhost:8786 0a'),
  ];
  const follow = follower();
  for (const [index, text] of texts.entries()) follow.finished(write(`t${index}`, text));
  expect(await follow.close(2000)).toMatchObject({ sent: texts.length, setAside: 0, problem: null });
  expect(new Set([...taken('raw')].map((line) => line.split(' rss_bytes')[0])).size).toBe(texts.length);
});

test('what was settled is not sent again, but a record that says something else is', async () => {
  const path = write('t1', journalText(5));
  const record = recordFrom(closed(aTrial()));
  const save = (state: string) =>
    writeFileSync(join(folder, 't1', 'record.json'), JSON.stringify({ ...record, state }));
  for (const [state, sent] of [
    ['valid', 6],
    ['valid', 0],
    ['invalid', 1],
  ] as const) {
    save(state);
    const follow = follower();
    follow.finished(path);
    expect(await follow.close(2000)).toMatchObject({ sent });
  }
  expect(positionOf(path).sent).toBe(7);
  const times = [...taken('lasting')].map((line) => line.split(' ').at(-1));
  expect(new Set(times).size).toBe(1);
});

test('a journal is followed while it grows: a line that is being written waits for its end', async () => {
  const text = journalText(20);
  const cut = text.indexOf('\n', text.indexOf('"rss_bytes":12')) + 10;
  const path = write('t1', '');
  const follow = follower();
  follow.follow(path);
  appendFileSync(path, text.slice(0, cut));
  await expect.poll(() => taken('raw').size, { timeout: 5000 }).toBe(13);
  appendFileSync(path, text.slice(cut));
  await expect.poll(() => taken('raw').size, { timeout: 5000 }).toBe(20);
  await follow.close(2000);
});

test('events that never came are counted: what was lost before the journal is said', async () => {
  const lines = journalText(20).split('\n');
  const holes = lines.filter((_, index) => index < 12 || index > 14);
  const path = write('t1', holes.join('\n'));
  const follow = follower();
  follow.finished(path);
  expect(await follow.close(2000)).toMatchObject({ sent: 17, missingEvents: 3 });
});

test('lines that fit no catalogue are set aside with the reason; the others go out', async () => {
  const odd = [
    'not json at all',
    JSON.stringify({
      v: 1,
      trial: 't',
      source: 'agent/w9',
      seq: 1,
      t: 101,
      type: 'sample',
      collector: 'agent',
      target: 'w9',
      values: { new_field: 1 },
    }),
  ];
  const path = write('t1', `${journalText(4)}${odd.join('\n')}\n`);
  const follow = follower();
  follow.finished(path);
  expect(await follow.close(2000)).toMatchObject({ sent: 4, setAside: 0, unfit: 2, backlogBytes: 0 });
  const kept = readFileSync(filesBeside(path, destination()).setAside, 'utf8');
  expect(kept).toContain('not json at all');
  expect(kept).toContain('field new_field is not in the catalogue');
});

test('while the server is away nothing is settled, and afterwards everything is', async () => {
  const path = write('t1', journalText(50));
  server.answer(answer(503, 'later', { 'retry-after': '0' }));
  const follow = follower();
  follow.follow(path);
  await expect.poll(() => follow.report().problem, { timeout: 5000 }).toBe('503: later');
  expect(existsSync(filesBeside(path, destination()).position)).toBe(false);
  expect(follow.report().backlogBytes).toBe(readFileSync(path).length);
  server.answer(answer(204));
  expect(await follow.close(5000)).toMatchObject({ sent: 50, problem: null, backlogBytes: 0 });
});

test('a close while the server is away ends in its time and says what is left', async () => {
  const path = write('t1', journalText(50));
  server.answer(() => {});
  const follow = follower();
  follow.follow(path);
  const start = performance.now();
  const report = await follow.close(300);
  expect(performance.now() - start).toBeLessThan(1000);
  expect(report).toMatchObject({ sent: 0, backlogBytes: readFileSync(path).length });
});

test('what is answered after the follower was given up settles nothing: another one may be further', async () => {
  const path = write('t1', journalText(50));
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  const { promise: allowed, resolve: allow } = Promise.withResolvers<void>();
  server.answer((request, response) => {
    ask();
    void allowed.then(() => answer(204)(request, response));
  });
  const slow = follower();
  slow.finished(path);
  await asked;
  await slow.close(0);
  allow();
  // It ends when it has heard the answer.
  await slow.drain(0);
  expect(taken('raw').size).toBe(50);
  expect(existsSync(filesBeside(path, destination()).position)).toBe(false);
  const next = follower();
  next.finished(path);
  expect(await next.close(2000)).toMatchObject({ sent: 50, backlogBytes: 0 });
});

// The last one may take what it needs: a busy machine is slow.
test(
  'a follower that is given up in the middle, again and again, loses nothing and counts nothing twice',
  { timeout: 180_000 },
  async () => {
    // Eight requests, so that there are many moments to stop in.
    const path = write('t1', journalText(80_000));
    let requests = 0;
    const flapping: Script = (request, response) => {
      requests += 1;
      if (requests % 3 === 0) response.destroy();
      else answer(requests % 5 === 0 ? 503 : 204)(request, response);
    };
    server.answer(flapping);
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const follow = follower();
      follow.finished(path);
      await follow.close(attempt * 20);
    }
    const last = follower();
    last.finished(path);
    expect(await last.drain(120_000)).toMatchObject({ backlogBytes: 0, setAside: 0 });
    expect(requests).toBeGreaterThan(8);
    expect(taken('raw').size).toBe(80_000);
    expect(positionOf(path)).toMatchObject({
      sent: 80_000,
      setAside: 0,
      missing: 0,
      offset: readFileSync(path).length,
    });
  },
);

test('a position that is no position is refused by name, and without it the journal is sent again', async () => {
  const path = write('t1', journalText(1));
  writeFileSync(filesBeside(path, destination()).position, '{');
  const refused = expect.objectContaining({ hint: 'delete it: the journal is then sent again' });
  expect(() => follower().finished(path)).toThrow(refused);
  rmSync(filesBeside(path, destination()).position);
  const again = follower();
  again.finished(path);
  await again.close(5000);
  expect(positionOf(path)).toMatchObject({ sent: 1, offset: readFileSync(path).length });
});

test.each(['', 'rubbish\n', '{"v":1}\n'])(
  'a journal that begins with %j keeps no other from being sent',
  async (text) => {
    const [empty, good] = [write('t1', text), write('t2', journalText(3))];
    writeFileSync(join(folder, 't1', 'record.json'), '{}');
    const sink = follower();
    for (const path of [empty, good]) sink.finished(path);
    expect(await sink.drain(1000)).toMatchObject({ sent: 3, problem: null });
  },
);

test('a position that cannot be read ends a push, and its process', async () => {
  const path = write('t1', journalText(3));
  writeFileSync(filesBeside(path, destination()).position, '{"offset":');
  const module = new URL('sink.ts', import.meta.url).href;
  const program = `
    import { pushAll } from ${JSON.stringify(module)};
    const server = ${JSON.stringify({ ...destination(), token: 't', timeoutMs: 500 })};
    await pushAll(server, [${JSON.stringify(path)}], 1000).catch((error) => console.log(error.message));`;
  const run = await execa(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000, reject: false });
  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is not a position') });
});
