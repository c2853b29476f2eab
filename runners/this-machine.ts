import { join } from 'node:path';
import type { Driver } from './driver.ts';
import type { Session } from './runner.ts';

/** What holds of every session whose processes are all on this machine. */
export function onThisMachine({ seen, targets, run }: Driver) {
  const [worker] = seen.filter(({ role }) => role === 'worker');
  return {
    capabilities: {
      onThisMachine: true,
      controlsPageCaches: true,
      sharesMemory: true,
      // One after the other sees the same cores.
      cores: worker?.cores ?? null,
      quotaCores: worker?.quotaCores ?? null,
    },
    pathsOf: ({ path, files }) => files.map(({ name }) => join(path, name)),
    targets,
    run,
  } satisfies Partial<Session>;
}
