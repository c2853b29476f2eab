import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import {
  bench,
  benchAfterVerification,
  benchGood,
  journalsIn,
  makePlace,
  mutant,
  type Outcome,
  type Place,
  processesOf,
  pythonOf,
  recordsIn,
  waitFor,
} from './harness.ts';

// What a user, a disk or a neighbour can do wrong. Each ends fast, with the exit code of its kind and a message that says what,
// where and what to do, and leaves no process behind.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterEach(async () => {
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
});
afterAll(() => place.remove());

const CONTROL = ['--suite', 'control', '--workers', '1', '--sessions', '1', '--repeats', '1', '--tasks', '2'];
const SLEEP = [...CONTROL, '--param', 'kind=sleep'];
const DATA = ['--files', '2', '--events', '16000', '--tasks', '4'];
const ADL = [...DATA, '--workers', '1', '--no-reference', '--sessions', '1', '--repeats', '1'];

function experiments(): string[] {
  return existsSync(place.results) ? readdirSync(place.results) : [];
}

function datasets(): string[] {
  const store = join(place.cache, 'datasets');
  return existsSync(store) ? readdirSync(store).filter((name) => !name.startsWith('.')) : [];
}

/** Ended fast with this code and these words, and nothing was begun. */
function expectRefused({ exitCode, stderr, seconds }: Outcome, code: number, ...said: readonly (string | RegExp)[]) {
  for (const words of said) expect(stderr).toMatch(words);
  expect(stderr).not.toContain('this is a bug');
  expect(exitCode).toBe(code);
  // Long for a busy machine, short beside what a run that began would take.
  expect(seconds).toBeLessThan(60);
}

/** The result at the time of the trigger. */
function movedResult(text: string): string {
  const trigger = /"t":([\d.]+),"type":"mark","name":"trigger"/.exec(text)?.[1] ?? '';
  return text.replace(/"t":[\d.]+,("type":"mark","name":"result")/, `"t":${trigger},$1`);
}

/** The answer replaced by a failure, in the same line. */
function withFailure(text: string): string {
  return text.replace(/"type":"answer".*/, '"type":"failed","code":"PLANTED","message":"planted","hint":""}');
}

describe('on the command line', () => {
  test.each<[string, ...string[]]>([
    ['--runner lokal', 'there is no runner "lokal"', 'did you mean local?'],
    ['--runner serial', 'there is no runner "serial" to choose: it is the baseline of every run', 'known: local'],
    ['--suite cntrol', 'there is no suite "cntrol"', 'did you mean control?'],
    ['--backend cofea', 'there is no backend "cofea" in suite adl', 'did you mean coffea?'],
    ['--suite control --backend coffea', 'there is no backend "coffea" in suite control', 'known: dask'],
    ['--backend coffea,', 'there is no backend "" in suite adl', 'known: rdataframe, coffea'],
    ['--param querys=1', 'there is no parameter "querys" in suite adl', 'did you mean queries?'],
    ['--param queries=9', '--param queries: "9" is not valid', 'numbers from 1 to 8'],
    ['--suite control --param kind=slep', '--param kind: "slep" is not valid', 'empty, compute, sleep'],
    ['--suite control --param amount=-1', '--param amount: "-1" is not valid', 'a number that is not negative'],
    ['--param queries', '--param: "queries" is not valid', 'give name=value'],
    ['reprot', 'there is no command "reprot"', 'did you mean report?'],
    ['list suite', 'there is no family "suite"', 'did you mean suites?'],
    ['datasets lits', 'there is no action "lits"', 'did you mean list?'],
    ['datasets generate --files 0', '--files: "0" is not valid', 'a number of files'],
    ['--wrokers 2', "unknown option '--wrokers'", '--workers'],
    ['--workers 0', '--workers: "0" is not valid', 'numbers from 1 to 4096'],
    ['--workers -1', '--workers: "-1" is not valid', 'numbers from 1 to 4096'],
    ['--workers 1e9', '--workers: "1e9" is not valid', 'numbers from 1 to 4096'],
    ['--workers 1000000000', '--workers: "1000000000" is not valid', 'numbers from 1 to 4096'],
    ['--workers ..0', '--workers: "..0" is not valid', 'numbers from 1 to 4096'],
    ['--file-size 0', '--file-size: "0" is not valid', 'sizes such as 16MB,64MB'],
    ['--file-size 64QB', '--file-size: "64QB" is not valid', 'sizes such as 16MB,64MB'],
    ['--files 0', '--files: "0" is not valid', 'numbers from 1'],
    ['--grafana-url grafana', '--grafana-url: "grafana" is not valid', 'https://grafana.example'],
    ['--influx-url here', '--influx-url: "here" is not valid', 'http://localhost:8086'],
    ['--influx-url http://u:p@host:1 --influx-bucket b', 'the token belongs in a file'],
    ['--influx-url http://h:1', '--influx-bucket has no value', 'name of a bucket'],
    [
      '--influx-url http://h:1 --influx-bucket b --influx-org o',
      '--influx-token-file has no value',
      'BENCH_INFLUX_TOKEN',
    ],
    ['--metrics-port 70000', '--metrics-port: "70000" is not valid', 'a port from 0 to 65535'],
    ['push', '--influx-url has no value', 'the address of an InfluxDB'],
    ['influx setup', '--influx-url has no value', 'http://localhost:8086'],
    ['influx setup --influx-url http://h:1 --influx-org o --retention 5m', '--retention: "5m" is not valid', '30d'],
    [
      'monitor --scheduler tcp://h:1 --python /nowhere',
      '--python: "/nowhere" is not valid',
      'with the package distributed (not found)',
    ],
    ['monitor --scheduler tcp://h:1 --python /bin/true', '--python: "/bin/true" is not valid', 'it is no Python'],
    ['monitor --scheduler tcp://h:1 --for -1', '--for: "-1" is not valid', 'seconds, at least'],
    ['--workers --dry-run', '--workers: "--dry-run" is not valid', 'give <'],
    ['--repeats -2', '--repeats: "-2" is not valid', 'a whole number from 1'],
    ['--sessions 1.5', '--sessions: "1.5" is not valid', 'a whole number from 1'],
    ['--seed -1', '--seed: "-1" is not valid', 'a whole number from 0'],
    ['--page-cache hot', '--page-cache: "hot" is not valid', 'warm or cold or uncontrolled'],
    ['--interval 0', '--interval: "0" is not valid', 'seconds, at least 0.05'],
    ['--trial-timeout 0', '--trial-timeout: "0" is not valid', 'seconds, at least 0.1'],
    ['--scheduler-port 70000', '--scheduler-port: "70000" is not valid', 'a whole number from 0 to 65535'],
    ['--memory-limit none', '--memory-limit: "none" is not valid', 'a size from 32MB, such as 2GB'],
    ['--events 0', '--events: "0" is not valid', 'numbers such as 500k,2M'],
    ['--suite control --files 3', '--files is not taken here: suite control reads no data', 'leave it out'],
    ['--events 2M --file-size 3MB', '--file-size is not taken here: --events already says', 'give one of the two'],
    ['datasets generate --events 1k --file-size 3MB', '--file-size is not taken here', 'give one of the two'],
    ['datasets list --files 3', '--files is not taken here: datasets list has no use for it', 'leave it out'],
    ['datasets generate --codec lz5', '--codec: "lz5" is not valid', 'give zstd,lz4,zlib,lzma,none'],
    ['datasets list --codec lz4', '--codec is not taken here: datasets list has no use', 'leave it out'],
    ['datasets generate --full', '--full is not taken here: datasets generate has no use', 'leave it out'],
    ['datasets generate nope', 'nope is not taken here: generate takes no data set', 'leave it out'],
    ['datasets generate --file-size 1', '--file-size is 1B', 'choose --file-size from 100kB to 64GB'],
    ['--events 1', '1 events cannot fill 4 files', 'choose --files from 1 to 1'],
  ])('%s is refused with what is valid', async (line, ...said) => {
    expectRefused(await bench(place, line.split(' ')), 2, ...said);
    expect(experiments()).toEqual([]);
    expect(datasets()).toEqual([]);
  });

  test('more workers than fit into memory are refused, and the number that fits is named and does fit', async () => {
    planted('too little memory, too few files, too little time', 'more workers than fit into memory');
    const refused = await bench(place, ['--suite', 'control', '--workers', '4096', '--dry-run']);
    expect(refused.exitCode).toBe(0);
    const tooMany = await bench(place, ['--suite', 'control', '--workers', '4096']);
    expectRefused(
      tooMany,
      3,
      /4096 workers need about [\d.]+ GB of memory.*, [\d.]+ GB are free/,
      /use --workers \d+ at/,
    );
    expect(Number(/--workers (\d+)/.exec(tooMany.stderr)?.[1])).toBeGreaterThan(1);
    expect(experiments()).toEqual([]);
  });
});

describe('of the machine', () => {
  test('a Python that is not there is named', async () => {
    planted('a program or a package is not there', 'no Python');
    const cache = join(place.folder, 'empty-cache');
    const env = { BENCH_CACHE: cache, BENCH_PYTHON: '/nowhere/python3' };
    const said = ['Python: /nowhere/python3: not found', 'let BENCH_PYTHON name a Python 3.11 to 3.13'];
    expectRefused(await bench(place, CONTROL, undefined, env), 3, ...said);
    const doctor = await bench(place, ['doctor'], undefined, env);
    expect(doctor.exitCode).toBe(3);
    expect(doctor.stdout).toMatch(/MISSING {2}Python: \/nowhere\/python3: not found\n +let BENCH_PYTHON name/);
  });

  test('what is set for other work, and kept from ours, is named', async () => {
    planted('settings of the environment', 'variables of Dask, Python and OpenMP');
    const env = { DASK_DISTRIBUTED__SCHEDULER__WORK_STEALING: 'False', PYTHONPATH: '/view', OMP_NUM_THREADS: '8' };
    const { exitCode, stdout } = await bench(place, ['doctor'], undefined, env);
    expect(exitCode).toBe(0);
    const [, names = ''] = /^note +set here and kept from what is measured: (.*)$/m.exec(stdout) ?? [];
    expect(names.split(', ')).toEqual(expect.arrayContaining(Object.keys(env)));
  });

  test('a C++ compiler that is not there is named', async () => {
    planted('a program or a package is not there', 'no C++ compiler');
    const tools = join(place.folder, 'tools');
    mkdirSync(tools);
    for (const folder of (process.env['PATH'] ?? '').split(delimiter).toReversed()) {
      for (const name of existsSync(folder) ? readdirSync(folder) : []) {
        if (/^(python3?(\.\d+)?|bash|sh|env|git|cat|dirname|head|grep|sed|cut|tr|readlink|pyenv)$/.test(name)) {
          rmSync(join(tools, name), { force: true });
          symlinkSync(join(folder, name), join(tools, name));
        }
      }
    }
    const env = { BENCH_CACHE: join(place.folder, 'empty-cache'), PATH: tools, BENCH_PYTHON: basePython() };
    const said = ['C++ compiler: c++ not found on PATH', /install a C\+\+ compiler .*apt-get install g\+\+/];
    expectRefused(await bench(place, CONTROL, undefined, env), 3, ...said);
    // Also where the environment was made while there was one.
    expectRefused(await bench(place, CONTROL, undefined, { PATH: tools }), 3, ...said);
  });
});

/** The interpreter that the environment was made from: no shim that needs other programs. */
function basePython(): string {
  return execFileSync(pythonOf(place), ['-c', 'import os, sys; print(os.path.realpath(sys.executable))'], {
    encoding: 'utf8',
  }).trim();
}

describe('of the results folder', () => {
  test('one that cannot be made is named before anything else is done', async () => {
    planted('names, folders and rights', 'a results folder below a file');
    writeFileSync(join(place.folder, 'file'), '');
    const folder = join(place.folder, 'file', 'results');
    expectRefused(
      await bench(place, [...ADL, '--results', folder]),
      3,
      `${folder}: cannot be written: ENOTDIR`,
      '--results',
    );
    expect(datasets()).toEqual([]);
  });

  // There the system says of everything new that it does not exist, and whoever makes the folder above first tries for ever.
  test.each<[string, readonly string[], string]>([
    ['results of a run', [...CONTROL, '--results', '/proc/hepbench/a'], '/proc/hepbench/a: cannot be written: ENOENT'],
    ['results of a run below those of a process', [...CONTROL, '--results', '/dev/fd/x'], '/dev/fd/x: cannot be'],
    [
      'results of a monitor',
      ['monitor', '--scheduler', 'tcp://127.0.0.1:9', '--results', '/proc/hepbench'],
      '/proc/hepbench: cannot be written: ENOENT',
    ],
  ])('%s where no folder can be made are refused at once', async (what, args, said) => {
    planted('names, folders and rights', `${what} where no folder can be made`);
    expectRefused(await bench(place, args), 3, said, 'name another one with --results');
  });

  test('a cache where no folder can be made is refused at once', async () => {
    planted('names, folders and rights', 'a cache where no folder can be made');
    const env = { BENCH_CACHE: '/proc/hepbench' };
    const said = ['cannot write in /proc/hepbench: ENOENT', 'name another folder with BENCH_CACHE'];
    expectRefused(await bench(place, ['datasets', 'list'], undefined, env), 3, ...said);
    const odd = join(place.folder, 'odd-cache');
    mkdirSync(odd);
    writeFileSync(join(odd, 'python'), '');
    const refused = await bench(place, ['datasets', 'list'], undefined, { BENCH_CACHE: odd });
    expectRefused(refused, 3, `cannot write in ${odd}/python: EEXIST`, 'name another folder with BENCH_CACHE');
  });

  test.skipIf(process.getuid?.() !== 0)(
    'a full disk ends the run at once, and with room --resume ends with exactly the planned trials [needs root]',
    async () => {
      planted('a disk is full', 'that of the results, which gets room for --resume');
      const disk = join(place.folder, 'small-disk');
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', disk]);
      try {
        const results = join(disk, 'results');
        const many = [
          '--suite',
          'control',
          '--workers',
          '1',
          '--sessions',
          '1',
          '--repeats',
          '20',
          '--interval',
          '0.05',
        ];
        const full = await bench(place, [...many, '--results', results]);
        expectRefused(full, 3, /cannot be written: ENOSPC/, /make room/, /to go on: bench --resume/);
        expect(processesOf(place)).toEqual([]);
        const experiment = join(results, readdirSync(results)[0] ?? '');
        expect(journalsIn(experiment).length).toBeLessThan(21);
        execFileSync('mount', ['-o', 'remount,size=64m', disk]);
        const report = await bench(place, ['report', experiment]);
        expect(report.exitCode).toBe(0);
        expect(report.stdout).toMatch(/\d+ of 21 trials recorded/);
        const resumed = await bench(place, ['--resume', experiment]);
        expect(resumed.exitCode).toBe(0);
        expect(recordsIn(experiment).map(({ state }) => state)).toEqual(Array.from({ length: 21 }, () => 'valid'));
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );

  // At one of these sizes the first collector of a trial starts, and the second finds no room for what it has to say.
  test.skipIf(process.getuid?.() !== 0).each([24, 28, 32])(
    'a disk with room for %i kB ends the run in the middle of its first trial, and nothing goes on [needs root]',
    async (kilobytes) => {
      planted('a disk is full', `that of the results, of ${kilobytes} kB`);
      const disk = join(place.folder, `disk-of-${kilobytes}`);
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk]);
      try {
        const run = await bench(place, [...CONTROL, '--interval', '0.05', '--results', join(disk, 'results')]);
        expectRefused(run, 3, /cannot be written: ENOSPC/, /make room/, /to go on: bench --resume/);
        expect(processesOf(place)).toEqual([]);
      } finally {
        execFileSync('umount', [disk]);
      }
    },
  );

  describe('what is in it', () => {
    let experiment: string;
    let journal: string;
    let lines: string[];
    beforeAll(async () => {
      ({ experiment } = await benchGood(place, CONTROL));
      journal = journalsIn(experiment)[0] ?? '';
      lines = readFileSync(journal, 'utf8').split('\n');
    });

    /** How many lines `content` of the journal had, and how many of them are not in it any more. */
    function lacking(content: string): [number, number] {
      const now = new Set(readFileSync(journal, 'utf8').split('\n'));
      const before = content.trimEnd().split('\n');
      return [before.length, before.filter((line) => !now.has(line)).length];
    }

    test('a journal with a corrupt line in the middle is named with the line, the report is made of the others, and --resume runs its block again', async () => {
      planted('a journal is damaged', 'a line is cut short, then --resume');
      writeFileSync(journal, lines.with(2, '{"v":1,"tri').join('\n'));
      const said = [
        `${journal}: line 3 is not an event: not JSON`,
        /restore the file, or run its block again .*--resume/,
      ];
      const report = await bench(place, ['report', experiment]);
      expectRefused(report, 3, ...said);
      expect(report.stdout).toContain('1 of 2 trials recorded');
      expect(report.stdout).toMatch(/^unreadable b001-t00: .* line 3 is not an event/m);
      expect(readFileSync(join(experiment, 'report.html'), 'utf8')).toContain('b001-t00 is missing: ');
      const resumed = await bench(place, ['--resume', experiment]);
      expect(resumed.stderr).toContain(`note: ${journal}: line 3 is not an event`);
      expect(resumed.exitCode).toBe(0);
      expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['valid', 'valid']);
      expect(readdirSync(join(experiment, 'blocks'))).toContain('b001.aborted-1');
    });

    test('a report needs no cache that can be written', async () => {
      planted('names, folders and rights', 'a cache that cannot be written, for a report');
      const report = await bench(place, ['report', experiment], undefined, { BENCH_CACHE: '/proc/hepbench' });
      expect({ exitCode: report.exitCode, stderr: report.stderr }).toEqual({ exitCode: 0, stderr: '' });
    });

    test('a journal of a newer version is refused with what to do', async () => {
      const counter = planted('a journal is damaged', 'all lines are of a newer version');
      const whole = readFileSync(journal, 'utf8');
      const newer = whole.replaceAll('"v":1,', '"v":2,');
      writeFileSync(journal, newer);
      const said = [`${journal}: was written by a newer hepbench (journal version 2`, 'update hepbench'];
      expectRefused(await bench(place, ['report', experiment]), 3, ...said);
      expectRefused(await bench(place, ['--resume', experiment]), 3, ...said);
      counter.lost('lines', ...lacking(newer));
      writeFileSync(journal, whole);
    });

    test('a torn last line makes the trial incomplete, and --resume runs it again', async () => {
      planted('a journal is damaged', 'the last line is torn, then --resume');
      writeFileSync(journal, lines.slice(0, -2).join('\n').slice(0, -5));
      const report = await bench(place, ['report', experiment]);
      expect(report.exitCode).toBe(0);
      expect(report.stdout).toContain('the last line of the journal is cut short');
      expect(recordsIn(experiment)[0]?.state).toBe('incomplete');
      expect((await bench(place, ['--resume', experiment])).exitCode).toBe(0);
      expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['valid', 'valid']);
    });

    test('a trial that was killed before its first line counts as not run, and --resume runs it', async () => {
      planted('a journal is damaged', 'empty, or a part of its first line, then --resume');
      for (const begun of ['', (lines[0] ?? '').slice(0, 50)]) {
        writeFileSync(journal, begun);
        rmSync(journal.replace('events.jsonl', 'record.json'));
        // Of a run that had ended all trials were there: what is lacking there is damage, and named.
        const ended = await bench(place, ['report', experiment]);
        expect([ended.exitCode, ended.stderr]).toEqual([3, expect.stringContaining(`${journal}: holds no whole line`)]);
        const file = join(experiment, 'experiment.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"finishedAt": "[^"]*"/, '"finishedAt": null'));
        const report = await bench(place, ['report', experiment]);
        expect({ exitCode: report.exitCode, stderr: report.stderr }).toEqual({ exitCode: 0, stderr: '' });
        expect(report.stdout).toContain('1 of 2 trials recorded');
        expect((await bench(place, ['--resume', experiment])).exitCode).toBe(0);
        expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['valid', 'valid']);
      }
    });

    test.each([
      ['T of zero', 5, 'invalid', /T_IMPOSSIBLE: T is 0\.000 s/, (text: string) => movedResult(text)],
      ['a trial that failed', 4, 'failed', /FAILED_PLANTED: planted/, (text: string) => withFailure(text)],
    ])('a report made later of %s has the exit code of the run: %i', async (_name, code, state, said, damage) => {
      const whole = readFileSync(journal, 'utf8');
      writeFileSync(journal, damage(whole));
      const report = await bench(place, ['report', experiment]);
      expect(report.exitCode).toBe(code);
      expect(report.stdout).toMatch(said);
      expect(recordsIn(experiment)[0]?.state).toBe(state);
      writeFileSync(journal, whole);
      expect((await bench(place, ['report', experiment])).exitCode).toBe(0);
    });

    test('a journal without its first line is refused by name', async () => {
      const counter = planted('a journal is damaged', 'the first line is gone');
      const whole = readFileSync(journal, 'utf8');
      const headless = whole.split('\n').slice(1).join('\n');
      writeFileSync(journal, headless);
      expectRefused(
        await bench(place, ['report', experiment]),
        3,
        `${journal}: does not say what was planned`,
        '--resume',
      );
      counter.lost('lines', ...lacking(headless));
      writeFileSync(journal, whole);
    });

    test('a corrupt record is made again from its journal', async () => {
      const counter = planted('a journal is damaged', 'the record beside it is cut short');
      const path = journal.replace('events.jsonl', 'record.json');
      const before = readFileSync(path, 'utf8');
      writeFileSync(path, before.slice(0, 100));
      expect((await bench(place, ['report', experiment])).exitCode).toBe(0);
      const after = readFileSync(path, 'utf8');
      counter.lost('records', 1, after === before ? 0 : 1);
      expect(after).toBe(before);
    });

    test('an experiment.json that is corrupt, of a newer version or not there is refused by name', async () => {
      const counter = planted('a journal is damaged', 'experiment.json is cut short, newer, another document or gone');
      const kept = readFileSync(journal, 'utf8');
      const path = join(experiment, 'experiment.json');
      const text = readFileSync(path, 'utf8');
      for (const [content, said] of [
        [text.slice(0, 200), 'cannot be read: SyntaxError'],
        ['{"schemaVersion": 1}', 'is not as expected'],
        [text.replace('"schemaVersion": 1', '"schemaVersion": 2'), 'was written by a newer hepbench (version 2'],
      ] as const) {
        writeFileSync(path, content);
        expectRefused(await bench(place, ['report', experiment]), 3, path, said, /name the folder|update hepbench/);
        expectRefused(await bench(place, ['--resume', experiment]), 3, path, said);
      }
      counter.lost('lines', ...lacking(kept));
      rmSync(path);
      const said = [
        `${path}: does not exist`,
        'name the folder of an experiment, as `bench list experiments` shows them',
      ];
      expectRefused(await bench(place, ['report', experiment]), 3, ...said);
      expectRefused(await bench(place, ['--resume', experiment]), 3, ...said);
    });

    test('a report of no experiment at all says where it looked', async () => {
      const empty = join(place.folder, 'no-results');
      const said = [`${empty}: holds no experiment`, 'run one first, or name another folder with --results'];
      expectRefused(await bench(place, ['report', '--results', empty]), 3, ...said);
    });
  });
});

describe('of the cluster', () => {
  test('a scheduler port that is in use is named, with the flag that gives another', async () => {
    planted('two at once', 'the port of the scheduler is in use');
    const server = createServer();
    const port = await new Promise<number>((resolve, reject) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
    const run = await bench(place, [...CONTROL, '--scheduler-port', String(port)]);
    server.close();
    expectRefused(run, 3, `the scheduler cannot listen on port ${port}: it is in use`, '--scheduler-port', '--resume');
    expect(run.stderr).not.toContain('Traceback');
    expect(recordsIn(run.experiment)).toEqual([]);
  });

  test.each(['spawn', 'fork-server'])(
    'workers that never come are counted and end the run in time (%s)',
    async (method) => {
      planted('a process stands still or is late', `a worker that never comes, ${method}`);
      const root = mutant(
        place,
        'analyses/src/hepbench/cluster.py',
        '    worker = await Worker(',
        '    if name == "w1":\n        await asyncio.sleep(3600)\n    worker = await Worker(',
      );
      const args = [...CONTROL, '--workers', '2', '--start-method', method, '--join-timeout', '4'];
      const run = await bench(place, args, root);
      expectRefused(run, 3, '1 of 2 workers joined within 4 s', 'raise --join-timeout', '--resume');
      expect(processesOf(place)).toEqual([]);
    },
  );

  test('a trial that takes too long fails alone; the next one gets a new session and says that it is not warm', async () => {
    planted('too little memory, too few files, too little time', 'a trial that takes too long');
    const args = [...SLEEP, '--param', 'amount=4', '--trial-timeout', '2'];
    const run = await bench(place, args);
    expectRefused(
      run,
      4,
      /trial b001-t00 failed\n +trial b001-t00 did not end within 2 s \(raise it with --trial-timeout/,
    );
    const records = recordsIn(run.experiment);
    expect(records.map(({ state }) => state)).toEqual(['failed', 'failed']);
    expect(records.map(({ taints }) => taints.map(({ code }) => code))).toEqual([[], ['SESSION_REOPENED']]);
    expect(run.stdout).toContain('2 of 2 trials recorded, 2 not counted');
  });

  test('an experiment that takes too long ends within its time and can be gone on with', async () => {
    planted('too little memory, too few files, too little time', 'an experiment that takes too long');
    const run = await bench(place, [...SLEEP, '--param', 'amount=4', '--timeout', '4']);
    expectRefused(
      run,
      4,
      'the experiment did not end within 4 s',
      'raise it with --timeout',
      /to go on: bench --resume/,
    );
    expect(run.seconds).toBeLessThan(60);
    expect(recordsIn(run.experiment).map(({ state }) => state)).toEqual(['incomplete']);
  });
});

describe('of the data', () => {
  let dataset: string;
  let good: string;
  const file = () => join(dataset, 'f0001.root');
  beforeAll(async () => {
    const made = await benchGood(place, ['datasets', 'generate', '--files', '2', '--events', '16000']);
    dataset = join(place.cache, 'datasets', /^(\S+)/.exec(made.stdout)?.[1] ?? '');
    good = join(place.folder, 'good.root');
    copyFileSync(file(), good);
    execFileSync(pythonOf(place), ['-c', WRITE_BAD_FILES, place.folder]);
  }, 60_000);
  afterEach(() => copyFileSync(good, file()));

  test.each<[string, (path: string) => void, string]>([
    ['truncated', (path) => truncateSync(path, 5_000_000), 'has 5000000 bytes, should have'],
    ['altered', overwriteInTheMiddle, 'has SHA-256'],
    ['missing', (path) => rmSync(path), 'is missing'],
  ])('a file that is %s is named before the first trial', async (what, change, said) => {
    planted('data are damaged', `a file is ${what}`);
    const before = experiments();
    change(file());
    expectRefused(await bench(place, ADL), 3, `${file()} ${said}`, /clean nano\d+-\w+/);
    expect(experiments()).toEqual(before);
    copyFileSync(good, file());
    expect((await bench(place, ['datasets', 'verify'])).exitCode).toBe(0);
  });

  // Put in place after the verification: the trial must say so, and never hang.
  const TREE = /[Ee]vents/;
  const COLUMN = /Jet_|nJet|Electron_|nElectron/;
  test.each([
    ['coffea', 'no-tree', TREE],
    ['coffea', 'no-branch', COLUMN],
    ['coffea', 'missing', /No such file or directory/],
    ['rdataframe', 'no-tree', TREE],
    ['rdataframe', 'no-branch', COLUMN],
    ['rdataframe', 'missing', /No such file or directory/],
  ] as const)('%s: a later file with %s fails the trials with a message that names it', async (backend, bad, said) => {
    planted(
      'data are damaged',
      `a file ${bad === 'missing' ? 'is gone' : `has ${bad.replace('-', ' ')}`} after the verification, ${backend}`,
    );
    const run = await benchAfterVerification(place, [...ADL, '--backend', backend, '--param', 'queries=2'], () => {
      rmSync(file());
      if (bad !== 'missing') copyFileSync(join(place.folder, `${bad}.root`), file());
    });
    expect(run.text).not.toContain('this is a bug');
    expect(run.exitCode).toBe(4);
    expect(run.seconds).toBeLessThan(120);
    const records = recordsIn(run.experiment);
    expect(records.length).toBeGreaterThanOrEqual(2);
    for (const { state, reasons } of records) {
      expect(state).toBe('failed');
      const { message } = reasons.find(({ code }) => code.startsWith('FAILED_')) ?? { message: '' };
      expect(message).toMatch(said);
      // ROOT names the column, but not the file that lacks it.
      expect(message.includes('f0001.root') || bad === 'no-branch').toBe(true);
      expect(message.length).toBeLessThan(800);
    }
  });
});

const WRITE_BAD_FILES = `
import sys
import numpy, uproot
for name, tree in ("no-tree", "Others"), ("no-branch", "Events"):
    with uproot.recreate(f"{sys.argv[1]}/{name}.root") as file:
        file.mktree(tree, {"MET_pt": "float32", "MET_phi": "float32"})
        file[tree].extend({"MET_pt": numpy.ones(8000, "f4"), "MET_phi": numpy.ones(8000, "f4")})
`;

function overwriteInTheMiddle(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096), 0, 4096, 6_000_000);
  closeSync(file);
}
