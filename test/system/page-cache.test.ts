// What a point says of the page cache is true, or the trial is tainted and says what to do; here that is done.
import { mkdtempSync, rmSync, statfsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { bench, makePlace, mutant, type Outcome, type Place, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const DATA = ['--backend', 'coffea', '--param', 'queries=1', '--files', '2', '--events', '16000'];
const ARGS = [...DATA, '--workers', '1', '--no-reference', '--sessions', '1', '--repeats', '1'];
const PAGECACHE = 'analyses/src/hepbench/driver/pagecache.py';
const MEMORY = '/dev/shm';
const TMPFS = 0x01_02_19_94;

function taintsOf({ exitCode, experiment }: Outcome): string[] {
  expect(exitCode).toBe(0);
  const records = recordsIn(experiment);
  expect(records).toHaveLength(2);
  return records.map(({ taints }) => taints.map(({ code }) => code).join());
}

test('data that do not stay in memory taint warm trials, and --page-cache uncontrolled claims nothing', async () => {
  planted('too little memory, too few files, too little time', 'data that do not stay in the page cache');
  // Of the two files the first is dropped again.
  const drop = 'os.posix_fadvise(os.open(paths[0], os.O_RDONLY), 0, 0, os.POSIX_FADV_DONTNEED)';
  const last = '    return resident_ratio(paths)\n';
  const forgetful = mutant(place, PAGECACHE, last, `    ${drop}\n${last}`);
  const run = await bench(place, ARGS, forgetful);
  expect(taintsOf(run)).toEqual(['PAGE_CACHE_NOT_WARM', 'PAGE_CACHE_NOT_WARM']);
  expect(run.stdout).toMatch(
    /^tainted b001-t01: PAGE_CACHE_NOT_WARM: [45]\d\.\d % of the data were in the page cache before the trial, at least 95 % are needed: end other/m,
  );
  const [, flag = '', value = ''] = /give (--page-cache) (\w+)$/m.exec(run.stdout) ?? [];
  expect(taintsOf(await bench(place, [...ARGS, flag, value], forgetful))).toEqual(['', '']);
});

test.skipIf(statfsSync(MEMORY).type !== TMPFS)(
  'data in a file system that lies in memory taint cold trials, and another folder in BENCH_CACHE helps',
  async () => {
    const cache = mkdtempSync(join(MEMORY, 'hepbench-'));
    try {
      symlinkSync(join(place.cache, 'python'), join(cache, 'python'));
      const cold = [...ARGS, '--page-cache', 'cold'];
      const run = await bench(place, cold, undefined, { BENCH_CACHE: cache });
      expect(taintsOf(run)).toEqual(['PAGE_CACHE_NOT_COLD', 'PAGE_CACHE_NOT_COLD']);
      expect(run.stdout).toMatch(
        /PAGE_CACHE_NOT_COLD: 100\.0 % of the data were .* give a folder on a disk with BENCH_CACHE/,
      );
      expect(taintsOf(await bench(place, cold, undefined, { BENCH_CACHE: place.cache }))).toEqual(['', '']);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  },
);
