// The plan says which part of which file each task reads. Here it is held against what the backends themselves do.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { clusterEdges, cut } from '../../core/engine/parts.ts';
import { pythonEnvironment } from '../../core/python/process.ts';
import { benchGood, makePlace, type Place, pythonOf, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

/** For each case (clusters of every file, number of partitions) the entries of each task, by ROOT's own code. */
const RANGES = `
import json, sys
from types import SimpleNamespace
from ROOT._distrdf import Ranges
answers = []
for edges, partitions in json.load(sys.stdin):
    names = [str(file) for file in range(len(edges))]
    Ranges.get_clusters_and_entries = lambda uuid, tree, name: (edges[int(name)], edges[int(name)][-1])
    identity = SimpleNamespace(rdf_uuid="")
    found = []
    for share in Ranges.get_percentage_ranges(["t"] * len(edges), names, partitions, None, identity, None):
        tree, _ = Ranges.get_clustered_range_from_percs(share)
        offset, own = 0, []
        for name in tree.filenames if tree else []:
            start, stop = max(tree.globalstart - offset, 0), min(tree.globalend - offset, edges[int(name)][-1])
            if start < stop:
                own.append([int(name), start, stop])
            offset += edges[int(name)][-1]
        found.append(own)
    answers.append(found)
json.dump(answers, sys.stdout)
`;
const Answers = z.array(z.array(z.array(z.tuple([z.int(), z.int(), z.int()]))));

function partsByRoot(cases: readonly (readonly [readonly (readonly number[])[], number])[]) {
  const output = execFileSync(pythonOf(place), ['-c', RANGES], {
    input: JSON.stringify(cases),
    env: pythonEnvironment(),
    maxBuffer: 1 << 30,
  });
  return Answers.parse(JSON.parse(output.toString()));
}

test('5,000 random combinations of workers, files, events, clusters and tasks are cut as distributed RDataFrame cuts them', () => {
  const size = fc.record({
    files: fc.integer({ min: 1, max: 12 }),
    events: fc.integer({ min: 100, max: 120_000 }),
    cluster: fc.constantFrom(100, 250, 1000, 2000, 3333),
    workers: fc.integer({ min: 1, max: 16 }),
    tasks: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined }),
  });
  const cases = fc.sample(size, { numRuns: 5_000, seed: 9 }).map(({ files, events, cluster, workers, tasks }) => {
    // Files as the generator makes them: whole clusters, evenly spread; fewer clusters than files are cut by events.
    const clusters = Math.ceil(events / cluster);
    const edge = (file: number) =>
      clusters >= files
        ? Math.min(Math.floor((file * clusters) / files) * cluster, events)
        : Math.floor((file * events) / files);
    const edges = Array.from({ length: files }, (_, file) => clusterEdges(edge(file + 1) - edge(file), cluster));
    return { edges, parts: cut(edges, Math.ceil((tasks ?? 4 * workers) / files)) };
  });
  const byRoot = partsByRoot(cases.map(({ edges, parts }) => [edges, parts.length] as const));
  for (const [index, { parts }] of cases.entries())
    expect(byRoot[index]).toEqual(parts.map(({ file, start, stop }) => [[file, start, stop]]));
});

test('a rule of our own that differs by one event is found out', () => {
  const edges = [clusterEdges(5_000, 1_000)];
  const [first] = partsByRoot([[edges, 2]]);
  expect(first).toEqual([[[0, 0, 3_000]], [[0, 3_000, 5_000]]]);
  expect(first).not.toEqual([[[0, 0, 2_500]], [[0, 2_500, 5_000]]]);
});

test('unequal files and round numbers run as planned, with the same parts in both backends', async () => {
  const { experiment } = await benchGood(place, [
    '--files',
    '1,4,7',
    '--events',
    '5100',
    '--cluster-events',
    '400',
    '--workers',
    '1',
    '--tasks',
    '12',
    '--param',
    'queries=1,4',
    '--no-reference',
    '--sessions',
    '1',
    '--repeats',
    '1',
  ]);
  const records = recordsIn(experiment);
  expect(new Set(records.map(({ point }) => `${point.backend} ${point.files} ${point.fileBytes}`)).size).toBe(6);
  for (const { state, reasons, counts } of records) {
    expect([state, reasons]).toEqual(['valid', []]);
    expect(counts.tasksSeen).toBe(counts.tasksPlanned);
  }
});

test('the combination that was called a wrong answer: 30,000 events, three workers, coffea', async () => {
  const { experiment } = await benchGood(place, [
    '--backend',
    'coffea',
    '--events',
    '30k',
    '--workers',
    '3',
    '--param',
    'queries=1',
    '--no-reference',
    '--sessions',
    '1',
    '--repeats',
    '2',
  ]);
  expect(recordsIn(experiment).map(({ state, counts }) => [state, counts.tasksSeen])).toEqual([
    ['valid', 12],
    ['valid', 12],
    ['valid', 12],
  ]);
});

test('the time of a plan counts what each task of coffea costs: more tasks for the same events take longer', async () => {
  async function secondsOf(tasks: number): Promise<number> {
    const data = ['--backend', 'coffea', '--files', '2', '--events', '16k', '--cluster-events', '100'];
    const { stdout } = await benchGood(place, [...data, '--tasks', String(tasks), '--dry-run']);
    const [, amount, unit] = /about (\d+) (s|min)/.exec(stdout) ?? [];
    return Number(amount) * (unit === 'min' ? 60 : 1);
  }
  expect(await secondsOf(160)).toBeGreaterThan(3 * (await secondsOf(8)));
});
