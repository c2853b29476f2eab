// Workers near their memory limit on a real cluster: what a nanny would have done is said, and no trial waits for ever.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { bench, benchGood, makePlace, mutant, type Place, processesOf, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SLEEP = [
  '--suite',
  'control',
  '--param',
  'kind=sleep',
  'amount=0.1',
  '--workers',
  '1',
  '--sessions',
  '1',
  '--repeats',
  '1',
];

test('a trial whose workers are all paused ends early, says so, and its hint helps when it is followed', async () => {
  planted('too little memory, too few files, too little time', 'a memory limit at which all workers are paused');
  const paused = await bench(place, [...SLEEP, '--memory-limit', '60MB']);
  expect(paused.exitCode).toBe(4);
  expect(paused.stderr).toMatch(/1 worker paused: memory at \d+ of 57 MiB \(give --memory-limit \d+MiB or more\)/);
  expect(paused.stderr).not.toContain('--trial-timeout');
  expect(recordsIn(paused.experiment).flatMap(({ reasons }) => reasons.map(({ code }) => code))).toEqual([
    'FAILED_WORKERS_PAUSED',
    'FAILED_WORKERS_PAUSED',
  ]);
  expect(processesOf(place)).toEqual([]);
  const limit = /give (--memory-limit) (\d+MiB)/.exec(paused.stderr)?.slice(1) ?? [];
  const { experiment } = await benchGood(place, [...SLEEP, ...limit]);
  expect(recordsIn(experiment).map(({ state, taints }) => [state, taints])).toEqual([
    ['valid', []],
    ['valid', []],
  ]);
});

const TWO = SLEEP.with(SLEEP.indexOf('--workers') + 1, '2');
const SLEEPING = '    time.sleep(seconds)\n    return seconds\n';

/** A `bench` whose first task on each of `workers` takes memory, and gives it back after `seconds` if that is not null. */
function hungry(workers: string, mib: number, seconds: number | null): string {
  const lines = [
    'from distributed import get_worker',
    'worker = get_worker()',
    `if worker.name in ${workers} and not hasattr(worker, "hungry"):`,
    `    worker.hungry = b"x" * (${mib} << 20)`,
    ...(seconds === null ? [] : [`    time.sleep(${seconds})`, '    worker.hungry = None']),
  ];
  const code = lines.map((line) => `    ${line}\n`).join('');
  return mutant(place, 'analyses/src/hepbench/analyses/control.py', SLEEPING, `${code}${SLEEPING}`);
}

test('one of two workers that is paused for a while, and beyond where a nanny kills, is a taint and no failure', async () => {
  planted('too little memory, too few files, too little time', 'one of two workers is over its limit for a while');
  const run = await benchGood(place, [...TWO, '--memory-limit', '200MiB'], hungry('["w0"]', 160, 3));
  const over = /^1 worker beyond 95 % of its memory limit: \d+ of 200 MiB; a nanny would have killed it$/;
  const [first, second] = recordsIn(run.experiment);
  expect(first).toMatchObject({
    state: 'valid',
    taints: [
      { code: 'WORKERS_PAUSED', message: expect.stringMatching(/^1 worker paused: memory at \d+ of 200 MiB$/) },
      { code: 'MEMORY_OVER_LIMIT', message: expect.stringMatching(over) },
    ],
  });
  // The memory was given back before the second trial, but a user's cluster would have lost this worker.
  expect(second).toMatchObject({ state: 'valid', taints: [{ message: expect.stringMatching(over) }] });
  const page = readFileSync(join(run.experiment, 'report.html'), 'utf8');
  for (const shown of [run.stdout, page]) {
    expect(shown).toContain('1 worker paused: memory at');
    expect(shown).toContain('a nanny would have killed it');
  }
});

test('a task that waits for a paused worker ends the trial early, though another worker is idle', async () => {
  planted('too little memory, too few files, too little time', 'one of two workers stays paused');
  const run = await bench(place, [...TWO, '--memory-limit', '200MiB'], hungry('["w0"]', 160, null));
  expect(run.exitCode).toBe(4);
  expect(run.stderr).toMatch(/1 worker paused: memory at \d+ of 200 MiB \(give --memory-limit \d+MiB or more\)/);
  expect(processesOf(place)).toEqual([]);
});

test('workers that spill results to disk taint the trial', async () => {
  planted('too little memory, too few files, too little time', 'workers that spill to disk');
  // Each holds 250 MiB beside its own 60 to 70: between 70 %, where Dask spills, and 80 %, where it pauses.
  const args = [...TWO.with(TWO.indexOf('amount=0.1'), 'amount=0.5'), '--interval', '0.2', '--memory-limit', '417MiB'];
  const run = await benchGood(place, args, hungry('["w0", "w1"]', 250, null));
  const records = recordsIn(run.experiment);
  expect(records.map(({ state, taints }) => [state, taints.map(({ code }) => code)])).toEqual([
    ['valid', ['WORKERS_SPILLED']],
    ['valid', ['WORKERS_SPILLED']],
  ]);
  expect(run.stdout).toMatch(/\d workers? spilled \d+ KiB to disk/);
  expect(readFileSync(join(run.experiment, 'report.html'), 'utf8')).toMatch(/\d workers? spilled \d+ KiB to disk/);
});
