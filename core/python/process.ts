import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../analyses/src', import.meta.url));

/** Environment variables of every Python process that we start. */
export function pythonEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PYTHONPATH: SOURCES,
    PYTHONUNBUFFERED: '1',
    PYTHONWARNINGS: 'ignore',
    HEPBENCH_PARENT_PID: String(process.pid),
    // One thread per worker: numeric libraries must not start their own.
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    MKL_NUM_THREADS: '1',
    // Arrow's allocator starts a thread at import, and a process with two threads must not be forked.
    JE_ARROW_MALLOC_CONF: 'background_thread:false',
  };
}
