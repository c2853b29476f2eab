import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PlaceWatch } from '../system/watch-place.ts';
import { watchPlace } from '../system/watch-place.ts';
import { watches } from './fault-watches.ts';

// What `bench` writes, by hand, so that something can be lost and left behind.
let folder: string;
let watch: PlaceWatch;
let experiment: string;
let again: number;
let look: () => Promise<{ lost: Record<string, string>; left: Record<string, number>; begun: number }>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-watch-'));
  const place = {
    folder,
    cache: join(folder, 'cache'),
    results: join(folder, 'results'),
    temporary: join(folder, 'tmp'),
  };
  for (const path of [place.results, place.temporary, join(place.cache, 'datasets/.locks')])
    mkdirSync(path, { recursive: true });
  experiment = join(place.results, 'e1');
  again = 0;
  const before = new Set(watches);
  watch = watchPlace(
    place,
    async () => {
      again += 1;
      rmSync(join(place.temporary, 'scratch'), { force: true });
    },
    500,
  );
  const [own] = [...watches].filter((one) => !before.has(one)).map((one) => one());
  look = async () => {
    const counted = { lost: {} as Record<string, string>, left: {} as Record<string, number>, begun: 0 };
    await own?.({
      lost: (unit, of, missing) => (counted.lost[unit] = `${missing} of ${of}`),
      left: (unit, count) => (counted.left[unit] = count),
      begun: (count) => (counted.begun += count),
    });
    return counted;
  };
});
afterEach(() => {
  watch.stop();
  rmSync(folder, { recursive: true });
});

/** A run that planned two trials and said `text`. */
function ran(text: string, exitCode: number | null): void {
  const run = watch.begun([], () => `experiment e1: 2 trials in 1 block, seed 1\n${text}`);
  write('experiment.json', JSON.stringify({ blocks: [{ trials: [{}, {}] }] }));
  watch.ended(run, exitCode);
}

function write(name: string, text: string): void {
  mkdirSync(dirname(join(experiment, name)), { recursive: true });
  writeFileSync(join(experiment, name), text);
}

const LINES = [
  { source: 'engine', seq: 1, type: 'planned' },
  { source: 'driver', seq: 1, type: 'mark' },
  { source: 'driver', seq: 2, type: 'answer' },
  { source: 'engine', seq: 2, type: 'done', counts: { engine: 2, driver: 2 } },
].map((line) => `${JSON.stringify(line)}\n`);

/** A trial with these lines of its four. */
function trial(number: number, lines: readonly string[] = LINES): void {
  write(`blocks/b001/b001-t0${number}/events.jsonl`, lines.join(''));
}

const NOTHING = { processes: 0, files: 0, locks: 0 };

test('nothing is lost of two whole trials, nor where nothing began', async () => {
  expect(await look()).toEqual({ lost: {}, left: NOTHING, begun: 0 });
  trial(0);
  trial(1);
  ran('1/2  dask\n2/2  dask\n', 0);
  expect(await look()).toEqual({ lost: { trials: '0 of 2', lines: '0 of 8' }, left: NOTHING, begun: 2 });
});

test('a planned trial that is not there is lost when the run came to its end', async () => {
  trial(0);
  ran('', 0);
  expect((await look()).lost).toEqual({ trials: '1 of 2', lines: '0 of 4' });
});

test('of an interrupted run those are lost that it had told', async () => {
  trial(0);
  ran('1/2  dask\n', 130);
  expect((await look()).lost['trials']).toBe('0 of 1');
  trial(0, LINES.slice(0, 2));
  expect((await look()).lost).toEqual({ trials: '1 of 1', lines: '0 of 2' });
});

test.each([
  ['in the middle', LINES.toSpliced(1, 1), '1 of 4'],
  ['before the end that counts them', LINES.toSpliced(2, 1), '1 of 4'],
  ['that is spoilt', LINES.with(1, '{"source":\n'), '1 of 4'],
  ['below the last one of a trial that was cut short', LINES.slice(2, 3), '1 of 2'],
])('a line %s is lost', async (_where, lines, lost) => {
  trial(0, lines);
  ran('', null);
  expect((await look()).lost['lines']).toBe(lost);
});

test('a last line that was cut short had never been there', async () => {
  trial(0, [...LINES.slice(0, 3), '{"source":"driver","seq":3,']);
  ran('', null);
  expect((await look()).lost['lines']).toBe('0 of 3');
});

test('lines of a monitor are counted over its segments, in which sources go on or begin again', async () => {
  experiment = join(folder, 'monitor');
  write('segment-000001.jsonl', LINES.slice(0, 2).join(''));
  write('segment-000002.jsonl', [LINES[0], LINES[2]].join(''));
  expect((await look()).lost).toMatchObject({ lines: '0 of 4' });
  appendFileSync(join(experiment, 'segment-000002.jsonl'), LINES[2]?.replace('"seq":2', '"seq":4') ?? '');
  expect((await look()).lost).toMatchObject({ lines: '1 of 6' });
});

test('what is gone when the test has ended counts as it was when its run had ended', async () => {
  experiment = join(folder, 'disk/monitor');
  const run = watch.begun(['monitor'], () => '');
  write('segment-000001.jsonl', LINES.slice(0, 2).join(''));
  watch.ended(run, 3);
  rmSync(join(folder, 'disk'), { recursive: true });
  expect(await look()).toMatchObject({ lost: { lines: '0 of 2' }, begun: 1 });
});

test('processes, files, parts of data sets and locks that are left are counted', async () => {
  writeFileSync(join(folder, 'tmp/scratch'), '');
  mkdirSync(join(folder, 'cache/datasets/.new-nano1-0123-7'));
  const lock = join(folder, 'cache/datasets/.locks/nano1');
  const holder = spawn('flock', [lock, 'sleep', '600'], { stdio: 'ignore', detached: true });
  try {
    await expect.poll(async () => (await look()).left['locks'], { timeout: 10_000 }).toBe(1);
    expect((await look()).left).toMatchObject({ processes: 1, files: 2 });
  } finally {
    if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
  }
  expect(again).toBe(0);
});

test('what a killed run could not take away, the next one may', async () => {
  writeFileSync(join(folder, 'tmp/scratch'), '');
  trial(0);
  ran('', null);
  expect((await look()).left).toEqual(NOTHING);
  expect(again).toBe(1);
});
