import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findInterpreter } from './interpreter.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'interpreter-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that says that it is a Python, and starts only where `condition` holds. */
function python(condition: string): string {
  const path = join(folder, 'python3');
  writeFileSync(path, `#!/bin/sh\n${condition} || exit 127\nprintf '3.12.1\\n${path}\\nyes\\n'\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a Python that starts only with the libraries of a view is named with what it lacks', async () => {
  const path = python('[ -n "$LD_LIBRARY_PATH" ]');
  const env = { BENCH_PYTHON: path, LD_LIBRARY_PATH: '/view/lib', PATH: process.env['PATH'] };
  expect(await findInterpreter(env)).toEqual({
    found: false,
    seen: `${path}: 3.12.1 does not start without LD_LIBRARY_PATH, which we keep from it`,
  });
});

test('one that starts by itself is taken', async () => {
  const path = python('true');
  const env = { BENCH_PYTHON: path, LD_LIBRARY_PATH: '/view/lib', PATH: process.env['PATH'] };
  expect(await findInterpreter(env)).toEqual({ found: true, interpreter: { path, version: '3.12.1' } });
});

test('a Python of which only the folder of ensurepip is left cannot make environments', async () => {
  // A package that is nothing but its folder has no function, either.
  mkdirSync(join(folder, 'ensurepip'));
  writeFileSync(join(folder, 'ensurepip/__init__.py'), '');
  const path = join(folder, 'python3');
  const code = `import sys; sys.path.insert(0, '${folder}'); exec(sys.argv[1])`;
  writeFileSync(path, `#!/bin/sh\nexec python3 -I -c "${code}" "$3"\n`);
  chmodSync(path, 0o755);
  const search = await findInterpreter({ ...process.env, BENCH_PYTHON: path });
  expect(search).toMatchObject({
    found: false,
    seen: expect.stringMatching(/cannot make environments \(.*ensurepip.*version/),
  });
});
