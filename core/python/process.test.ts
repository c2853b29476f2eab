import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { developmentPython } from '../../test/house/python.ts';
import { ignoredVariables, NEUTRAL_FOLDER, openPythonEnvironment, pythonEnvironment } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'process-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('nothing of the environment passes but where programs are, the language and the place for temporary files', () => {
  const told = { PATH: '/bin', LC_ALL: 'C.UTF-8', TMPDIR: '/scratch' };
  const kept = {
    PYTHONPATH: '/view',
    DASK_LOGGING: 'x',
    LD_PRELOAD: '/x.so',
    ROOTSYS: '/root',
    http_proxy: 'p',
    HOME: '/u',
  };
  const made = pythonEnvironment({ ...told, ...kept, BENCH_CACHE: folder });
  expect(made).toMatchObject({ ...told, HOME: join(folder, 'home'), BENCH_CACHE: folder });
  expect(Object.entries(kept).filter(([name, value]) => made[name] === value)).toEqual([]);
  expect(existsSync(join(folder, 'home'))).toBe(true);
});

test('what a user would expect to count is named', () => {
  const env = {
    DASK_X__Y: '1',
    PYTHONPATH: '/v',
    OMP_NUM_THREADS: '8',
    LD_LIBRARY_PATH: '/l',
    CPATH: '/i',
    EDITOR: 'vi',
    PATH: '/bin',
  };
  expect(ignoredVariables(env)).toEqual(['CPATH', 'DASK_X__Y', 'LD_LIBRARY_PATH', 'OMP_NUM_THREADS', 'PYTHONPATH']);
});

test('what is set as we set it is not named', () => {
  expect(ignoredVariables({ PYTHONUNBUFFERED: '1', OMP_NUM_THREADS: '1' })).toEqual([]);
});

test('a monitor keeps the environment of its user, and with a Python that was given the path of its view', () => {
  const env = { DASK_DISTRIBUTED__COMM__TLS__CA_FILE: '/ca.pem', HOME: '/u', PYTHONPATH: '/view' };
  const given = openPythonEnvironment(true, env);
  expect(given).toMatchObject({ DASK_DISTRIBUTED__COMM__TLS__CA_FILE: '/ca.pem', HOME: '/u' });
  expect(given['PYTHONPATH']).toMatch(/analyses\/src:\/view$/);
  expect(openPythonEnvironment(false, env)['PYTHONPATH']).toMatch(/analyses\/src$/);
});

test('a cache that may only be read leaves Python without a home', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(pythonEnvironment({ BENCH_CACHE: join(folder, 'file') })['HOME']).toBe('/nonexistent');
});

test("Dask's configuration, start files and modules of the user and of the working directory change nothing", async () => {
  const home = join(folder, 'user');
  mkdirSync(join(home, '.config/dask'), { recursive: true });
  writeFileSync(join(home, '.config/dask/mine.yaml'), 'distributed: {scheduler: {work-stealing: false}}');
  writeFileSync(join(home, '.rootrc'), 'Hist.Binning.1D.x: 7\n');
  writeFileSync(join(home, 'tornado.py'), 'raise SystemExit("a module of the working directory")');
  const env = {
    ...process.env,
    BENCH_CACHE: folder,
    HOME: home,
    PYTHONPATH: home,
    DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE: '0.1',
  };
  const code = [
    'import dask, distributed, ROOT',
    'print(dask.config.get("distributed.scheduler.work-stealing"), dask.config.get("distributed.worker.memory.pause"))',
    'print(ROOT.gEnv.GetValue("Hist.Binning.1D.x", 100))',
  ].join('\n');
  const python = await developmentPython();
  const run = (of: NodeJS.ProcessEnv, cwd = home) =>
    execFileSync(python, ['-c', code], { env: of, cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  expect(run(pythonEnvironment(env), NEUTRAL_FOLDER)).toBe('True 0.8\n100\n');
  expect(() => run(env)).toThrow('a module of the working directory');
  rmSync(join(home, 'tornado.py'));
  expect(run(env)).toBe('False 0.1\n7\n');
});
