import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MetricName } from '../../core/model/metrics.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { bench, benchGood, journalsIn, makePlace, mutant, type Place, recordsIn } from './harness.ts';

// The instruments against sources that are known: CPU that was burnt, bytes that are in the files, pages that are in memory.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

function metric({ metrics }: TrialRecord, name: MetricName): number {
  const value = metrics[name];
  if (typeof value === 'number') return value;
  throw new Error(`${name} is missing: ${JSON.stringify(value)}`);
}

test('CPU-seconds are those that were burnt, and beside them what idle workers of the same trial length use', async () => {
  const args = ['--suite', 'control', '--workers', '2', '--tasks', '8', '--sessions', '1', '--repeats', '3'];
  const kinds = ['--param', 'kind=compute/sleep', '--param', 'amount=0.25'];
  const run = await benchGood(place, [...args, ...kinds]);
  const cpuOf = (kind: string) =>
    recordsIn(run.experiment)
      .filter(({ repeat, point }) => repeat > 0 && point.parameters['kind'] === kind)
      .map((record) => metric(record, 'cpu_seconds'));
  // Event loops, heartbeats and the agent: the same tasks asleep show it. It must be small itself.
  const beside = Math.max(...cpuOf('sleep'));
  expect(beside).toBeLessThan(0.25);
  expect(cpuOf('compute')).toHaveLength(3);
  for (const cpu of cpuOf('compute')) {
    expect(cpu).toBeGreaterThan(2 * 0.99);
    expect(cpu).toBeLessThan(2 * 1.05 + beside);
  }
});

test('a program of somebody else that burns a core beside a trial is seen, and the trials are flagged', async () => {
  const burner = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  try {
    const args = '--suite control --param kind=sleep amount=0.5 --workers 1 --sessions 1 --repeats 1'.split(' ');
    const { experiment, stdout } = await benchGood(place, args);
    for (const record of recordsIn(experiment)) {
      // It has one of the cores of this machine, and what it gets of that others do not take.
      expect(metric(record, 'host_foreign_cores')).toBeGreaterThan(0.5);
      expect(record.flags).toContainEqual({
        code: 'foreign-cpu',
        message: expect.stringMatching(/^other programs took /),
      });
    }
    expect(stdout).toContain('other programs ran');
  } finally {
    burner.kill('SIGKILL');
  }
});

test('a collector that emits what is in no catalogue ends no trial; record, report and table say what is not there', async () => {
  const root = mutant(
    place,
    'collectors/scheduler/collector.ts',
    "emit({ target: 'scheduler', values });",
    "emit({ target: 'scheduler', values: { ...values, planted: 1 } });",
  );
  const args = '--suite control --param kind=empty --workers 1 --sessions 1 --repeats 1 --no-reference'.split(' ');
  const { exitCode, stdout, experiment } = await bench(place, args, root);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining('not all was watched')]);
  const message = expect.stringMatching(
    /^collector scheduler: \d+ samples refused, the first: core\/model\/samples\.ts has no planted for scheduler$/,
  );
  for (const { state, flags, curves } of recordsIn(experiment)) {
    expect([state, flags]).toEqual(['valid', expect.arrayContaining([{ code: 'part-failed', message }])]);
    expect(curves?.map(({ collector }) => collector)).toEqual(['host']);
  }
  expect(readFileSync(join(experiment, 'report.html'), 'utf8')).toMatch(/part-failed: collector scheduler: /);
});

describe('on the ADL queries', () => {
  let records: readonly TrialRecord[];
  beforeAll(async () => {
    const args = ['--files', '2', '--file-size', '64MB', '--workers', '1', '--sessions', '1', '--repeats', '1'];
    const run = await benchGood(place, [...args, '--param', 'queries=1/1..8']);
    // Serial and one worker, with either backend, one query and all.
    records = recordsIn(run.experiment).filter(({ repeat }) => repeat > 0);
  });
  const of = (backend: string, runner: string, queries: string) => {
    const found = records.find(
      ({ point }) => point.backend === backend && point.runner === runner && point.parameters['queries'] === queries,
    );
    if (!found) throw new Error(`no record of ${backend} ${runner} ${queries}`);
    return found;
  };
  const ALL = '1,2,3,4,5,6,7,8';

  test('RDataFrame reads the bytes of its columns, and to open a file the same bytes however many columns are read', () => {
    const beyondColumns = (queries: string) => {
      const record = of('rdataframe', 'serial', queries);
      const bytes = metric(record, 'read_bytes_framework');
      return bytes - bytes / metric(record, 'read_amplification_ratio');
    };
    expect(Math.abs(metric(of('rdataframe', 'serial', ALL), 'read_amplification_ratio') - 1)).toBeLessThan(0.06);
    // Header, list of keys and tree: 37 kB for each file, which is a quarter of a single column of this size.
    expect(beyondColumns('1')).toBeGreaterThan(2 * 10_000);
    expect(beyondColumns('1')).toBeLessThan(2 * 80_000);
    expect(Math.abs(beyondColumns(ALL) - beyondColumns('1'))).toBeLessThan(
      0.01 * metric(of('rdataframe', 'serial', '1'), 'read_bytes_framework'),
    );
  });

  test.each(['rdataframe', 'coffea'])('%s: more columns are more bytes, serial and on a worker', (backend) => {
    for (const runner of ['serial', 'local']) {
      const [one, all] = [of(backend, runner, '1'), of(backend, runner, ALL)];
      expect(metric(all, 'read_bytes_framework')).toBeGreaterThan(5 * metric(one, 'read_bytes_framework'));
      expect(metric(one, 'read_amplification_ratio')).toBeGreaterThan(0.94);
      expect(metric(all, 'read_amplification_ratio')).toBeGreaterThan(0.94);
    }
    // The same columns of the same files: each task opens its file anew, and reads no column that it does not need.
    const [serial, worker] = [of(backend, 'serial', ALL), of(backend, 'local', ALL)];
    const ratio = metric(worker, 'read_bytes_framework') / metric(serial, 'read_bytes_framework');
    expect(ratio).toBeGreaterThan(0.99);
    expect(ratio).toBeLessThan(1.25);
  });

  test('watching costs less than 1 % of the CPU in every warm trial of at least 1 s, with either backend', async () => {
    // A metered task costs some 0.4 ms with cold caches, so that tasks must not be as short as 20 ms for this to hold: these
    // are as the plan makes them, in enough data for RDataFrame to be busy for 1 s.
    const args = [
      '--backend',
      'rdataframe',
      '--files',
      '12',
      '--file-size',
      '64MB',
      '--workers',
      '1',
      '--no-reference',
    ];
    const run = await benchGood(place, [...args, '--sessions', '1', '--repeats', '2']);
    const long = [...records, ...recordsIn(run.experiment).filter(({ repeat }) => repeat > 0)].filter(
      ({ windows: { turnaroundSeconds: T } }) => typeof T === 'number' && T >= 1,
    );
    expect(new Set(long.map(({ point }) => point.backend))).toEqual(new Set(['rdataframe', 'coffea']));
    for (const record of long) expect(metric(record, 'watching_cpu_ratio')).toBeLessThan(0.01);
  });
});

test.each([
  ['cold', 0, 0.02],
  ['warm', 0.98, 1],
] as const)('a page cache that is %s really is, before every trial', async (state, least, most) => {
  const args = ['--backend', 'coffea', '--param', 'queries=1', '--files', '2', '--events', '16000', '--workers', '1'];
  const run = await benchGood(place, [...args, '--sessions', '1', '--repeats', '2', '--page-cache', state]);
  const ratios = journalsIn(run.experiment).map(residentRatio);
  expect(ratios.length).toBeGreaterThanOrEqual(6);
  for (const ratio of ratios) {
    expect(ratio).toBeGreaterThanOrEqual(least);
    expect(ratio).toBeLessThanOrEqual(most);
  }
  // What was cold came from the disk.
  const fromDisk = recordsIn(run.experiment).map((record) => metric(record, 'block_read_bytes') > 0);
  expect(fromDisk.every(Boolean) || state === 'warm').toBe(true);
});

function residentRatio(journal: string): number {
  return Number(/"pageCacheResidentRatio":([\d.e-]+)/.exec(readFileSync(journal, 'utf8'))?.[1]);
}
