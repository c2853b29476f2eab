import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watch } from './watch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (source: string, seq: number, more: object) =>
  JSON.stringify({ v: 1, trial: 'monitor', source, seq, t: 1.5, ...more });
const warning = { type: 'warning', code: 'X', message: 'seen' };
const sample = { type: 'sample', collector: 'agent', target: 'w0', values: { rss_bytes: 1 } };

/** What a monitor makes of a Python side that writes these lines and stays; it is seen as it comes. */
async function watched(...lines: readonly string[]) {
  const program = join(folder, 'program');
  // A script for an interpreter: what comes out of the pipe is all that counts.
  writeFileSync(
    program,
    ['#!/bin/sh', "cat <<'END'", '{"pid":1}', ...lines, 'END', 'exec cat > /dev/null'].join('\n'),
    {
      mode: 0o755,
    },
  );
  const seen = { written: [] as unknown[], appended: [] as string[], said: [] as string[], failed: [] as string[] };
  const watching = await watch(
    {
      scheduler: 'tcp://x:1',
      intervalSeconds: 1,
      python: { executable: program, environment: process.env, folder },
      folder,
      collectors: [],
      write: (source, event) => seen.written.push({ source, ...event }),
      append: ({ source, seq }) => seen.appended.push(`${source} ${seq}`),
      fail: (error) => seen.failed.push(String(error)),
      say: (text) => seen.said.push(text),
    },
    new AbortController().signal,
  );
  return { seen, close: async () => await watching.close() };
}

test('events of the Python side keep their numbers, and those that never come are told', async () => {
  const done = { type: 'done', counts: { driver: 4, 'agent/w0': 6 } };
  const { seen, close } = await watched(
    line('driver', 1, warning),
    line('agent/w0', 1, sample),
    line('agent/w0', 4, sample),
    line('driver', 4, done),
  );
  const messages = [
    '2 events of agent/w0 never came from its Python side',
    '4 events of the monitor never came from its Python side',
  ];
  await expect.poll(() => seen.said).toEqual(['note: seen', ...messages.map((message) => `note: ${message}`)]);
  await close();
  expect(seen.appended).toEqual(['driver 1', 'agent/w0 1', 'agent/w0 4']);
  expect(seen.written).toEqual(
    messages.map((message) => ({ source: 'engine', type: 'warning', code: 'EVENTS_MISSING', message })),
  );
  expect(seen.failed).toEqual([]);
});

test('a line that is no event ends the watching with what was written', async () => {
  const { seen, close } = await watched('{"source":"driver","t":null,"type":"warning","code":"X","message":""}');
  await expect.poll(() => seen.failed).toHaveLength(1);
  await close();
  expect(seen.failed[0]).toContain('the monitor wrote what is no event (v: ');
  expect(seen.appended).toEqual([]);
});
