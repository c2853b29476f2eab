import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';

const LOCK = join(import.meta.dirname, 'requirements.lock');

/** Folder of the programs of an older Dask, without anything of ours; made on first use, in seconds, with the uv beside `python`. */
export async function olderDask(python: string): Promise<string> {
  const { BENCH_LAB_CACHE, XDG_CACHE_HOME } = process.env;
  const cache = BENCH_LAB_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'hepbench-lab');
  const { stdout: version } = await execa(python, ['--version']);
  const key = createHash('sha256').update(readFileSync(LOCK)).update(version).digest('hex').slice(0, 16);
  const folder = join(cache, 'dask', key);
  const ready = join(folder, 'ready');
  if (!existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    const uv = join(dirname(python), 'uv');
    await execa(uv, ['venv', '--quiet', '--python', python, folder]);
    const wheels = ['--require-hashes', '--only-binary', ':all:', '--requirements', LOCK];
    await execa(uv, ['pip', 'install', '--quiet', '--python', join(folder, 'bin/python'), ...wheels]);
    writeFileSync(ready, '');
  }
  return join(folder, 'bin');
}
