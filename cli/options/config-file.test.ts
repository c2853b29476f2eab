import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorOf } from '../../core/engine/test/error-of.ts';
import { readConfigFile, writeConfigFile } from './config-file.ts';
import { optionsPage, optionsSchema, PAGE, SCHEMA } from './export.ts';
import { FILE_OPTIONS } from './table.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function file(text: string): string {
  const path = join(folder, `${made++}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** A plan of a suite that reads no data, which asks for no Python. */
async function plan(args: readonly string[], env: { [name: string]: string } = {}, suite = ['--suite', 'control']) {
  const command = ['cli/program.ts', 'run', '--dry-run', ...suite, ...args];
  const { exitCode, stdout, stderr } = await execa(process.execPath, command, { env, reject: false });
  return { exitCode, stdout, stderr };
}

const SESSIONS = /session (\d+)/g;
const sessionsOf = (text: string) => Math.max(...[...text.matchAll(SESSIONS)].map(([, number]) => Number(number)));

test('values and lists are what the command line would have given', () => {
  const { options } = readConfigFile(
    file('workers: [1, 2]\nfile-size: 4MB\nparam:\n  queries: [1, 1..8]\n  loops: one\ntls: false\nseed: 7\n'),
  );
  expect(options).toEqual({
    workers: '1,2',
    fileSize: '4MB',
    param: ['queries=1/1..8', 'loops=one'],
    tls: false,
    seed: '7',
  });
  expect(readConfigFile(file('# nothing\n')).options).toEqual({});
});

/** A text, what is said of it after the place, and the text that follows the hint. */
const WRONG = [
  ['sessions: 2\nwokers: 2\n', ':2:1: "wokers" is no option', /write (workers)/, ([, name = '']) => `${name}: 2\n`],
  ['zzz: 2\n', ':1:1: "zzz" is no option', /docs\/options.md lists/, () => 'sessions: 2\n'],
  ['no-tls: true\n', ':1:1: "no-tls" is no option', /write (tls: false)/, ([, line = '']) => line],
  ['tls: "no"\n', ':1:1: tls: "no" is not valid', /give true or (false)/, ([, no = '']) => `tls: ${no}\n`],
  ['  workers: {a: 1}\n', ':1:3: workers: {"a":"1"} is not valid', /give a value/, () => 'workers: 1\n'],
  ['workers: []\n', ':1:1: workers: [] is not valid', /a list of values/, () => 'workers: [1, 2]\n'],
  ['param: 3\n', ':1:1: param: "3" is not valid', /a map of names to values/, () => 'param: {kind: sleep}\n'],
  ['workers: 1\nworkers: 2\n', ':2:1: Map keys must be unique', /correct it there/, () => 'workers: 2\n'],
  ['workers: *nope\n', ':1:1: Unresolved alias', /correct the anchor or the alias/, () => 'workers: 1\n'],
  ['workers: 1\n---\nworkers: 2\n', ':2:1: a second document begins here', /correct it there/, () => 'workers: 2\n'],
  ['workers: [1\n', ':2:1: Flow sequence', /correct it there/, () => 'workers: [1]\n'],
  ['- workers\n', ': holds no options', /such as (workers: 1,2)/, ([, line = '']) => line],
  ['resume: x\n', ':1:1: "resume" is no option', /docs\/options.md lists/, () => ''],
] as const satisfies readonly (readonly [string, string, RegExp, (match: readonly string[]) => string])[];

test.each(WRONG)(
  'a file with %j is refused with its place, and read when the hint is followed',
  (text, said, hint, follow) => {
    const path = file(text);
    const error = errorOf(() => readConfigFile(path));
    expect(error).toMatchObject({ message: expect.stringContaining(`${path}${said}`), exitCode: 2 });
    expect(error?.hint).toMatch(hint);
    expect(readConfigFile(file(follow(hint.exec(error?.hint ?? '') ?? []))).options).toBeDefined();
  },
);

test('a file that is not there is named, and another one is read', async () => {
  const lost = await plan(['--config', join(folder, 'nowhere.yaml')]);
  expect(lost).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/nowhere.yaml: cannot be read: ENOENT\n {2}name another file with --config/),
  });
  expect((await plan(['--config', file('sessions: 1\n')])).exitCode).toBe(0);
});

test('a value that no run takes is told with its line; one of the command line is not', async () => {
  const path = file('repeats: 1\nsessions: many\n');
  expect(await plan(['--config', path])).toMatchObject({
    exitCode: 2,
    stderr: `bench: ${path}:2:1: sessions: "many" is not valid\n  give a whole number from 1 to 1000`,
  });
  expect((await plan(['--config', file('sessions: 1\n'), '--repeats', 'many'])).stderr).toMatch(/^bench: --repeats/);
});

test('a suite and a parameter that there are not are told with their line, unless the command line names another', async () => {
  const suite = file('repeats: 1\nsuite: cntrol\n');
  expect(await plan(['--config', suite], {}, [])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringMatching(/:2:1: there is no suite "cntrol"\n {2}did you mean control\?/),
  });
  const said = async (param: string, ...flags: readonly string[]) =>
    (await plan(['--config', file(`suite: control\nparam:\n  amount: 1\n  ${param}\n`), ...flags])).stderr;
  expect(await said('knd: sleep')).toMatch(/^bench: .*:4:3: there is no parameter "knd" in suite control\n/);
  expect(await said('kind: slep')).toMatch(/^bench: .*:4:3: param kind: "slep" is not valid\n/);
  expect((await plan(['--config', suite, '--suite', 'cntrl'])).stderr).toMatch(/^bench: there is no suite "cntrl"\n/);
});

test('a mistyped variable of the environment, and one that has no use, are named', async () => {
  const env = { BENCH_SESION: '5', BENCH_LAB: '1', BENCH_CODEC: 'lz4', BENCH_MIN_SECONDS: '0', BENCH_WORKERS: '1' };
  const { exitCode, stderr } = await plan([], env);
  expect([exitCode, stderr]).toEqual([
    0,
    [
      'note: BENCH_SESION of the environment is no option and does not count; did you mean BENCH_SESSIONS?',
      'note: BENCH_CODEC does not count: suite control on runner local has no use for it',
    ].join('\n'),
  ]);
});

test('a value of the environment that no run takes is told by the name of its variable', async () => {
  const { exitCode, stderr } = await plan([], { BENCH_SESSIONS: 'many' });
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^bench: BENCH_SESSIONS: "many" is not valid\n/)]);
  expect((await plan(['--sessions', '2'], { BENCH_SESSIONS: 'many' })).exitCode).toBe(0);
});

test('the command line goes before the environment, that before the file, and that before the default', async () => {
  const path = file('sessions: 4\n');
  expect(sessionsOf((await plan([])).stdout)).toBe(3);
  expect(sessionsOf((await plan(['--config', path])).stdout)).toBe(4);
  expect(sessionsOf((await plan(['--config', path], { BENCH_SESSIONS: '5' })).stdout)).toBe(5);
  expect(sessionsOf((await plan(['--config', path, '--sessions', '6'], { BENCH_SESSIONS: '5' })).stdout)).toBe(6);
});

test.for([
  [{ BENCH_NO_TLS: '0' }, []],
  [{ BENCH_NO_TLS: 'false' }, []],
  [{}, ['--tls']],
  [{ BENCH_NO_TLS: '1' }, ['--tls']],
] as const)('%o and %o leave a cluster encrypted that a file would leave open', async ([env, args], { task }) => {
  const path = file('tls: false\n');
  const written = join(folder, `${task.id}.yaml`);
  expect((await plan(['--config', path, '--write', written, ...args], { ...env })).exitCode).toBe(0);
  expect(readConfigFile(written).options['tls']).toBe(true);
});

test('events of the command line go before the size of files in a file, and the other way round', async () => {
  const written = join(folder, 'events.yaml');
  const asked = async (text: string, ...args: string[]) => {
    rmSync(written, { force: true });
    const { exitCode } = await plan(['--config', file(text), '--write', written, ...args], {}, ['--suite', 'adl']);
    const { events, fileSize } = readConfigFile(written).options;
    return { exitCode, events, fileSize };
  };
  expect(await asked('file-size: 4MB\n', '--events', '1M')).toEqual({ exitCode: 0, events: '1M', fileSize: undefined });
  expect(await asked('events: 1M\n', '--file-size', '4MB')).toEqual({
    exitCode: 0,
    events: undefined,
    fileSize: '4MB',
  });
});

test('a text of digits is written and read as it stands', () => {
  const path = join(folder, 'site.yaml');
  writeConfigFile(path, { site: '007', seed: '7', workers: '1e3' });
  expect(readConfigFile(path).options).toEqual({ site: '007', seed: '7', workers: '1e3' });
  expect(readConfigFile(file('site: 007\nmin-seconds: .inf\nparam: {amount: 0.10}\n')).options).toEqual({
    site: '007',
    minSeconds: '.inf',
    param: ['amount=0.10'],
  });
});

test('--write without --dry-run is refused, and with it taken', async () => {
  const path = join(folder, 'alone.yaml');
  const command = ['cli/program.ts', 'run', '--suite', 'control', '--write', path];
  const { exitCode, stderr } = await execa(process.execPath, command, { reject: false });
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/--write is not taken here: .*\n {2}give --dry-run as well/),
  ]);
  expect((await plan(['--write', path])).exitCode).toBe(0);
});

test('what a command line resolves to is written, and gives the same plan, but never over a file that is there', async () => {
  const path = join(folder, 'written.yaml');
  const wanted = ['--workers', '1,2', '--sessions', '4', '--no-tls', '--param', 'kind=sleep', 'amount=0.5/1'];
  const first = await plan([...wanted, '--write', path]);
  expect(first.exitCode).toBe(0);
  const again = await plan(['--config', path]);
  expect(`${again.stdout}\nwritten: ${path}; bench --config ${path} runs it`).toBe(first.stdout);
  expect(await plan([...wanted, '--write', path])).toMatchObject({
    exitCode: 2,
    stderr: `bench: ${path}: is there already\n  name another file with --write`,
  });
  expect((await plan([...wanted, '--write', `${path}.other`])).exitCode).toBe(0);
  expect(readConfigFile(path).options).toMatchObject({ tls: false, param: ['kind=sleep', 'amount=0.5/1'] });
});

test('a parameter that is named several times keeps all its values in the file', async () => {
  const path = join(folder, 'named-twice.yaml');
  const first = await plan(['--param', 'amount=0.5', 'kind=sleep', 'amount=1/2', '--write', path]);
  expect(first.exitCode).toBe(0);
  expect(readConfigFile(path).options['param']).toEqual(['amount=0.5/1/2', 'kind=sleep']);
  const again = await plan(['--config', path]);
  expect(first.stdout.startsWith(again.stdout)).toBe(true);
});

test.for([
  ['0', true],
  ['false', true],
  ['', true],
  ['1', false],
  ['true', false],
] as const)('BENCH_NO_TLS=%s leaves a cluster encrypted: %s', async ([value, tls]) => {
  const path = join(folder, `tls-${value}.yaml`);
  expect((await plan(['--write', path], { BENCH_NO_TLS: value })).exitCode).toBe(0);
  expect(readConfigFile(path).options['tls']).toBe(tls);
});

test('a switch of the environment that is neither on nor off is refused, and with what its hint says it is taken', async () => {
  const { exitCode, stderr } = await plan([], { BENCH_NO_TLS: 'maybe' });
  expect([exitCode, stderr]).toEqual([2, 'bench: BENCH_NO_TLS: "maybe" is not valid\n  give 1 or 0']);
  expect((await plan([], { BENCH_NO_TLS: '0' })).exitCode).toBe(0);
});

test('every option that a file takes can be written and read again', () => {
  const all = FILE_OPTIONS.map(({ key, kind }) => [
    key,
    kind === 'switch' ? false : kind === 'map' ? ['a=1/b'] : 'x,1',
  ]);
  const path = join(folder, 'all.yaml');
  writeConfigFile(path, Object.fromEntries(all));
  expect(readConfigFile(path).options).toEqual(Object.fromEntries(all));
});

test('docs/options.md and its schema are those of the table; if not: npm run generate', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(optionsPage());
  expect(JSON.parse(readFileSync(SCHEMA, 'utf8'))).toEqual(optionsSchema());
});

test('the example of docs/options.md is a file that is taken', () => {
  const example = /```yaml\n([^]*?)```/.exec(optionsPage())?.[1] ?? '';
  expect(readConfigFile(file(example)).options).toMatchObject({ workers: '..16', codec: 'zstd,lz4' });
});
