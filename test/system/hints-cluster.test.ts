// Hints of errors that come from a cluster, followed to the letter: what they say to do helps. The others are in hints.test.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { bench, makePlace, mutant, type Outcome, type Place, processesOf, startBench, waitFor } from './harness.ts';
import { CONTROL, EMPTY, expectToHelp, listen, type Row } from './hint-row.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterEach(async () => {
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
});
afterAll(() => place.remove());

const SLEEP = [...CONTROL, '--tasks', '2', '--param', 'kind=sleep'];
/** For some seconds: two files side by side. */
const GENERATE = ['datasets', 'generate', '--files', '2', '--events', '60k'];
const run = async (...args: readonly string[]) => await bench(place, args);
const CLUSTER = 'analyses/src/hepbench/cluster.py';
const TRIAL = 'analyses/src/hepbench/driver/trial.py';

/** A run of a program with a fault planted: `planted` stands before the only line `before` of `path`. */
async function spoilt(path: string, before: string, planted: string, ...args: readonly string[]): Promise<Outcome> {
  const indent = ' '.repeat(before.search(/\S/));
  const lines = planted.split('\n').map((line) => `${indent}${line}\n`);
  return await bench(place, args, mutant(place, path, before, `${lines.join('')}${before}`));
}

/** `bench --resume` of the experiment that was begun last. */
async function resume(...args: readonly string[]): Promise<Outcome> {
  const folder = readdirSync(place.results).toSorted().at(-1) ?? '';
  return await run('--resume', join(place.results, folder), ...args);
}

let late: string;
const twoWorkers = ['--workers', '2', '--start-method', 'spawn'];
const LATE = ['    worker = await Worker(', 'if name == "w1":\n        await asyncio.sleep(8)\n'] as const;

async function withLateWorker(...args: readonly string[]): Promise<Outcome> {
  late = mutant(place, CLUSTER, LATE[0], `    ${LATE[1]}${LATE[0]}`);
  return await bench(place, [...EMPTY, ...twoWorkers, ...args], late);
}

const OF_THE_CLUSTER: Row[] = [
  {
    error: 'childFailed',
    what: 'the log that is named says why, and the run goes on when the cause is gone',
    fault: ['a process is killed', 'the scheduler, by an error at its start'],
    provoke: async () =>
      await spoilt(CLUSTER, '    async with Scheduler(', 'raise RuntimeError("planted" + " cause")', ...EMPTY),
    hint: /see (\S+\.log)\n/,
    follow: async ([, log = '']) => {
      expect(readFileSync(log, 'utf8')).toContain('RuntimeError: planted cause');
      return await resume();
    },
  },
  {
    error: 'portInUse',
    what: '--resume takes another port',
    provoke: async () => await run(...EMPTY, '--scheduler-port', String(await listen())),
    hint: /give another (--scheduler-port) \((0) takes any free one\)\n {2}to go on: bench --resume/,
    follow: async ([, ...port]) => await resume(...port),
  },
  {
    error: 'optionNotTaken',
    what: 'an experiment is resumed with what may change',
    provoke: async () => {
      await run(...EMPTY);
      return await resume('--workers', '2');
    },
    hint: /^bench: --workers is not taken here: .*\n {2}leave it out, or begin a new experiment; what may change is (--[\w-]+),/,
    follow: async ([, flag = '']) => await resume(flag, '60'),
  },
  {
    error: 'workersMissing',
    what: '--resume waits longer for the workers',
    fault: ['a process stands still or is late', 'a worker that comes late, then --resume'],
    provoke: async () => await withLateWorker('--join-timeout', '4'),
    hint: /raise (--join-timeout), or use fewer --workers; their logs are in \S+\n {2}to go on: bench --resume (\S+)/,
    follow: async ([, flag = '', folder = '']) => await bench(place, ['--resume', folder, flag, '60'], late),
  },
  {
    error: 'workersMissing',
    what: 'fewer workers are used',
    provoke: async () => await withLateWorker('--join-timeout', '4'),
    hint: /use fewer (--workers); their logs are in (\S+)/,
    follow: async ([, flag = '', logs = '']) => {
      expect(readdirSync(logs)).toEqual(expect.arrayContaining([expect.stringMatching(/w1.*\.log$/)]));
      return await bench(place, [...EMPTY, flag, '1'], late);
    },
  },
  {
    error: 'driverLost',
    what: 'the log of the client says why',
    fault: ['a process is killed', 'the client, by an error in a trial'],
    provoke: async () =>
      await spoilt(TRIAL, '        resident = pagecache', "os.write(2, b'planted cause')\nos._exit(3)", ...EMPTY),
    hint: /see (\S+driver\.log)/,
    follow: async ([, log = '']) => {
      expect(readFileSync(log, 'utf8')).toContain('planted cause');
      return await run(...EMPTY);
    },
  },
  {
    error: 'driverLost',
    what: 'an empty log means a kill',
    fault: ['a process is killed', 'the client, in a trial'],
    provoke: async () => await spoilt(TRIAL, '        resident = pagecache', 'os.kill(os.getpid(), 9)', ...EMPTY),
    hint: /\((\S+driver\.log) says nothing: a process that is killed, most often for want of memory/,
    follow: async ([, log = '']) => {
      expect(readFileSync(log, 'utf8')).toBe('');
      return await run(...EMPTY);
    },
  },
  {
    error: 'timedOut',
    what: 'a trial gets more time',
    provoke: async () => await run(...SLEEP, '--param', 'amount=2', '--trial-timeout', '1'),
    hint: /raise it with (--trial-timeout), or use less data/,
    follow: async ([, flag = '']) => await run(...SLEEP, '--param', 'amount=2', flag, '60'),
  },
  {
    error: 'timedOut',
    what: '--resume gives the experiment more time',
    provoke: async () => await run(...SLEEP, '--param', 'amount=2', '--timeout', '2'),
    hint: /raise it with (--timeout), or use less data\n {2}to go on: bench --resume/,
    follow: async ([, flag = '']) => await resume(flag, '300'),
  },
  {
    error: 'interrupted',
    what: 'the same command is run again',
    fault: ['a terminal, a pipe or Ctrl-C', 'Ctrl-C while data are made'],
    provoke: async () => {
      const { child, ended, output } = startBench(place, GENERATE);
      await waitFor('the first events', () => output.text.includes('% of'));
      child.kill('SIGINT');
      const exitCode = (await ended) ?? undefined;
      return { exitCode, stdout: '', stderr: output.text, experiment: '', seconds: 0 };
    },
    hint: /run the same command again/,
    follow: async () => await run(...GENERATE),
  },
];

test.each(OF_THE_CLUSTER)('$error: $what', async (row) => {
  await expectToHelp(row);
});

test('too few open files: the limit is named, and a higher one helps', async () => {
  planted('too little memory, too few files, too little time', 'few open files');
  // How many files a cluster needs differs from run to run: here the client wants a thousand more.
  const line = '        resident = pagecache';
  const root = mutant(place, TRIAL, line, `        wanted = [open(os.devnull) for _ in range(1000)]\n${line}`);
  const within = async (limit: number) => {
    const command = [process.execPath, join(root, 'cli/program.ts'), ...EMPTY, '--results', place.results];
    return await execa('bash', ['-c', `ulimit -n ${limit}; exec "$@"`, 'bash', ...command], {
      env: { BENCH_CACHE: place.cache },
      reject: false,
    });
  };
  const { exitCode, stderr } = await within(512);
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(
    /Too many open files.*\(raise the limit of open files \(ulimit -n\), which is 512, or use fewer workers\)/,
  );
  expect((await within(4096)).exitCode).toBe(0);
});
