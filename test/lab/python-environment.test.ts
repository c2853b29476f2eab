import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import { planted } from '../house/faults.ts';

let cacheDir: string;
beforeAll(() => {
  cacheDir = mkdtempSync(join(tmpdir(), 'hepbench-cache-'));
});
afterAll(() => rmSync(cacheDir, { recursive: true }));

const module = new URL('../../core/python/environment.ts', import.meta.url).href;
const program = `
  import { ensurePythonEnvironment } from ${JSON.stringify(module)};
  const { python } = await ensurePythonEnvironment({ cacheDir: process.argv[1], onProgress: (line) => console.log(line) });
  console.log('python=' + python);`;

test('after a failure for want of a network and kill -9 in the middle, two runs at once make one whole environment that runs ROOT and coffea', async () => {
  const counter = planted(
    'two at once',
    'two that make the Python environment, after one without a network and one that was killed',
  );
  // Nothing listens on port 9: as without a network.
  const env = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0', PIP_NO_INDEX: '' };
  const offline = await execa(process.execPath, ['--input-type=module', '-e', program, cacheDir], {
    env,
    reject: false,
  });
  expect(offline.stderr).toMatch(/hint: 'check the network .*, then run the same command again/);
  const killed = spawn(process.execPath, ['--input-type=module', '-e', program, cacheDir]);
  const exited = new Promise((resolve) => killed.once('exit', resolve));
  for (const start = Date.now(); !installing(); await sleep(20)) {
    if (Date.now() - start > 60_000) throw new Error('the first run did not come to the installation');
  }
  killed.kill('SIGKILL');
  await exited;
  expect(readdirSync(join(cacheDir, 'python')).filter((name) => name.endsWith('.lock'))).toHaveLength(1);

  const run = () => execa(process.execPath, ['--input-type=module', '-e', program, cacheDir]);
  const both = await Promise.all([run(), run()]);
  const outputs = both.map(({ stdout }) => stdout).toSorted();
  expect(outputs.filter((output) => output.includes('making the Python environment'))).toHaveLength(1);
  expect(outputs.filter((output) => output.includes('waiting for process'))).toHaveLength(1);

  const { python, key } = await ensurePythonEnvironment({ cacheDir });
  const there = readdirSync(join(cacheDir, 'python'));
  counter.lost('environments', 1, there.includes(key) ? 0 : 1);
  counter.left('files', there.filter((name) => name !== key).length);
  expect(there).toEqual([key]);
  const check = `import ROOT, coffea, dask.distributed; print(ROOT.RDataFrame(1000).Filter("rdfentry_ % 4 == 0").Count().GetValue())`;
  expect((await execa(python, ['-W', 'ignore', '-c', check])).stdout).toBe('250');
});

/** Whether the virtual environment is there and packages are going into it. */
function installing(): boolean {
  const parent = join(cacheDir, 'python');
  return existsSync(parent) && readdirSync(parent).some((name) => existsSync(join(parent, name, 'bin/uv')));
}
