import { constants } from 'node:fs';
import { access, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import { execa } from 'execa';
import { z } from 'zod';

import { machineNotReady, systemCode } from '../errors.ts';
import { freeMemoryBytes } from '../free-memory.ts';
import { makeFolders } from '../make-folders.ts';
import { findInterpreter } from './interpreter.ts';
import { passedVariables } from './process.ts';

/** One thing the analyses need of a machine. */
export interface Finding {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, with its value. */
  readonly seen: string;
  /** What to do if it is not ok. */
  readonly hint: string;
}

export interface MachineNeeds {
  readonly cacheDir: string;
  /** Free space wanted in the cache folder; the Python environment takes 1.5 GB, and as much again while it is unpacked. */
  readonly needBytes?: number;
  /** Free memory wanted; importing ROOT and coffea in one process takes about 0.7 GB. */
  readonly needMemoryBytes?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Looks at everything the analyses need of this machine. Changes nothing but creating the cache folder. */
export async function checkMachine({
  cacheDir,
  needBytes = 3e9,
  needMemoryBytes = 1e9,
  env = process.env,
}: MachineNeeds): Promise<Finding[]> {
  const [python, compiler, temporary, folder] = await Promise.all([
    checkPython(env),
    checkCompiler(env),
    checkTemporaryFolder(env),
    checkCacheFolder(cacheDir, needBytes),
  ]);
  return [checkPlatform(), python, compiler, checkMemory(needMemoryBytes), temporary, folder];
}

/** Throws one {@link BenchError} (exit code 3) with a line for each finding that is not ok. */
export function requireMachine(findings: readonly Finding[]): void {
  const missing = findings.filter((finding) => !finding.ok);
  if (missing.length === 0) return;
  throw machineNotReady(
    missing.map((finding) => `${finding.name}: ${finding.seen}`),
    missing.map((finding) => finding.hint),
  );
}

const TEMPORARY_BYTES = 100_000;

const NodeReport = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

function checkPlatform(): Finding {
  const seen = `${process.platform} ${process.arch}, ${libc()}`;
  return {
    name: 'platform',
    ok: seen.startsWith('linux x64, glibc'),
    seen,
    hint: 'use a Linux machine with an x86-64 processor and glibc: ROOT has no wheel for others',
  };
}

function libc(): string {
  // Absent from the report of a Node that is linked with musl.
  const { header } = NodeReport.parse(process.report.getReport());
  return header.glibcVersionRuntime === undefined ? 'no glibc' : `glibc ${header.glibcVersionRuntime}`;
}

async function checkPython(env: NodeJS.ProcessEnv): Promise<Finding> {
  const search = await findInterpreter(env);
  return {
    name: 'Python',
    ok: search.found,
    seen: search.found ? `${search.interpreter.version} (${search.interpreter.path})` : search.seen,
    hint: env['BENCH_PYTHON']
      ? 'let BENCH_PYTHON name a Python 3.11 to 3.13 that has the venv module, or unset it'
      : 'install Python 3.11 to 3.13 (Debian: apt-get install python3 python3-venv), or name one with BENCH_PYTHON',
  };
}

/** ROOT compiles the analyses while they run: it asks `c++` for its include folders and reads the headers in them. */
export async function checkCompiler(env: NodeJS.ProcessEnv): Promise<Finding> {
  const finding = {
    name: 'C++ compiler',
    hint: 'install a C++ compiler and its headers (Debian: apt-get install g++)',
  };
  const run = await execa('c++', ['-x', 'c++', '-E', '-o', '/dev/null', '-'], {
    input: '#include <vector>\n#include <cstdlib>\n',
    // As ROOT starts it.
    env: passedVariables(env),
    extendEnv: false,
    reject: false,
    timeout: 20_000,
  });
  if (!run.failed) return { ...finding, ok: true, seen: 'c++ finds <vector> and <cstdlib>' };
  if (run.code === 'ENOENT') return { ...finding, ok: false, seen: 'c++ not found on PATH' };
  // The compiler was not started at all.
  if (run.code === 'EMFILE')
    return {
      ...finding,
      ok: false,
      seen: 'c++ cannot be started: EMFILE, too few files may be open',
      hint: 'raise the limit of open files (ulimit -n)',
    };
  if (run.code === 'EAGAIN')
    return {
      ...finding,
      ok: false,
      seen: 'c++ cannot be started: EAGAIN, too few processes',
      hint: 'raise the limit of processes (ulimit -u)',
    };
  const reason = run.stderr.split('\n').find((line) => line.includes('error')) ?? run.shortMessage;
  return { ...finding, ok: false, seen: `c++ cannot read the standard headers: ${reason}` };
}

function checkMemory(needBytes: number): Finding {
  const free = freeMemoryBytes();
  return {
    name: 'memory',
    ok: free !== undefined && free >= needBytes,
    seen: free === undefined ? 'free memory unknown: no MemAvailable in /proc/meminfo' : sizes(free, needBytes),
    hint: 'end other programs, or use fewer workers (--workers)',
  };
}

const CACHE = { name: 'cache folder', hint: 'make room, or name another folder with BENCH_CACHE' };

/** Python, Dask, ROOT and we put files there that last no longer than a run; of a folder that does not serve each would think otherwise. */
export async function checkTemporaryFolder(env: NodeJS.ProcessEnv): Promise<Finding> {
  const folder = env['TMPDIR'] || '/tmp';
  const finding = {
    name: 'temporary folder',
    hint: 'make room in it, or name another folder with TMPDIR, from the root on',
  };
  if (!isAbsolute(folder)) return { ...finding, ok: false, seen: `TMPDIR is ${JSON.stringify(folder)}` };
  try {
    const tried = await mkdtemp(join(folder, 'hepbench-try-'));
    try {
      await writeFile(join(tried, 'file'), Buffer.alloc(TEMPORARY_BYTES));
    } finally {
      await rm(tried, { recursive: true });
    }
    return { ...finding, ok: true, seen: folder };
  } catch (error) {
    return { ...finding, ok: false, seen: `cannot write in ${folder}: ${systemCode(error) ?? String(error)}` };
  }
}

async function checkCacheFolder(cacheDir: string, needBytes: number): Promise<Finding> {
  try {
    makeFolders(cacheDir);
    await access(cacheDir, constants.W_OK);
    if (!(await letsExecute(cacheDir)))
      return {
        ...CACHE,
        ok: false,
        seen: `no program may be executed in ${cacheDir} (a file system mounted noexec)`,
      };
    const { bavail, bsize } = await statfs(cacheDir);
    const free = bavail * bsize;
    return { ...CACHE, ok: free >= needBytes, seen: `${cacheDir}: ${sizes(free, needBytes)}` };
  } catch (error) {
    return unwritable(cacheDir, error);
  }
}

/** The finding about a folder of the cache that cannot be made or written. */
export function unwritable(folder: string, error: unknown): Finding {
  return { ...CACHE, ok: false, seen: `cannot write in ${folder}: ${systemCode(error) ?? String(error)}` };
}

/** Whether programs run from this folder: those of the Python environment are in it. */
async function letsExecute(folder: string): Promise<boolean> {
  const program = join(folder, `.try-${process.pid}`);
  await writeFile(program, '', { mode: 0o700 });
  try {
    await access(program, constants.X_OK);
    return true;
  } catch {
    return false;
  } finally {
    await rm(program, { force: true });
  }
}

function sizes(freeBytes: number, needBytes: number): string {
  return `${(freeBytes / 1e9).toFixed(1)} GB free, ${(needBytes / 1e9).toFixed(1)} GB needed`;
}
