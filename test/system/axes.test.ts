// Axes of the data through the front door: what is asked for is in the data, in the points, and in the answers that are checked.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { bench, benchGood, eventsIn, journalsIn, makePlace, mutant, type Place, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SMALL = '--files 2 --file-size 2MB --param queries=1 --workers 2 --sessions 1 --repeats 1'.split(' ');

test('codec, cluster size and listing make points of their own, whose answers are right', async () => {
  const asked = '--codec zstd,none --cluster-events 250,500 --clone 1,3 --no-reference'.split(' ');
  const { experiment, stdout, stderr } = await benchGood(place, [...SMALL, ...asked]);
  // Listing the same files several times takes no other data: two codecs and two sizes of clusters.
  expect(`${stdout}\n${stderr}`.match(/^data set /gm)).toHaveLength(4);
  const records = recordsIn(experiment);
  expect(records.map(({ state, reasons }) => [state, reasons])).toEqual(records.map(() => ['valid', []]));
  const points = records.map(({ point: { backend, codec, clusterEvents, clone } }) =>
    [backend, codec, clusterEvents, clone].join(' '),
  );
  expect(new Set(points).size).toBe(16);
  for (const { counts } of records) expect(counts.tasksSeen).toBe(counts.tasksPlanned);
  expect(stdout).toContain('uncompressed, clusters of 250 events, listed 3 times');

  const planned = journalsIn(experiment).flatMap((journal) =>
    eventsIn(journal).filter(({ type }) => type === 'planned'),
  );
  const bytesOf = (codec: string, clone: number) =>
    planned.flatMap((event) =>
      event.type === 'planned' && event.point.codec === codec && event.point.clone === clone && event.dataset
        ? [event.dataset.bytes / event.events]
        : [],
    );
  // The same events take more bytes uncompressed, and as many for each event however often they are listed.
  expect(Math.min(...bytesOf('none', 1))).toBeGreaterThan(1.5 * Math.max(...bytesOf('zstd', 1)));
  expect(new Set(bytesOf('none', 3))).toEqual(new Set(bytesOf('none', 1)));
});

test('data of every codec and size of clusters are made beforehand, and a run with these options finds them', async () => {
  const data = '--files 1 --file-size 1MB --codec lz4,none --cluster-events 500'.split(' ');
  const { stdout } = await benchGood(place, ['datasets', 'generate', ...data]);
  const made = [...stdout.matchAll(/^nano\S+/gm)].map(([id]) => id);
  expect(new Set(made).size).toBe(2);
  const run = '--backend coffea --param queries=1 --workers 1 --sessions 1 --repeats 1 --no-reference'.split(' ');
  const { stderr } = await benchGood(place, [...data, ...run]);
  expect([...stderr.matchAll(/^data set (\S+):/gm)].map(([, id]) => id)).toEqual(made);
  expect(stderr).not.toContain('generating');
});

test('a file that is listed twice and read once is no right answer', async () => {
  const root = mutant(place, 'analyses/src/hepbench/backends/coffea.py', 'usermeta={"listed": file}', 'usermeta=None');
  const { exitCode, stderr } = await bench(
    place,
    [...SMALL, '--backend', 'coffea', '--clone', '2', '--no-reference'],
    root,
  );
  expect([exitCode, stderr]).toEqual([5, expect.stringContaining('2 event-processing tasks seen, 4 planned')]);
});

test.for([
  ['--codec', 'snappy', 'give zstd,lz4,zlib,lzma,none'],
  ['--clone', '0', 'give whole numbers from 1 to 1000'],
  ['--cluster-events', '1.5', 'give whole numbers from 1 to 1000000000'],
] as const)('%s %s is refused with what is valid', async ([flag, value, hint]) => {
  const { exitCode, stderr } = await bench(place, [...SMALL, flag, value]);
  expect([exitCode, stderr]).toEqual([2, `bench: ${flag}: "${value}" is not valid\n  ${hint}`]);
});

test('a suite that reads no data has no use for the axes of data', async () => {
  const { exitCode, stderr } = await bench(place, ['--suite', 'control', '--codec', 'lz4', '--dry-run']);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('suite control reads no data')]);
});

/** The number of trials and the order of the blocks: what a plan says that no rough estimate changes. */
const planIn = (stdout: string): string[] => stdout.match(/^(?:\d+ trials|  b\d+ .*|Order by .*)/gm) ?? [];

test('a plan of so many events is written to a file, and running that gives the same plan', async () => {
  const path = join(place.folder, 'events.yaml');
  const asked = '--dry-run --files 2 --events 16000 --param queries=1 --sessions 1'.split(' ');
  const first = await benchGood(place, [...asked, '--write', path]);
  const again = await benchGood(place, ['--dry-run', '--config', path]);
  expect(planIn(again.stdout).length).toBeGreaterThan(3);
  expect(planIn(again.stdout)).toEqual(planIn(first.stdout));
  expect(readFileSync(path, 'utf8')).not.toContain('file-size');
});

test('a size of files on the command line goes before a number of events in the environment', async () => {
  const asked = '--dry-run --files 2 --file-size 2MB --param queries=1 --sessions 1 --seed 1'.split(' ');
  const alone = await bench(place, asked);
  const beside = await bench(place, asked, undefined, { BENCH_EVENTS: '3M' });
  expect(alone.exitCode).toBe(0);
  expect(beside.stdout).toBe(alone.stdout);
});
