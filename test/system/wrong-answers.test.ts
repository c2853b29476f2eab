import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bench, makePlace, mutant, type Place, processesOf, recordsIn, startBench, waitFor } from './harness.ts';

// Faults planted into copies of the program, or into the data after they were verified. Each must end with exit code 5 and name
// histogram and bin.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SMALL = [
  '--files',
  '2',
  '--events',
  '16000',
  '--workers',
  '1',
  '--no-reference',
  '--sessions',
  '1',
  '--repeats',
  '1',
  '--tasks',
  '4',
];
const COFFEA = [...SMALL, '--backend', 'coffea'];
const NAMED_BIN = /q\d\w+, (bin \d+ \(\S+ to \S+\)|underflow|overflow).*: entries \d+, expected \d+/;

async function expectWrong(root: string, args: readonly string[], said: RegExp): Promise<void> {
  const { exitCode, stderr, experiment } = await bench(place, args, root);
  expect(stderr).toMatch(said);
  expect(stderr).toMatch(NAMED_BIN);
  expect(exitCode).toBe(5);
  expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['invalid', 'invalid', 'invalid']);
}

test('one event more in one bin is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/histograms.py',
    'return {**asdict(self.definition), "values": self.values.tolist(), "sumw2": self.sumw2.tolist()}',
    'self.values[51] += self.definition.name == "q1_met"\n        return {**asdict(self.definition), "values": self.values.tolist(), "sumw2": self.sumw2.tolist()}',
  );
  await expectWrong(root, COFFEA, /q1_met, bin 51 \(100 to 102\)/);
});

test('a cut of > turned into >= is a wrong answer, with either backend', async () => {
  const coffea = mutant(
    place,
    'analyses/src/hepbench/analyses/adl_coffea.py',
    'stored("pt") > 40',
    'stored("pt") >= 40',
  );
  await expectWrong(coffea, COFFEA, /q4_met_two_jets/);
  const root = mutant(place, 'analyses/src/hepbench/analyses/adl.cpp', '> 40', '>= 40');
  await expectWrong(root, [...SMALL, '--backend', 'rdataframe', '--param', 'queries=4'], /q4_met_two_jets/);
});

test('a file that is read twice is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/driver/execute.py',
    '    fileset = {"data"',
    '    import os, tempfile\n    again = tempfile.mktemp(suffix=".root")\n    os.symlink(workload.files[0], again)\n    workload.files.append(again)\n    fileset = {"data"',
  );
  await expectWrong(root, COFFEA, /events read/);
});

test('a partition that is dropped is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/driver/execute.py',
    'metadata_cache={}',
    'metadata_cache={}, maxchunks=3',
  );
  await expectWrong(root, COFFEA, /12000 events read, 16000 planned/);
});

test('a file replaced by another valid one after the verification is a wrong answer', async () => {
  const other = await bench(place, ['datasets', 'generate', '--files', '2', '--events', '16000', '--seed', '7']);
  expect(other.exitCode).toBe(0);
  const { ended, output } = startBench(place, COFFEA);
  await waitFor('the end of the verification', () => output.text.includes('experiment '));
  const store = join(place.cache, 'datasets');
  const [mine, others] = [/data set (\S+):/.exec(output.text)?.[1] ?? '', /^(\S+)/.exec(other.stdout)?.[1] ?? ''];
  expect(readdirSync(store)).toEqual(expect.arrayContaining([mine, others]));
  copyFileSync(join(store, others, 'f0001.root'), join(store, mine, 'f0001.root'));
  expect(await ended).toBe(5);
  expect(output.text).toMatch(NAMED_BIN);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
});
