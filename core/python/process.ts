import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineNotReady } from '../errors.ts';
import { makeFolders } from '../make-folders.ts';
import { cacheFolder } from './cache-folder.ts';

const SOURCES = fileURLToPath(new URL('../../analyses/src', import.meta.url));

/** What of the caller's environment reaches our Python: where programs are, the language, and the place for temporary files. */
const PASSED = /^(PATH|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TERM)$/;
/** What users set for Python, Dask, ROOT, compilers and numeric libraries, and would expect to count. */
const EXPECTED =
  /^(PYTHON|DASK_|ROOT|CLING|EXTRA_CLING|LD_|MALLOC_|GLIBC_|NUMBA_|BLOSC_|XRD_|CPATH$|C(PLUS)?_INCLUDE_PATH$|LIBRARY_PATH$)|_NUM_THREADS$/;

/** Where our Python runs: ROOT reads `.rootrc` of its working directory, whatever else it is told. */
export const NEUTRAL_FOLDER = '/';

const OURS = {
  PYTHONUNBUFFERED: '1',
  PYTHONWARNINGS: 'ignore',
  // No file of the working directory is imported for one of the libraries.
  PYTHONSAFEPATH: '1',
  // One thread per worker: numeric libraries must not start their own.
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  // Arrow's allocator starts a thread at import, and a process with two threads must not be forked.
  JE_ARROW_MALLOC_CONF: 'background_thread:false',
};

/**
 * Environment variables of every Python process of a run. A home folder of its own keeps the start files of Dask, ROOT and other
 * libraries out: what the user configured for other work would change what is measured, and no record would say so.
 */
export function pythonEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const cache = cacheFolder(env);
  const home = emptyHome(join(cache, 'home'));
  return {
    ...passedVariables(env),
    ...OURS,
    PYTHONPATH: sources(),
    HOME: home,
    // Tells whose processes they are.
    BENCH_CACHE: cache,
    // Otherwise files of the machine's /etc and of the working directory are read as well.
    DASK_ROOT_CONFIG: home,
    DASK_CONFIG: home,
    ROOTENV_NO_HOME: '1',
    HEPBENCH_PARENT_PID: String(process.pid),
  };
}

/**
 * For what measures no trial and meets a cluster of others: with the caller's environment, in which Dask finds the certificates of the
 * cluster. A Python that was `given` may also need the `PYTHONPATH` of a software view.
 */
export function openPythonEnvironment(given: boolean, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const view = given && env['PYTHONPATH'] ? `:${env['PYTHONPATH']}` : '';
  return { ...env, ...OURS, PYTHONPATH: `${sources()}${view}`, HEPBENCH_PARENT_PID: String(process.pid) };
}

/** Refuses a checkout that no path of Python can hold: it takes what follows the colon for another folder. */
function sources(): string {
  if (!SOURCES.includes(delimiter)) return SOURCES;
  throw machineNotReady(
    [
      `checkout: ${JSON.stringify(SOURCES)} holds ${JSON.stringify(delimiter)}, which PATH and PYTHONPATH cannot take as part of a name`,
    ],
    ['move it to a folder without it'],
  );
}

/** Without the variables with which a hook or an editor names another repository. */
export function gitEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('GIT_')));
}

/** What reaches an interpreter, before there is a cache for the rest. */
export function passedVariables(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED.test(name)));
}

/** Names of variables that are set and, other than one may expect, do not reach our Python. */
export function ignoredVariables(env: NodeJS.ProcessEnv = process.env): string[] {
  const ours: NodeJS.ProcessEnv = { ...OURS, PYTHONPATH: SOURCES };
  return Object.keys(env)
    .filter((name) => EXPECTED.test(name) && env[name] !== ours[name])
    .toSorted();
}

/** Libraries keep caches there, such as lists of fonts. */
function emptyHome(folder: string): string {
  try {
    makeFolders(folder);
    return folder;
  } catch {
    // A cache that the user may only read: libraries do without their caches where there is no home.
    return '/nonexistent';
  }
}
