import { appendFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import {
  bench,
  eventsIn,
  experimentsIn,
  journalsIn,
  makePlace,
  mutant,
  pidOf,
  type Place,
  processesOf,
  recordsIn,
  startBench,
  waitFor,
} from './harness.ts';
import { EMPTY } from './hint-row.ts';

// Kills from outside. Nothing may be lost, nothing may be left behind, and what happened must be said.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

test.each([
  [-60, 'between two trials', 'b001-t00/record.json', [0, -60, -60]],
  [60, 'between two trials', 'b001-t00/record.json', [0, 60, 60]],
  [60, 'while a session comes up', 'scheduler.log', [60, 60, 60]],
] as const)(
  'a wall clock that is set by %i s %s spoils no trial, and no window is longer for it',
  async (set, when, since, expected) => {
    planted('the clock is set', `by ${set} s ${when}`);
    // Once this file is there, whoever asks for the wall clock, in Node and in Python, is told another time.
    const isSet = join(place.folder, `set-by-${set}-${expected[0]}`);
    const root = mutant(
      place,
      'core/engine/clock.ts',
      'const there = wall();\n    const after = monotonic();',
      `const real = wall();
       const after = monotonic();
       const { existsSync, globSync, writeFileSync } = process.getBuiltinModule('node:fs');
       const by = existsSync('${isSet}') || globSync('${place.results}/*/blocks/b001/${since}').length > 0 ? ${set} : 0;
       if (by !== 0) writeFileSync('${isSet}', '');
       const there = real + by;`,
    );
    appendFileSync(
      join(root, 'analyses/src/hepbench/__init__.py'),
      `\nimport os, time\nreal = time.time\ndef told(): return real() + (${set} if os.path.exists("${isSet}") else 0)\ntime.time = told\n`,
    );
    rmSync(place.results, { recursive: true, force: true });
    const control = ['--suite', 'control', '--param', 'kind=sleep', '--param', 'amount=0.1', '--tasks', '4'];
    const counts = ['--workers', '1', '--no-reference', '--sessions', '1', '--repeats', '2'];
    const { exitCode, stderr, stdout, experiment } = await bench(place, [...control, ...counts], root);
    expect({ exitCode, stderr, stdout }).toMatchObject({ exitCode: 0 });
    const records = recordsIn(experiment);
    expect(records.map(({ state, taints }) => [state, taints])).toEqual(records.map(() => ['valid', []]));
    const sets = journalsIn(experiment).flatMap((path) =>
      eventsIn(path).flatMap((event) => (event.type === 'session' ? [event.clockSetSeconds ?? Number.NaN] : [])),
    );
    expect(sets).toEqual(expected.map((seconds) => expect.closeTo(seconds, 0)));
    const [cold, ...warm] = records.map(({ windows }) => windows);
    const lengths = [cold?.timeToResultSeconds, ...warm.map(({ turnaroundSeconds }) => turnaroundSeconds)];
    for (const length of lengths) {
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThan(Math.abs(set));
    }
    // Whoever goes on after the clock was set back goes on after the beginning all the same.
    writeFileSync(journalsIn(experiment).at(-1) ?? '', '');
    const resumed = await bench(place, ['--resume', experiment], root);
    expect({ exitCode: resumed.exitCode, stderr: resumed.stderr }).toMatchObject({ exitCode: 0 });
    expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['valid', 'valid', 'valid']);
  },
);

const SMALL = [
  '--files',
  '2',
  '--events',
  '16000',
  '--no-reference',
  '--sessions',
  '1',
  '--repeats',
  '2',
  '--tasks',
  '4',
];
const COFFEA = [...SMALL, '--backend', 'coffea', '--workers', '2'];
/** Long enough to be hit in the middle: 8 tasks that sleep 1 s on 2 workers. */
const SLOW = [
  '--suite',
  'control',
  '--param',
  'kind=sleep',
  '--param',
  'amount=1',
  '--tasks',
  '8',
  '--workers',
  '2',
  '--sessions',
  '1',
  '--repeats',
  '1',
];

function pidsOfWorkers(): number[] {
  return processesOf(place).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0worker\0'));
}

function lastPlanned(experiment: string): number {
  return journalsIn(experiment).filter((path) => readFileSync(path, 'utf8').includes('"name":"graph"')).length;
}

function running(): string {
  return readdirSync(place.results).toSorted().at(-1) ?? '';
}

test('a worker killed in the middle of a trial is seen, replaced, and taints the trial with what was lost', async () => {
  planted('a process is killed', 'a worker, in the middle of a trial');
  const { ended, output } = startBench(place, SLOW);
  await waitFor(
    'the first trial',
    () => output.text.includes('experiment ') && lastPlanned(`${place.results}/${running()}`) === 1,
  );
  const [victim] = pidsOfWorkers();
  process.kill(pidOf({ pid: victim }), 'SIGKILL');
  expect(await ended).toBe(0);
  const [first, second] = recordsIn(`${place.results}/${running()}`);
  expect(first?.state).toBe('valid');
  expect(first?.taints.map(({ code }) => code)).toContain('WORKER_LEFT');
  expect(first?.taints[0]?.message).toMatch(/worker w\d was lost during the trial with \d+ tasks/);
  expect(second?.taints).toEqual([]);
  expect(second?.observed.workers).toBe(2);
  expect(output.text).toContain('tainted');
});

test('Ctrl-C ends everything within 5 s, keeps what was written, and --resume ends with exactly the planned trials', async () => {
  planted('a terminal, a pipe or Ctrl-C', 'Ctrl-C after the first trial, then --resume');
  const { child, ended, output } = startBench(place, COFFEA);
  await waitFor('the first trial to end', () => / 1\/3|^1\/3/m.test(output.text));
  // That nothing is left would say nothing if none of them were seen now: bench, scheduler, two workers and client.
  expect(processesOf(place).length).toBeGreaterThanOrEqual(5);
  process.kill(pidOf(child), 'SIGINT');
  expect(await ended).toBe(130);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
  expect(output.text).toMatch(/^bench: interrupted\n {2}to go on: bench --resume/m);
  const experiment = `${place.results}/${running()}`;
  const dry = await bench(place, ['--resume', experiment, '--dry-run']);
  expect(dry.stdout).toMatch(/^left: 3 trials in 1 block, about/);
  const resumed = await bench(place, ['--resume', experiment]);
  expect(resumed.exitCode).toBe(0);
  expect(recordsIn(experiment).map(({ trial, state }) => `${trial} ${state}`)).toEqual([
    'b001-t00 valid',
    'b001-t01 valid',
    'b001-t02 valid',
  ]);
  const over = await bench(place, ['--resume', experiment, '--dry-run']);
  expect([over.exitCode, over.stdout]).toEqual([0, 'Nothing is left to run: every trial has a complete journal.']);
});

test('a terminal that is closed ends a run as Ctrl-C does', async () => {
  planted('a terminal, a pipe or Ctrl-C', 'the terminal is closed after the first trial');
  const { child, ended, output } = startBench(place, COFFEA);
  await waitFor('the first trial to end', () => / 1\/3|^1\/3/m.test(output.text));
  process.kill(pidOf(child), 'SIGHUP');
  expect(await ended).toBe(130);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
  expect(output.text).toMatch(/^bench: interrupted\n {2}to go on: bench --resume/m);
  expect(existsSync(`${place.results}/${running()}/report.html`)).toBe(true);
});

test('whoever reads along may go away: the run goes on to its end', async () => {
  const counter = planted('a terminal, a pipe or Ctrl-C', 'the reader of the output goes away');
  const before = experimentsIn(place).length;
  const line = [process.execPath, 'cli/program.ts', ...EMPTY, '--results', place.results].join(' ');
  // The pipe is closed after the first line of either stream.
  const { stdout } = await execa('bash', ['-c', `${line} 2>&1 | head -1; echo "exit \${PIPESTATUS[0]}"`], {
    env: { BENCH_CACHE: place.cache },
  });
  expect(stdout).toMatch(/exit 0$/);
  expect(experimentsIn(place).length).toBe(before + 1);
  const records = recordsIn(`${place.results}/${running()}`);
  counter.lost('trials', 2, 2 - records.filter(({ state }) => state === 'valid').length);
  expect(records).toHaveLength(2);
});

test('kill -9 leaves no process behind and a journal whose every line is whole but the last', async () => {
  planted('a process is killed', 'bench, in the first trial');
  const { child, ended, output } = startBench(place, COFFEA);
  await waitFor(
    'the first trial',
    () => output.text.includes('experiment ') && lastPlanned(`${place.results}/${running()}`) >= 1,
  );
  process.kill(pidOf(child), 'SIGKILL');
  await ended;
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
  const experiment = `${place.results}/${running()}`;
  const report = await bench(place, ['report', experiment]);
  expect(report.exitCode).toBe(0);
  expect(report.stdout).toMatch(/of 3 trials recorded/);
});
