import { execa } from 'execa';

import { interrupted, pythonSetupFailed } from '../errors.ts';

export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Any Python; it ties the command to this process. */
  readonly launcher: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

// PR_SET_PDEATHSIG = 1: the kernel kills the command when we die, even by `kill -9`, so it cannot write into a folder
// that another run has taken over. It survives exec. Exits at once if we died before it was set.
const tieToParent = `
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
`;

/** Runs one step, passing on the lines it prints; throws with the last of them if it fails. */
export async function runStep(step: Step): Promise<void> {
  const args = ['-I', '-c', tieToParent, String(process.pid), step.command, ...step.args];
  const run = execa(step.launcher, args, {
    cwd: step.cwd,
    env: step.env,
    extendEnv: false,
    all: true,
    stdin: 'ignore',
    reject: false,
    ...(step.signal ? { cancelSignal: step.signal } : {}),
  });
  for await (const line of run.iterable({ from: 'all' })) step.onProgress(line);
  const result = await run;
  if (result.isCanceled) throw interrupted(result);
  if (result.failed) {
    throw pythonSetupFailed(step.name, result.all.split('\n').slice(-15).join('\n'), result);
  }
}
