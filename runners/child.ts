import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { childFailed, resultsUnusable, systemCode } from '../core/errors.ts';
import type { PythonCommand } from './runner.ts';

const END_AFTER_MS = 3_000;

/** A Python process of ours: in a process group of its own, dead when we are. */
export interface Child {
  readonly pid: number;
  /** The JSON line that it wrote when it was ready. */
  readonly hello: unknown;
  readonly stdin: Writable;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<void>;
  /** Ends the process group: a polite signal first, then `SIGKILL`. */
  end(): Promise<void>;
}

export interface ChildSpec {
  readonly python: PythonCommand;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly firstLine?: string | undefined;
  /** Called with each line of standard output after the first. */
  readonly onLine?: (line: string) => void;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Starts `python -m ...` and waits for its first line; rejects with the end of its log when it does not come. */
export async function startChild(spec: ChildSpec): Promise<Child> {
  const log = openLog(spec.logFile);
  const child = spawn(spec.python.executable, spec.args, {
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: spec.python.environment,
    cwd: spec.python.folder,
  });
  closeSync(log);
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('a child was started without its pipes');
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // Writing to a process that has just died is answered by `ended`, not by an unhandled error.
  stdin.on('error', () => {});
  if (spec.firstLine !== undefined) stdin.write(`${spec.firstLine}\n`);
  const end = () => endGroup(child, ended);
  try {
    const hello = await firstLine(child, stdout, ended, spec);
    return { pid: child.pid ?? 0, hello, stdin, ended, end };
  } catch (error) {
    await end();
    throw error;
  }
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw resultsUnusable(path, `cannot be written: ${code}`, 'make room, or its folder writable', error);
  }
}

async function firstLine(
  child: ChildProcess,
  stdout: Readable,
  ended: Promise<void>,
  spec: ChildSpec,
): Promise<unknown> {
  const lines = createInterface({ input: stdout });
  const what = spec.args.join(' ');
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => fail(`said nothing for ${spec.timeoutMs / 1000} s`), spec.timeoutMs);
    const stop = () => fail('was interrupted');
    const fail = (why: string) => {
      settle();
      reject(childFailed(what, why, tailOf(spec.logFile), spec.logFile));
    };
    const settle = () => {
      clearTimeout(timer);
      spec.signal.removeEventListener('abort', stop);
    };
    spec.signal.addEventListener('abort', stop);
    if (spec.signal.aborted) stop();
    void ended.then(() => fail(`ended with ${child.exitCode ?? child.signalCode ?? 'an error'}`));
    lines.once('line', (line) => {
      settle();
      if (spec.onLine) lines.on('line', spec.onLine);
      try {
        resolve(JSON.parse(line));
      } catch (error) {
        reject(childFailed(what, `wrote ${line}`, String(error), spec.logFile));
      }
    });
  });
}

/** The last lines of a log file, for messages; of a crash what came before ROOT's stack trace of all threads. */
export function tailOf(logFile: string, lines = 6): string {
  const [before = ''] = readFileSync(logFile, 'utf8').split(/\n\s*=+\nThere was a crash/);
  return before.trimEnd().split('\n').slice(-lines).join('\n');
}

async function endGroup(child: ChildProcess, ended: Promise<void>): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  kill(pid, 'SIGTERM');
  const timer = setTimeout(() => kill(pid, 'SIGKILL'), END_AFTER_MS);
  await ended;
  clearTimeout(timer);
  kill(pid, 'SIGKILL');
}

function kill(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
