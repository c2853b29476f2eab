// Hints of core/errors.ts, followed to the letter through the front door: what they say to do helps.
// test/house/hints.ts names them all, also those that other tests follow.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { checkout } from '../house/python.ts';
import {
  bench,
  benchGood,
  copyOfCheckout,
  makePlace,
  type Outcome,
  type Place,
  processesOf,
  pythonOf,
  waitFor,
} from './harness.ts';
import { EMPTY, expectToHelp, listen, type Row } from './hint-row.ts';

let place: Place;
let experiment: string;
/** A checkout that can be moved. */
let moved: string;
beforeAll(async () => {
  place = makePlace();
  ({ experiment } = await benchGood(place, EMPTY));
  moved = copyOfCheckout(place);
});
afterEach(async () => {
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
});
afterAll(() => place.remove());

const INFLUX = ['--influx-url', 'http://127.0.0.1:9', '--influx-org', 'o'];
const TINY = ['--files', '1', '--events', '4000'];

const run = async (...args: readonly string[]) => await bench(place, args);
/** `line` as it is typed, after which the plan is printed and nothing runs. */
const dry = async (line: string) => await run(...line.split(' '), '--dry-run');
const file = (name: string, text: string): string => {
  const path = join(place.folder, name);
  writeFileSync(path, text);
  return path;
};

const ON_THE_COMMAND_LINE: Row[] = [
  {
    error: 'unknownName',
    what: 'the suggested name is taken',
    provoke: async () => await dry('--suite cntrol'),
    hint: /did you mean (\w+)\?/,
    follow: async ([, name]) => await dry(`--suite ${name}`),
  },
  {
    error: 'unknownName',
    what: 'the known name is taken',
    provoke: async () => await dry('--suite control --backend photons'),
    hint: /known: (\w+)$/m,
    follow: async ([, name]) => await dry(`--suite control --backend ${name}`),
  },
  {
    error: 'badOption',
    what: 'a value that the hint names is given',
    provoke: async () => await dry('--suite control --param kind=slep'),
    hint: /give .*\b(sleep)\b/,
    follow: async ([, value]) => await dry(`--suite control --param kind=${value}`),
  },
  {
    error: 'badOption',
    what: 'what is missing is given',
    provoke: async () => await dry(`--suite control ${INFLUX.join(' ')}`),
    hint: /(--influx-bucket) has no value\n {2}give the name of a bucket/,
    follow: async ([, flag]) => await dry(`--suite control ${INFLUX.join(' ')} ${flag} b`),
    next: /--influx-token-file has no value/,
  },
  {
    error: 'badOption',
    what: 'a forgotten value is given',
    provoke: async () => await dry('--suite control --workers'),
    hint: /give <(counts)>/,
    // What counts are is in the help of the option, and in the hint for a wrong one.
    follow: async () => await dry('--suite control --workers 1,2'),
  },
  {
    error: 'optionNotTaken',
    what: 'an option that would not count is left out',
    provoke: async () => await dry('--suite control --files 3'),
    hint: /leave it out, or choose another --suite/,
    follow: async () => await dry('--suite control'),
  },
  {
    error: 'optionNotTaken',
    what: 'another suite is chosen, for which an option counts',
    provoke: async () => await dry('--suite control --page-cache cold'),
    hint: /choose another (--suite)/,
    follow: async ([, flag]) => await dry(`${flag} adl --page-cache cold`),
  },
  {
    error: 'optionNotTaken',
    what: 'one of two sizes of data is given',
    provoke: async () => await dry('--events 20k --file-size 3MB'),
    hint: /give one of the two: the size of a file, or the events of all files/,
    follow: async () => await dry('--events 20k'),
  },
  {
    error: 'tooManyWorkers',
    what: 'fewer workers are used, with several backends',
    provoke: async () => await run('--workers', '4096'),
    hint: /use --workers (\d+) at most/,
    // A tenth less, because the free memory of a machine moves; no data can be made, so that nothing runs.
    follow: async ([, most]) => await run('--workers', String(Math.floor(0.9 * Number(most))), '--events', '1'),
    next: /1 events cannot fill 4 files/,
  },
];

test.each<[string, RegExp, (said: readonly string[]) => readonly string[]]>([
  ['--tasks 2', /give (--tasks) (\d+)$/m, ([, ...more]) => more],
  ['--file-size 2MB', /give larger files or fewer --cluster-events$/m, () => ['--file-size', '64MB']],
  ['--file-size 2MB', /give larger files or fewer (--cluster-events)$/m, ([, flag = '']) => [flag, '100']],
])('too few tasks by %s: no warning is left after %s', async (few, hint, follow) => {
  const plan = ['--backend', 'coffea', '--workers', '2', '--files', '2', '--dry-run'];
  const warned = (await run(...plan, ...few.split(' '))).stdout;
  expect(warned).toMatch(hint);
  const { exitCode, stdout } = await run(...plan, ...few.split(' '), ...follow(hint.exec(warned) ?? []));
  expect([exitCode, stdout.includes('tasks for 2 workers')]).toEqual([0, false]);
});

/** The cheapest run, under a limit of the shell. */
async function limited(option: string, limit: number): Promise<Outcome> {
  const command = [process.execPath, join(checkout, 'cli/program.ts'), ...EMPTY, '--results', place.results];
  const { exitCode, stdout, stderr } = await execa(
    'bash',
    ['-c', `ulimit ${option} ${limit}; exec "$@"`, 'bash', ...command],
    {
      env: { BENCH_CACHE: place.cache },
      reject: false,
    },
  );
  return { exitCode, stdout, stderr, experiment: '', seconds: 0 };
}

/** `bench doctor` as a user id that is in no list of users, with these variables and no HOME. */
async function asNobody(env: { [name: string]: string }): Promise<Outcome> {
  const command = ['-U', '--map-user=54321', 'env', '-u', 'HOME', '-u', 'BENCH_CACHE', '-u', 'XDG_CACHE_HOME'];
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const program = [process.execPath, join(checkout, 'cli/program.ts'), 'doctor'];
  const { exitCode, stdout, stderr } = await execa('unshare', [...command, ...set, ...program], { reject: false });
  return { exitCode, stdout, stderr, experiment: '', seconds: 0 };
}

const OF_FOLDERS: Row[] = [
  {
    error: 'noHome',
    what: 'HOME is set',
    fault: ['names, folders and rights', 'no HOME, and a user id that nobody knows'],
    provoke: async () => await asNobody({}),
    hint: /^bench: the user 54321 has no home folder\n {2}set (HOME), or name a folder with BENCH_CACHE$/m,
    follow: async ([, name = '']) => {
      const home = join(place.folder, 'home');
      mkdirSync(join(home, '.cache'), { recursive: true });
      symlinkSync(place.cache, join(home, '.cache/hepbench'));
      return await asNobody({ [name]: home });
    },
  },
  {
    error: 'noHome',
    what: 'BENCH_CACHE names a folder',
    fault: ['names, folders and rights', 'no HOME: BENCH_CACHE instead'],
    provoke: async () => await asNobody({}),
    hint: /name a folder with (BENCH_CACHE)$/m,
    follow: async ([, name = '']) => await asNobody({ [name]: place.cache }),
  },
  {
    error: 'machineNotReady',
    what: 'another Python is named, or none',
    fault: ['a program or a package is not there', 'BENCH_PYTHON names none'],
    provoke: async () => await bench(place, ['datasets', 'list'], undefined, { BENCH_PYTHON: '/nowhere/python3' }),
    hint: /let BENCH_PYTHON name a Python 3\.11 to 3\.13 that has the venv module, or unset it/,
    follow: async () => {
      await benchGood(place, ['datasets', 'list']);
      const base = 'import os, sys; print(os.path.realpath(sys.executable))';
      const python = execFileSync(pythonOf(place), ['-c', base], { encoding: 'utf8' }).trim();
      return await bench(place, ['datasets', 'list'], undefined, { BENCH_PYTHON: python });
    },
  },
  {
    error: 'machineNotReady',
    what: 'another cache folder is named',
    fault: ['names, folders and rights', 'a cache folder below a file'],
    provoke: async () =>
      await bench(place, ['datasets', 'list'], undefined, { BENCH_CACHE: join(file('no-folder', ''), 'cache') }),
    hint: /name another folder with (BENCH_CACHE)/,
    follow: async ([, name = '']) => await bench(place, ['datasets', 'list'], undefined, { [name]: place.cache }),
  },
  {
    error: 'machineNotReady',
    what: 'another folder for temporary files is named',
    provoke: async () => await bench(place, EMPTY, undefined, { TMPDIR: '/nowhere' }),
    hint: /temporary folder: cannot write in \/nowhere: ENOENT\n.*name another folder with (TMPDIR)/,
    follow: async ([, name = '']) => await bench(place, EMPTY, undefined, { [name]: place.folder }),
  },
  {
    error: 'machineNotReady',
    what: 'more files may be open',
    provoke: async () => await limited('-n', 24),
    hint: /EMFILE, too few files may be open\n {2}raise the limit of open files \(ulimit -n\)/,
    follow: async () => await limited('-n', 4096),
  },
  {
    error: 'machineNotReady',
    what: 'processes may have more addresses',
    provoke: async () => await limited('-v', 2_000_000),
    hint: /a process may have 2\.0 GB, (\d+) GB needed\n {2}raise the limit of addresses \(ulimit (-v)\)/,
    follow: async ([, gigabytes, option = '']) => await limited(option, 1e6 * Number(gigabytes)),
  },
  {
    error: 'machineNotReady',
    what: 'files may be larger',
    provoke: async () => await limited('-f', 1_000_000),
    hint: /one may have 1\.0 GB, (\d+) GB needed\n {2}raise the limit of file sizes \(ulimit (-f)\)/,
    follow: async ([, gigabytes, option = '']) => await limited(option, 1e6 * Number(gigabytes)),
  },
  {
    error: 'machineNotReady',
    what: 'a cache folder with a plain name is named',
    fault: ['names, folders and rights', '# in the name of the cache'],
    provoke: async () => await bench(place, ['datasets', 'list'], undefined, { BENCH_CACHE: `${place.cache}#1` }),
    hint: /holds "#", which ROOT, uproot or coffea .*\n {2}name a folder without it with (BENCH_CACHE)/,
    follow: async ([, name = '']) => await bench(place, ['datasets', 'list'], undefined, { [name]: place.cache }),
  },
  {
    error: 'machineNotReady',
    what: 'the checkout is moved to a plain name',
    fault: ['names, folders and rights', ': in the name of the checkout'],
    provoke: async () => {
      renameSync(moved, `${moved}:1`);
      return await bench(place, EMPTY, `${moved}:1`);
    },
    hint: /checkout: ".*" holds ":", which PATH .*\n {2}(move) it to a folder without it/,
    follow: async () => {
      renameSync(`${moved}:1`, moved);
      return await bench(place, EMPTY, moved);
    },
  },
  {
    error: 'resultsUnusable',
    what: 'an experiment is run first',
    provoke: async () => await run('report', '--results', join(place.folder, 'new')),
    hint: /run one first, or name another folder with --results/,
    follow: async () => {
      const results = ['--results', join(place.folder, 'new')];
      await benchGood(place, [...EMPTY, ...results]);
      return await run('report', ...results);
    },
  },
  {
    error: 'resultsUnusable',
    what: 'another folder is named with --results',
    fault: ['names, folders and rights', 'a results folder below a file, another one instead'],
    provoke: async () => await run(...EMPTY, '--results', join(file('no-results', ''), 'results')),
    hint: /name another one with (--results)/,
    follow: async ([, flag = '']) => await run(...EMPTY, flag, join(place.folder, 'another')),
  },
  {
    error: 'resultsUnusable',
    what: 'a folder is named that `bench list experiments` shows',
    provoke: async () => await run('report', join(place.folder, 'nothing')),
    hint: /as `bench (list) (experiments)` shows them/,
    follow: async ([, ...command]) => {
      const { stdout } = await benchGood(place, command);
      return await run('report', /^ {2}(\/\S+)/m.exec(stdout)?.[1] ?? '');
    },
  },
  {
    error: 'resultsUnusable',
    what: 'one of the experiments in a folder is named',
    provoke: async () => await run('report', place.results),
    hint: /holds experiments, and is none itself\n {2}name one of them, as `bench (list experiments --results \S+)` shows/,
    follow: async ([, command = '']) => {
      const { stdout } = await benchGood(place, command.split(' '));
      return await run('report', /^ {2}(\/\S+)/m.exec(stdout)?.[1] ?? '');
    },
  },
  {
    error: 'resultsUnusable',
    what: 'the whole of an experiment is named',
    provoke: async () => await run('report', join(experiment, 'blocks', 'b001')),
    hint: /b001: is a part of an experiment\n {2}name the whole of it, (\S+)$/m,
    follow: async ([, folder = '']) => await run('report', folder),
  },
  {
    error: 'resultsUnusable',
    what: 'one of the monitors in a folder is not for report, but for push',
    provoke: async () => {
      const monitor = join(place.folder, 'monitors', 'm1');
      mkdirSync(monitor, { recursive: true });
      for (const name of ['monitor.log', 'segment-000001.jsonl']) writeFileSync(join(monitor, name), '');
      return await run('report', join(place.folder, 'monitors'));
    },
    hint: /holds journals of monitors, and no experiment\n {2}`bench (push \S+)<monitor>` sends one of them/,
    follow: async ([, command = '']) =>
      await run(
        ...`${command}m1`.split(' '),
        ...INFLUX,
        '--influx-bucket',
        'b',
        '--influx-token-file',
        file('token', 't'),
      ),
  },
  ...['report', '--resume'].map((command): Row => ({
    error: 'resultsUnusable',
    what: `the folder of a monitor is not for ${command}, but for push`,
    provoke: async () => {
      const monitor = join(place.folder, 'monitor', 'm1');
      mkdirSync(monitor, { recursive: true });
      writeFileSync(join(monitor, 'segment-000001.jsonl'), '');
      return await run(command, monitor);
    },
    hint: /m1: is the journal of a monitor, not an experiment\n {2}`bench (push \S+)` sends it to InfluxDB/,
    follow: async ([, command = '']) =>
      await run(...command.split(' '), ...INFLUX, '--influx-bucket', 'b', '--influx-token-file', file('token', 't')),
  })),
  {
    error: 'resultsUnusable',
    what: 'the folder of the experiments is named',
    provoke: async () => await run('report', '--results', file('no-experiments', '')),
    hint: /name the folder of the experiments with (--results)/,
    follow: async ([, flag = '']) => await run('report', flag, place.results),
  },
  {
    error: 'elsewhere',
    what: 'another port for Prometheus is given',
    fault: ['two at once', 'the port for Prometheus is in use'],
    provoke: async () => await run(...EMPTY, '--metrics-port', String(await listen())),
    hint: /give another (--metrics-port) \((0) takes any free one\)/,
    follow: async ([, ...port]) => await run(...EMPTY, ...port),
  },
  {
    error: 'tokenUnreadable',
    what: 'a file with the token is named',
    fault: ['names, folders and rights', 'the file of a token is gone'],
    provoke: async () => await push('--influx-token-file', join(place.folder, 'missing')),
    hint: /nothing but the token with (--influx-token-file) /,
    follow: async ([, flag = '']) => await push(flag, file('token', 'secret\n')),
    next: /ECONNREFUSED/,
  },
  {
    error: 'tokenUnreadable',
    what: "a file with the administrator's token is named",
    provoke: async () => await run('influx', 'setup', ...INFLUX, '--admin-token-file', file('two', 'one two')),
    hint: /nothing but the token with (--admin-token-file)$/m,
    follow: async ([, flag = '']) => await run('influx', 'setup', ...INFLUX, flag, file('token', 'secret\n')),
    next: /ECONNREFUSED|does not answer/,
  },
];

async function push(...token: readonly string[]): Promise<Outcome> {
  return await run('push', experiment, ...INFLUX, '--influx-bucket', 'b', '--influx-wait', '1', ...token);
}

const OF_THE_DATA: Row[] = [
  {
    error: 'dataUnusable',
    what: 'the number of files is one that can be',
    provoke: async () => await run('datasets', 'generate', '--events', '1'),
    hint: /choose (--files) from 1 to (1)$/m,
    follow: async ([, ...files]) => await run('datasets', 'generate', '--events', '1', ...files),
  },
  {
    error: 'dataUnusable',
    what: 'the size of a file is one that can be',
    provoke: async () => await run('datasets', 'generate', '--files', '1', '--file-size', '5'),
    hint: /choose (--file-size) from (\S+) to \S+$/m,
    follow: async ([, ...least]) => await run('datasets', 'generate', '--files', '1', ...least),
  },
  {
    error: 'dataUnusable',
    what: 'more files are chosen',
    provoke: async () => await run('--files', '1', '--events', '100M', '--dry-run'),
    hint: /choose more (--files), each below \d+ bytes$/m,
    follow: async ([, flag = '']) => await run(flag, '8', '--events', '100M', '--dry-run'),
  },
  {
    error: 'dataUnusable',
    what: 'a damaged data set is cleaned and made anew',
    fault: ['data are damaged', 'a file is cut short, then cleaned and made anew'],
    provoke: async () => {
      const made = await benchGood(place, ['datasets', 'generate', ...TINY]);
      const folder = join(place.cache, 'datasets', /^(\S+)/.exec(made.stdout)?.[1] ?? '');
      truncateSync(join(folder, readdirSync(folder).find((name) => name.endsWith('.root')) ?? ''), 1000);
      return await run('datasets', 'verify');
    },
    hint: /run `bench (datasets clean \S+)`; the next run makes it anew/,
    follow: async ([, command = '']) => {
      await benchGood(place, command.split(' '));
      await benchGood(place, ['datasets', 'generate', ...TINY]);
      return await run('datasets', 'verify');
    },
  },
  {
    error: 'dataUnusable',
    what: 'another place for the data sets is named',
    fault: ['names, folders and rights', 'a file where the data sets should be'],
    provoke: async () => {
      const cache = join(place.folder, 'spoilt');
      mkdirSync(cache);
      writeFileSync(join(cache, 'datasets'), 'a file');
      execFileSync('ln', ['-s', join(place.cache, 'python'), join(cache, 'python')]);
      return await bench(place, ['datasets', 'generate', ...TINY], undefined, { BENCH_CACHE: cache });
    },
    hint: /check that (BENCH_CACHE) names a folder which this user can read and write/,
    follow: async ([, name = '']) =>
      await bench(place, ['datasets', 'generate', ...TINY], undefined, { [name]: place.cache }),
  },
  {
    error: 'dataUnusable',
    what: 'a data set is generated first',
    provoke: async () => await run('datasets', 'verify', 'nano1-000000000000'),
    hint: /run `bench (datasets generate)` first/,
    follow: async ([, command = '']) => {
      const { stdout } = await benchGood(place, [...command.split(' '), ...TINY]);
      return await run('datasets', 'verify', /^(\S+)/.exec(stdout)?.[1] ?? '');
    },
  },
];

test.each([...ON_THE_COMMAND_LINE, ...OF_FOLDERS, ...OF_THE_DATA])('$error: $what', async (row) => {
  await expectToHelp(row);
});

test.skipIf(process.getuid?.() !== 0)('the folder is made writable [needs root]', async () => {
  planted('names, folders and rights', 'a results folder that can only be read');
  execFileSync('mount', ['--bind', experiment, experiment]);
  try {
    execFileSync('mount', ['-o', 'remount,bind,ro', experiment]);
    const refused = await run('report', experiment);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toMatch(/cannot be written: EROFS\n {2}make its folder writable/);
    execFileSync('mount', ['-o', 'remount,bind,rw', experiment]);
    expect((await run('report', experiment)).exitCode).toBe(0);
  } finally {
    execFileSync('umount', [experiment]);
  }
});
