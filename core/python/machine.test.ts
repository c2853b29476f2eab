import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { checkMachine, requireMachine } from './machine.ts';
import type { MachineNeeds } from './machine.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function finding(name: string, needs: Partial<MachineNeeds>) {
  const findings = await checkMachine({ cacheDir: folder, needBytes: 0, needMemoryBytes: 0, ...needs });
  return findings.find((candidate) => candidate.name === name);
}

/** An executable `name` in a folder that is all of PATH. */
function onlyOnPath(name: string, script: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: bin };
}

test('this machine can run the analyses', async () => {
  const findings = await checkMachine({ cacheDir: join(folder, 'new'), needBytes: 0, needMemoryBytes: 0 });
  expect(findings.filter(({ ok }) => !ok)).toEqual([]);
  expect(findings.map(({ name }) => name)).toEqual([
    'platform',
    'Python',
    'C++ compiler',
    'memory',
    'temporary folder',
    'cache folder',
  ]);
  expect(() => requireMachine(findings)).not.toThrow();
});

test('a PATH without c++ is seen, and the hint names g++', async () => {
  expect(await finding('C++ compiler', { env: { PATH: folder } })).toMatchObject({
    ok: false,
    seen: 'c++ not found on PATH',
    hint: expect.stringContaining('g++'),
  });
});

test('a compiler without headers is seen with its own words', async () => {
  const env = onlyOnPath('c++', 'echo "<stdin>:1:10: fatal error: vector: No such file or directory" >&2; exit 1');
  expect(await finding('C++ compiler', { env })).toMatchObject({
    ok: false,
    seen: 'c++ cannot read the standard headers: <stdin>:1:10: fatal error: vector: No such file or directory',
  });
});

test('BENCH_PYTHON that leads nowhere is seen, and other Pythons are not tried', async () => {
  const env = { ...process.env, BENCH_PYTHON: join(folder, 'nothing') };
  expect(await finding('Python', { env })).toMatchObject({
    ok: false,
    seen: `${join(folder, 'nothing')}: not found`,
    hint: expect.stringContaining('BENCH_PYTHON'),
  });
});

test('a Python that is too new is seen with its version', async () => {
  const env = onlyOnPath('python3', 'printf "3.14.1\\n/usr/bin/python3\\nyes\\n"');
  const python = await finding('Python', { env });
  expect(python).toMatchObject({ ok: false, hint: expect.stringContaining('python3-venv') });
  expect(python?.seen).toContain('python3: is 3.14.1, not 3.11 to 3.13');
});

test('a Debian Python without python3-venv is seen', async () => {
  const env = onlyOnPath('python3', `printf "3.11.2\\n/usr/bin/python3\\nNo module named 'ensurepip'\\n"`);
  const python = await finding('Python', { env });
  expect(python?.ok).toBe(false);
  expect(python?.seen).toContain("python3: 3.11.2 cannot make environments (No module named 'ensurepip')");
});

test.each([
  ['/nowhere', 'cannot write in /nowhere: ENOENT'],
  ['/proc', 'cannot write in /proc: ENOENT'],
  ['scratch', 'TMPDIR is "scratch"'],
])('a folder for temporary files that does not serve is seen: %s', async (TMPDIR, seen) => {
  const env = { ...process.env, TMPDIR };
  expect(await finding('temporary folder', { env })).toMatchObject({
    ok: false,
    seen,
    hint: expect.stringContaining('TMPDIR'),
  });
});

test('too little memory and a full disk are seen with the sizes', async () => {
  const needs = { needBytes: 1e18, needMemoryBytes: 1e15 };
  expect(await finding('memory', needs)).toMatchObject({
    ok: false,
    seen: expect.stringMatching(/^\d+\.\d GB free, 1000000\.0 GB needed$/),
  });
  expect(await finding('cache folder', needs)).toMatchObject({
    ok: false,
    hint: expect.stringContaining('BENCH_CACHE'),
  });
});

test('a cache folder that cannot be made is seen', async () => {
  writeFileSync(join(folder, 'file'), '');
  const cacheDir = join(folder, 'file/cache');
  expect(await finding('cache folder', { cacheDir })).toMatchObject({
    ok: false,
    seen: `cannot write in ${cacheDir}: ENOTDIR`,
  });
});

test('what is missing becomes one error with a line and a hint each', async () => {
  const findings = await checkMachine({
    cacheDir: folder,
    needBytes: 1e18,
    env: { PATH: folder, BENCH_PYTHON: '/nothing' },
  });
  expect(() => requireMachine(findings)).toThrow(
    expect.objectContaining({
      code: 'machine-not-ready',
      exitCode: 3,
      message: expect.stringMatching(/^Python: .*\nC\+\+ compiler: .*\ncache folder: .*$/),
      hint: expect.stringMatching(/^let .*\ninstall .*\nmake room.*$/),
    }),
  );
});
