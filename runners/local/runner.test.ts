import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { errorOf } from '../../core/engine/test/error-of.ts';
import { SessionAxes } from '../../core/model/axes.ts';
import type { Here, SessionSpec } from '../runner.ts';
import { localConfigOf } from './options.ts';
import { local } from './runner.ts';

// In place of Python a script that says what each part says when it is ready. Of the worker only the first comes up.
const PARTS = `#!/bin/sh
case "$*" in
  *driver*) echo '{"port":1,"targets":[]}' ;;
  *scheduler\\ --port*) echo '{"address":"tcp://127.0.0.1:1","credentials":null}' ;;
  *) if [ -e first ]; then echo $$ > second; else echo $$ > first; echo '{}'; fi ;;
esac
exec sleep 600
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-local-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SPEC: SessionSpec = {
  ...SessionAxes.parse({ runner: 'local', backend: 'dask', workers: 1, threadsPerWorker: 1, startMethod: 'spawn' }),
  suite: 'control',
  memoryLimitBytes: null,
  joinTimeoutMs: 60_000,
  watch: { sampling: false, hook: false, intervalSeconds: 1 },
  data: [],
};

function here(): Here {
  const executable = join(folder, 'python');
  writeFileSync(executable, PARTS, { mode: 0o755 });
  return { python: { executable, environment: { PATH: process.env['PATH'] }, folder }, logFolder: folder };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// The time limit of the test is half of what a worker may take to come up.
test('a session that closes while a worker is started again does not wait until that has come up', async () => {
  const session = await local({ tls: false }).open(SPEC, here(), new AbortController().signal);
  process.kill(Number(readFileSync(join(folder, 'first'), 'utf8')), 'SIGKILL');
  const second = join(folder, 'second');
  await vi.waitUntil(() => existsSync(second) && readFileSync(second, 'utf8').endsWith('\n'), { timeout: 20_000 });
  await session.close();
  expect(isAlive(Number(readFileSync(second, 'utf8')))).toBe(false);
});

test.each(['65536', '-1', '80a', ''])('the port %j is refused with what is valid', (schedulerPort) => {
  expect(errorOf(() => localConfigOf({ schedulerPort }))).toMatchObject({
    message:
      schedulerPort === '' ? '--scheduler-port has no value' : `--scheduler-port: "${schedulerPort}" is not valid`,
    hint: 'give a whole number from 0 to 65535',
    exitCode: 2,
  });
  for (const valid of ['0', '65535']) expect(localConfigOf({ schedulerPort: valid }).schedulerPort).toBe(Number(valid));
});
