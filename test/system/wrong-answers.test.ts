import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bench,
  benchAfterVerification,
  benchGood,
  makePlace,
  mutant,
  type Place,
  processesOf,
  recordsIn,
  startBench,
  waitFor,
} from './harness.ts';

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
  // RDataFrame has a trial after an edited cut, too.
  const trials = args.includes('rdataframe') ? 3 : 2;
  expect(recordsIn(experiment).map(({ state }) => state)).toEqual(Array.from({ length: trials }, () => 'invalid'));
}

test('one event more in one bin is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/histograms.py',
    '"""The `Histogram` of the journal (core/model/event.ts)."""',
    'self.values[51] += self.definition.name == "q1_met"',
  );
  await expectWrong(root, COFFEA, /q1_met, bin 51 \(100 to 102\)/);
});

test.each(['nan', 'inf'])('%s in a histogram is a wrong answer that names the bin', async (content) => {
  const root = mutant(
    place,
    'analyses/src/hepbench/histograms.py',
    '"""The `Histogram` of the journal (core/model/event.ts)."""',
    `self.values[51] = float("${content}") if self.definition.name == "q1_met" else self.values[51]`,
  );
  const { exitCode, stderr } = await bench(place, [...COFFEA, '--param', 'queries=1'], root);
  expect(stderr).toMatch(/q1_met, bin 51 \(100 to 102\): entries (NaN|Infinity), expected \d+/);
  expect(exitCode).toBe(5);
});

test('a cut of > turned into >= is a wrong answer, with either backend', async () => {
  const coffea = mutant(
    place,
    'analyses/src/hepbench/analyses/adl/processor.py',
    'stored("pt") > 40',
    'stored("pt") >= 40',
  );
  await expectWrong(coffea, COFFEA, /q4_met_two_jets/);
  const root = mutant(place, 'analyses/src/hepbench/analyses/adl/adl.cpp', '> 40', '>= 40');
  await expectWrong(root, [...SMALL, '--backend', 'rdataframe', '--param', 'queries=4'], /q4_met_two_jets/);
});

test('a file that is read twice is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/backends/coffea.py',
    'list(runner.preprocess(fileset)))\n                mark("graph")',
    `list(runner.preprocess(fileset)))
                import os, tempfile
                again = tempfile.mktemp(suffix=".root")
                os.symlink(workload.files[0], again)
                chunks += [replace(one, filename=again) for one in chunks if one.filename == workload.files[0]]
                mark("graph")`,
  );
  await expectWrong(root, COFFEA, /events read/);
});

test('a partition that is dropped is a wrong answer', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/backends/coffea.py',
    '_chunks(workload, list(runner.preprocess(fileset)))',
    '_chunks(workload, list(runner.preprocess(fileset)))[:3]',
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

test('a file replaced by a longer one is no basis for the planned parts, and the data set is made anew as it says', async () => {
  // The data set of the test before has another file in it: it is made anew.
  expect((await bench(place, ['datasets', 'clean'])).exitCode).toBe(0);
  const longer = await bench(place, ['datasets', 'generate', '--files', '2', '--events', '20000']);
  expect(longer.exitCode).toBe(0);
  const store = join(place.cache, 'datasets');
  const other = join(store, /^(\S+)/.exec(longer.stdout)?.[1] ?? '', 'f0001.root');
  const run = await benchAfterVerification(place, COFFEA, (folder) => copyFileSync(other, join(folder, 'f0001.root')));
  expect(run.text).toMatch(/f0001\.root holds 10000 events, 8000 are planned/);
  expect(run.exitCode).toBe(4);
  // What it says to do helps.
  const [, command = ''] = /run `bench (datasets clean \S+)`; the next run makes it anew/.exec(run.text) ?? [];
  await benchGood(place, command.split(' '));
  await benchGood(place, COFFEA);
});
