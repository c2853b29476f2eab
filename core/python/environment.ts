import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { BenchError, interrupted } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { installerOf } from './installer.ts';
import type { Interpreter } from './interpreter.ts';
import { findInterpreter } from './interpreter.ts';
import { withLock } from './lock.ts';
import { checkMachine, requireMachine, unwritable } from './machine.ts';
import { passedVariables } from './process.ts';
import { runStep } from './step.ts';

export interface PythonEnvironment {
  /** The interpreter to start; `analyses/src` is added with PYTHONPATH. */
  readonly python: string;
  /** Names the contents: Python version and hash of the lock files. Equal on every machine. */
  readonly key: string;
}

export interface EnvironmentOptions {
  readonly cacheDir: string;
  /** Also installs the tools for tests and lint. */
  readonly dev?: boolean;
  /** Called with one line of text whenever there is something to tell. */
  readonly onProgress?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

const analysesDir = fileURLToPath(new URL('../../analyses/', import.meta.url));
/** Lines of pip and uv that tell nobody anything, such as one for each of a hundred packages. */
const EVERYDAY =
  /^( [+~-] |Looking in |Collecting |  (Downloading|Using cached|Obtaining) |Installing collected |Successfully installed )/;
const installerLock = 'requirements-uv.lock';
const lock = 'requirements.lock';
const devLocks = [lock, 'requirements-dev.lock'];

/**
 * The Python environment of the checkout, made on first use (about 40 s) and found again afterwards in milliseconds.
 * Throws a BenchError with exit code 3 if it cannot be made, 130 if `signal` aborts.
 */
export async function ensurePythonEnvironment(options: EnvironmentOptions): Promise<PythonEnvironment> {
  const { cacheDir, dev = false, env = process.env, signal } = options;
  const parent = join(cacheDir, 'python');
  const locks = dev ? devLocks : [lock];
  const hash = hashOf(locks);
  // The environment for tests holds the same packages and more: whoever has it needs no second one.
  for (const known of [hash, hashOf(devLocks)]) {
    const ready = await findReady(parent, known, env['BENCH_PYTHON']);
    if (ready) return ready;
  }

  requireMachine(await checkMachine({ cacheDir, env }));
  const search = await findInterpreter(env);
  if (!search.found) throw new Error(`Python was found, and then was not: ${search.seen}`);
  const key = `py${search.interpreter.version}-${hash}`;
  try {
    makeParent(parent);
    await build(join(parent, key), search.interpreter, locks, options);
  } catch (error) {
    if (signal?.aborted && !(error instanceof BenchError)) throw interrupted(error);
    throw error;
  }
  return { python: join(parent, key, 'bin/python'), key };
}

function makeParent(folder: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    requireMachine([unwritable(folder, error)]);
  }
}

function hashOf(locks: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of [installerLock, ...locks]) hash.update(readFileSync(join(analysesDir, name)));
  return hash.digest('hex').slice(0, 12);
}

/** A finished environment with these lock files, and of the interpreter `wanted` if one is. */
async function findReady(parent: string, hash: string, wanted?: string): Promise<PythonEnvironment | undefined> {
  const wantedPath = wanted ? await realpath(wanted).catch(() => wanted) : undefined;
  const names = await readdir(parent).catch(() => []);
  for (const key of names.filter((name) => name.endsWith(`-${hash}`)).toSorted()) {
    const base = await readyBase(join(parent, key));
    if (base !== undefined && (wantedPath === undefined || wantedPath === base)) {
      return { python: join(parent, key, 'bin/python'), key };
    }
  }
  return undefined;
}

/** The interpreter of a finished environment; undefined if it is unfinished, or if its interpreter is not the same any more. */
async function readyBase(folder: string): Promise<string | undefined> {
  try {
    const base = await readFile(join(folder, 'ready'), 'utf8');
    return (await realpath(join(folder, 'bin/python'))) === base ? base : undefined;
  } catch {
    // No marker or no interpreter: it is to be made (again), whatever the reason.
    return undefined;
  }
}

/** Makes the environment in its final place, because it cannot be moved; the file `ready`, written last, makes it valid. */
async function build(
  folder: string,
  interpreter: Interpreter,
  locks: readonly string[],
  { onProgress = () => {}, signal, env = process.env }: EnvironmentOptions,
): Promise<void> {
  const onWait = (holder: string) => onProgress(`waiting for ${holder}, which is making the same Python environment`);
  await withLock(`${folder}.lock`, { signal, onWait }, async () => {
    const base = await readyBase(folder);
    if (base !== undefined) return;
    onProgress(`making the Python environment (once, 1.5 GB) in ${folder}`);
    const python = join(folder, 'bin/python');
    const wheels = ['--require-hashes', '--only-binary', ':all:'];
    const tell = (line: string) => (EVERYDAY.test(line) ? undefined : onProgress(line));
    const step = (name: string, command: string, args: readonly string[], its: NodeJS.ProcessEnv) =>
      runStep({
        name,
        command,
        args,
        launcher: interpreter.path,
        cwd: analysesDir,
        env: its,
        onProgress: tell,
        signal,
      });

    await rm(folder, { recursive: true, force: true });
    // What is unpacked on the way has room where the environment has; a folder for temporary files may be small, or let nothing be executed.
    const unpacking = join(folder, 'tmp');
    makeFolders(unpacking);
    const here = { ...env, TMPDIR: unpacking };
    await step('python -m venv', interpreter.path, ['-I', '-m', 'venv', folder], passedVariables(here));
    const site = await installerOf(python, here);
    const how = [...wheels, ...site.options];
    await step(
      'pip install uv',
      python,
      ['-I', '-m', 'pip', 'install', '--progress-bar', 'off', ...how, '-r', installerLock],
      site.env,
    );
    // Compiled now, so that the first trial does not do it.
    const sync = ['pip', 'sync', '--compile-bytecode', '--python', python, ...how, ...locks];
    await step('uv pip sync', join(folder, 'bin/uv'), sync, site.env);
    await rm(unpacking, { recursive: true });
    await writeFile(join(folder, 'ready'), await realpath(python));
    onProgress('the Python environment is ready');
  });
}
