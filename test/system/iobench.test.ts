// Suite iobench through the front door: what it reads is checked bit by bit, and is the share of the data that was asked for.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bench, benchGood, makePlace, mutant, type Place, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const DATA = '--suite iobench --files 2 --events 8000 --tasks 2 --workers 1 --sessions 1 --repeats 1'.split(' ');

test('both backends, with Dask and without, read 15 per cent of the bytes, and all bits of them', async () => {
  const { experiment } = await benchGood(place, [...DATA, '--param', 'columns=15']);
  const records = recordsIn(experiment);
  expect(new Set(records.map(({ point }) => `${point.backend} ${point.runner}`)).size).toBe(4);
  expect(records.map(({ state }) => state)).toEqual(records.map(() => 'valid'));
  const { datasets } = JSON.parse(readFileSync(join(experiment, 'experiment.json'), 'utf8'));
  for (const { point, metrics, datasetId } of records) {
    const columns: Readonly<Record<string, number>> = datasets[datasetId ?? ''].columns;
    const whole = Object.values(columns).reduce((sum, bytes) => sum + bytes, 0);
    const read = Number(metrics['read_bytes_framework']);
    // Opening a file reads the descriptions of all its branches as well.
    expect(read / whole).toBeGreaterThan(Number(point.parameters['columns']) / 100 - 0.005);
    const part = read / Number(metrics['read_amplification_ratio']) / whole;
    expect(100 * part).toBeCloseTo(Number(point.parameters['columns']), 0);
  }
});

test.each([
  ['rdataframe', 'iobench/iobench.cpp', 'long entry = first; entry', 'long entry = first + 1; entry'],
  ['coffea', 'iobench/__init__.py', 'entry_start=start, entry_stop', 'entry_start=start + 1, entry_stop'],
])('%s that reads an event too few in every task is named with a column', async (backend, file, before, after) => {
  const root = mutant(place, `analyses/src/hepbench/analyses/${file}`, before, after);
  const args = [...DATA, '--no-reference', '--backend', backend, '--param', 'columns=MET_pt'];
  const { exitCode, stderr } = await bench(place, args, root);
  expect([exitCode, stderr]).toEqual([5, expect.stringMatching(/column MET_pt: 7998 values, expected 8000/)]);
});

test('a column that the data do not have is named', async () => {
  const args = [...DATA, '--no-reference', '--backend', 'coffea', '--param', 'columns=MET_pt,NoSuch_pt'];
  const { exitCode, stderr } = await bench(place, args);
  expect([exitCode, stderr]).toEqual([4, expect.stringMatching(/no column NoSuch_pt in .*f000\d\.root/)]);
  const wrong = await bench(place, [...DATA, '--param', 'columns=5']);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    2,
    'bench: --param columns: "5" is not valid\n  give 4, 15, 25, 50, 100, or names with commas such as MET_pt,nJet,Jet_pt',
  ]);
});

test('a report of another suite says how far it is from reading alone, in the way that it says', async () => {
  const data = DATA.slice(2);
  const reading = await benchGood(place, [...DATA, '--no-reference', '--backend', 'coffea', '--param', 'columns=4/15']);
  const adl = await benchGood(place, [...data, '--no-reference', '--backend', 'coffea', '--param', 'queries=1..8']);
  const report = () => readFileSync(join(adl.experiment, 'report.html'), 'utf8');
  expect(report()).toContain('run bench --suite iobench --param columns=4/15/25/50/100 with the same data');
  const far =
    /coffea, 1 worker: ([\d.]+) % \(trials from .*\) of the event rate of reading alone, [\d.]+ k?events\/s; n = .*, of reading n = /;
  const told = await bench(place, ['report', adl.experiment, '--floor', reading.experiment]);
  const [, percent = ''] = far.exec(told.stdout) ?? [];
  expect(Number(percent)).toBeGreaterThan(0);
  expect(report()).toMatch(/Distance from reading alone[^]*events\/s/);
  const wrong = await bench(place, ['report', reading.experiment, '--floor', adl.experiment]);
  expect([wrong.exitCode, wrong.stderr]).toEqual([
    3,
    expect.stringMatching(
      /: is of suite adl, not of iobench\n  name an experiment of bench --suite iobench on the same machine/,
    ),
  ]);
});

test('a floor of other data, or of other bytes, says so, and what it says helps', async () => {
  const coffea = ['--no-reference', '--backend', 'coffea'];
  const readingOf = async (columns: string, ...more: string[]) =>
    (await benchGood(place, [...DATA, ...coffea, '--param', `columns=${columns}`, ...more])).experiment;
  const adl = await benchGood(place, [...DATA.slice(2), ...coffea, '--param', 'queries=1']);
  const saidWith = async (floor: string) => {
    const { stdout } = await benchGood(place, ['report', adl.experiment, '--floor', floor]);
    expect(stdout).toMatch(/^coffea, 1 worker: .* of reading alone|^coffea, 1 worker: reading alone was/m);
    return readFileSync(join(adl.experiment, 'report.html'), 'utf8');
  };
  const otherData = await saidWith(await readingOf('MET_pt', '--events', '4000'));
  expect(/reading alone was [^<"]*/.exec(otherData)?.[0]).toBe(
    'reading alone was measured, but not with these data, backend, workers and page caches: run bench --suite iobench with the same.',
  );
  const otherBytes = await saidWith(await readingOf('100'));
  expect(/reading alone was [^<"]*/.exec(otherBytes)?.[0]).toMatch(
    /not measured with as many bytes of columns, or with fewer and more: [\d.]+ for each event here, there [\de+.]+; name columns with bench/,
  );
  // Query 1 reads one column.
  const page = await saidWith(await readingOf('MET_pt'));
  expect([page.includes('Distance from reading alone'), page.includes('reading alone was')]).toEqual([true, false]);
});
