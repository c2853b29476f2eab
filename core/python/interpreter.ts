import { execa } from 'execa';
import { ignoredVariables, passedVariables } from './process.ts';

export interface Interpreter {
  /** The interpreter itself, all links and shims resolved. */
  readonly path: string;
  /** Such as `3.11.7`. */
  readonly version: string;
}

export type InterpreterSearch =
  | { readonly found: true; readonly interpreter: Interpreter }
  | { readonly found: false; readonly seen: string };

/** The minor versions that requirements.lock is made for. */
const supportedMinors = [11, 12, 13];

const probe = `
import os, sys
try:
    import ensurepip, venv
    # The folder of a package that was removed may still be there, and counts as a module.
    ensurepip.version()
    complete = "yes"
except Exception as error:
    complete = str(error)
print("%d.%d.%d" % sys.version_info[:3], os.path.realpath(sys.executable), complete, sep="\\n")
`;

/** Finds a supported Python that can make environments: `BENCH_PYTHON` alone if it is set, otherwise by name on PATH. */
export async function findInterpreter(env: NodeJS.ProcessEnv = process.env): Promise<InterpreterSearch> {
  const candidates = env['BENCH_PYTHON']
    ? [env['BENCH_PYTHON']]
    : [...supportedMinors.map((minor) => `python3.${minor}`), 'python3'];
  const seen: string[] = [];
  for (const candidate of candidates) {
    const result = await tryInterpreter(candidate, env);
    if (typeof result !== 'string') return { found: true, interpreter: result };
    seen.push(`${candidate}: ${result}`);
  }
  return { found: false, seen: seen.join('; ') };
}

/** The interpreter, or why it does not serve. */
async function tryInterpreter(command: string, env: NodeJS.ProcessEnv): Promise<Interpreter | string> {
  const run = await execa(command, ['-I', '-c', probe], { env, extendEnv: false, reject: false, timeout: 20_000 });
  // A pyenv shim of a version that is not selected exists, but fails.
  if (run.failed) return run.code === 'ENOENT' ? 'not found' : 'does not run';
  const [version = '', path = '', complete = ''] = run.stdout.split('\n');
  const [major, minor] = version.split('.').map(Number);
  if (major !== 3 || minor === undefined || !supportedMinors.includes(minor)) return `is ${version}, not 3.11 to 3.13`;
  if (complete !== 'yes') return `${version} cannot make environments (${complete})`;
  // What was found with the help of a view of software has to run without it.
  const alone = await execa(path, ['-I', '-c', ''], { env: passedVariables(env), extendEnv: false, reject: false });
  if (alone.failed)
    return `${version} does not start without ${ignoredVariables(env).join(', ') || 'what is set here'}, which we keep from it`;
  return { path, version };
}
