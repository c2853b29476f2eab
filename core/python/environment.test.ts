import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { cacheFolder } from './cache-folder.ts';
import { ensurePythonEnvironment } from './environment.ts';

// Making a real environment, and being killed meanwhile, is test/lab/python-environment.test.ts.

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-environment-'));
});
// What an aborted step has started may write for a moment longer.
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 100 }));

/** The name an environment of this checkout has here. */
async function key(): Promise<string> {
  return (await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true })).key;
}

test('an environment that is ready is found without starting a Python', async () => {
  await key();
  const { python } = await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true, env: {} });
  expect(existsSync(python)).toBe(true);
  const fastest = async (times: number, work: () => Promise<unknown>) => {
    const seconds: number[] = [];
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      await work();
      seconds.push(performance.now() - start);
    }
    return Math.min(...seconds);
  };
  const found = await fastest(
    5,
    async () => await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true, env: {} }),
  );
  expect(found).toBeLessThan(await fastest(5, async () => await execa(python, ['-c', 'import importlib.metadata'])));
});

test('without a Python nothing is made, and the error says so', async () => {
  const env = { ...process.env, BENCH_PYTHON: join(folder, 'nothing') };
  await expect(ensurePythonEnvironment({ cacheDir: folder, env })).rejects.toMatchObject({
    code: 'machine-not-ready',
    exitCode: 3,
    message: `Python: ${join(folder, 'nothing')}: not found`,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('a marker whose interpreter is gone or another does not count', async () => {
  const made = join(folder, 'python', await key());
  mkdirSync(join(made, 'bin'), { recursive: true });
  writeFileSync(join(made, 'ready'), '/usr/bin/python3.11');
  symlinkSync('/bin/sh', join(made, 'bin/python'));
  await expect(ensurePythonEnvironment({ cacheDir: folder, dev: true, env: { PATH: folder } })).rejects.toMatchObject({
    code: 'machine-not-ready',
  });
  writeFileSync(join(made, 'ready'), realpathSync('/bin/sh'));
  await expect(ensurePythonEnvironment({ cacheDir: folder, dev: true, env: { PATH: folder } })).resolves.toMatchObject({
    python: join(made, 'bin/python'),
  });
});

test('a step that fails is named with the end of its output, and leaves neither marker nor lock', async () => {
  const env = { ...process.env, PIP_NO_INDEX: '1', PIP_FIND_LINKS: '' };
  await expect(ensurePythonEnvironment({ cacheDir: folder, env })).rejects.toMatchObject({
    code: 'python-setup-failed',
    exitCode: 3,
    message: expect.stringMatching(/pip install uv failed\n.*No matching distribution/s),
  });
  const [made = ''] = readdirSync(join(folder, 'python'));
  expect(readdirSync(join(folder, 'python'))).toEqual([made]);
  expect(existsSync(join(folder, 'python', made, 'ready'))).toBe(false);
}, 60_000);

test('an abort before or during a step is an interruption', async () => {
  const attempt = ensurePythonEnvironment({ cacheDir: folder, signal: AbortSignal.timeout(1500) });
  await expect(attempt).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
}, 60_000);

test('the environment for tests serves a run, too', async () => {
  const options = { cacheDir: cacheFolder(), env: {} };
  const { key } = await ensurePythonEnvironment({ ...options, dev: true });
  const parent = mkdtempSync(join(tmpdir(), 'hepbench-dev-only-'));
  mkdirSync(join(parent, 'python'));
  symlinkSync(join(cacheFolder(), 'python', key), join(parent, 'python', key));
  expect((await ensurePythonEnvironment({ ...options, cacheDir: parent })).key).toBe(key);
  rmSync(parent, { recursive: true });
});
