/** Exit codes of `bench`; several outcomes are combined by {@link worstExitCode}. */
export const ExitCode = {
  good: 0,
  bug: 1,
  usage: 2,
  environment: 3,
  workloadFailed: 4,
  wrongAnswer: 5,
  regression: 6,
  sinkFailed: 7,
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Where several codes hold, the first of these is the program's. */
const precedence = [
  ExitCode.bug,
  ExitCode.interrupted,
  ExitCode.usage,
  ExitCode.environment,
  ExitCode.wrongAnswer,
  ExitCode.workloadFailed,
  ExitCode.regression,
  ExitCode.sinkFailed,
] as const;

/** The code that wins among `codes`; 0 when there are none. */
export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const seen = new Set(codes);
  return precedence.find((code) => seen.has(code)) ?? ExitCode.good;
}

export interface ErrorDescription {
  /** Stable kebab-case name, for records and tests. */
  readonly code: string;
  /** What happened, with the value seen. */
  readonly message: string;
  /** What to do about it; names the flag or the package. */
  readonly hint: string;
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
}

/** A failure we know; anything else that is thrown is a bug and shows its stack. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: string;
  readonly hint: string;
  readonly exitCode: ExitCode;

  constructor({ code, message, hint, exitCode, cause }: ErrorDescription) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
  }
}

/** The system's code of a thrown value (`ENOENT`, `ENOSPC`, ...); undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  // Node gives codes to what a program passed wrongly, too: that is a bug of ours, and nothing of the disk or the network.
  if (error instanceof TypeError || error instanceof RangeError) return undefined;
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

// The catalogue: one function for each known failure, in the order of the exit codes.

/** This machine cannot run the analyses; `problems` holds one line for each thing missing. */
export function machineNotReady(problems: readonly string[], hints: readonly string[]): BenchError {
  return new BenchError({
    code: 'machine-not-ready',
    message: problems.join('\n'),
    hint: hints.join('\n'),
    exitCode: ExitCode.environment,
  });
}

/** A step of making the Python environment failed; `output` is the end of what it printed. */
export function pythonSetupFailed(step: string, output: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'python-setup-failed',
    message: `could not make the Python environment: ${step} failed\n${output}`.trimEnd(),
    hint: /certificate|UnknownIssuer/i.test(output)
      ? 'let SSL_CERT_FILE name a file with the certificate authority of this site, then run the same command again'
      : 'check the network and the free disk space, then run the same command again; BENCH_CACHE moves the cache folder; docs/install.md tells what to set behind a proxy, for a mirror, and without a network',
    exitCode: ExitCode.environment,
    cause,
  });
}

/** Another process holds a lock and did not let go of it within `waitedMs`. */
export function lockTimedOut(path: string, holder: string, waitedMs: number): BenchError {
  return new BenchError({
    code: 'lock-timed-out',
    message: `waited ${Math.round(waitedMs / 1000)} s for ${holder}, which holds ${path}`,
    hint: `let it finish; if it no longer exists, delete ${path}`,
    exitCode: ExitCode.environment,
  });
}

/** The user id has no home folder, as that of a container may have; `instead` is the option that names the folder itself. */
export function noHome(instead: string, cause: unknown): BenchError {
  return new BenchError({
    code: 'no-home',
    message: `the user ${process.getuid?.()} has no home folder`,
    hint: `set HOME, or name a folder with ${instead}`,
    exitCode: ExitCode.environment,
    cause,
  });
}

/** The user, or a parent, asked to stop. */
export function interrupted(cause?: unknown): BenchError {
  return new BenchError({
    code: 'interrupted',
    message: 'interrupted',
    hint: 'run the same command again',
    exitCode: ExitCode.interrupted,
    cause,
  });
}

/** A value of an option that cannot be, or none where one is needed; `valid` says what can. */
export function badOption(option: string, value: string, valid: string): BenchError {
  return new BenchError({
    code: 'bad-option',
    message: value === '' ? `${option} has no value` : `${option}: ${JSON.stringify(value)} is not valid`,
    hint: `give ${valid}`,
    exitCode: ExitCode.usage,
  });
}

/** A file of options that cannot be used; `place` is its path, with line and column where they are known. */
export function configFileWrong(place: string, what: string, hint: string): BenchError {
  return new BenchError({ code: 'bad-config', message: `${place}: ${what}`, hint, exitCode: ExitCode.usage });
}

/** An option that would not count where it stands, and why. */
export function optionNotTaken(option: string, why: string, hint: string): BenchError {
  return new BenchError({
    code: 'bad-option',
    message: `${option} is not taken here: ${why}`,
    hint,
    exitCode: ExitCode.usage,
  });
}

/** A name that is in none of our lists; `near` are the closest ones that are, `where` says in which list it was sought. */
export function unknownName(
  kind: string,
  name: string,
  near: readonly string[],
  all: readonly string[],
  where = '',
): BenchError {
  const meant = near.length > 0 ? `did you mean ${near.join(' or ')}? ` : '';
  return new BenchError({
    code: 'unknown-name',
    message: `there is no ${kind} ${JSON.stringify(name)}${where ? ` ${where}` : ''}`,
    hint: `${meant}known: ${all.join(', ')}`,
    exitCode: ExitCode.usage,
  });
}

/** Workers that do not fit into the memory that is free; `fits` is the number that does. */
export function tooManyWorkers(workers: number, needBytes: number, freeBytes: number, fits: number): BenchError {
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  return new BenchError({
    code: 'too-many-workers',
    message: `${workers} workers need about ${gigabytes(needBytes)} of memory (proportional set size), ${gigabytes(freeBytes)} are free`,
    hint: fits > 0 ? `use --workers ${fits} at most, or end other programs` : 'end other programs',
    exitCode: ExitCode.environment,
  });
}

/** A results file or folder that cannot be used. */
export function resultsUnusable(path: string, why: string, hint: string, cause?: unknown): BenchError {
  return new BenchError({
    code: 'results-unusable',
    message: `${path}: ${why}`,
    hint,
    exitCode: ExitCode.environment,
    cause,
  });
}

/** A journal that cannot be read; `--resume` keeps that of a trial beside its block and runs the block again. */
export function journalDamaged(
  path: string,
  why: string,
  cause?: unknown,
  hint = 'restore the file, or run its block again with --resume, which keeps this attempt beside it',
): BenchError {
  return new BenchError({
    code: 'journal-damaged',
    message: `${path}: ${why}`,
    hint,
    exitCode: ExitCode.environment,
    cause,
  });
}

/** The file with a token of InfluxDB that `flag` names. Its contents are never part of a message. */
export function tokenUnreadable(path: string, why: string, flag: string): BenchError {
  return new BenchError({
    code: 'token-unreadable',
    message: `${path}: ${why}`,
    hint: `name a file that holds nothing but the token with ${flag}`,
    exitCode: ExitCode.environment,
  });
}

/** The data set cannot be made or read; `code` is the one of `hepbench.datasets`. */
export function dataUnusable(code: string, message: string, hint: string): BenchError {
  const exitCode = code === 'BAD_SIZE' ? ExitCode.usage : ExitCode.environment;
  return new BenchError({ code: code.toLowerCase().replaceAll('_', '-'), message, hint, exitCode });
}

/** Where to read on; `tail` is the end of the log. A process that was killed from outside wrote nothing there. */
function seeLog(logFile: string, tail: string): string {
  return tail === ''
    ? `${logFile} says nothing: a process that is killed, most often for want of memory, cannot (dmesg tells); end other programs`
    : `see ${logFile}`;
}

/** A Python process of ours did not come up. */
export function childFailed(what: string, why: string, tail: string, logFile: string): BenchError {
  return new BenchError({
    code: 'process-failed',
    message: `${what} ${why}${tail ? `\n${tail}` : ''}`,
    hint: seeLog(logFile, tail),
    exitCode: ExitCode.environment,
  });
}

/** The port that the scheduler is to listen on belongs to another process. */
export function portInUse(port: number, cause: unknown): BenchError {
  return new BenchError({
    code: 'port-in-use',
    message: `the scheduler cannot listen on port ${port}: it is in use`,
    hint: 'end what listens there, or give another --scheduler-port (0 takes any free one)',
    exitCode: ExitCode.environment,
    cause,
  });
}

/** Workers that did not join the scheduler in time. */
export function workersMissing(joined: number, asked: number, seconds: number, logFolder: string): BenchError {
  return new BenchError({
    code: 'workers-missing',
    message: `${joined} of ${asked} workers joined within ${seconds} s`,
    hint: `raise --join-timeout, or use fewer --workers; their logs are in ${logFolder}`,
    exitCode: ExitCode.environment,
  });
}

/** A monitor that never came to its scheduler; `why` is what the last attempt said, where one had time to fail. */
export function nothingWatched(scheduler: string, seconds: number, why: string | undefined): BenchError {
  return new BenchError({
    code: 'nothing-watched',
    message: `nothing was watched: no scheduler was reached at ${scheduler} in ${seconds.toFixed(1)} s${why === undefined ? '' : ` (${why})`}`,
    hint: 'check the address, --scheduler, and that a Dask scheduler runs there; a longer --for, or none, waits for it',
    exitCode: ExitCode.environment,
  });
}

/** The client process ended in the middle of a trial. */
export function driverLost(trial: string, tail: string, logFile: string): BenchError {
  return new BenchError({
    code: 'driver-lost',
    message: `trial ${trial}: the client process ended before the trial did\n${tail}`,
    hint: seeLog(logFile, tail),
    exitCode: ExitCode.workloadFailed,
  });
}

/** A trial or the whole experiment took longer than it may. */
export function timedOut(what: string, seconds: number, flag: string): BenchError {
  return new BenchError({
    code: 'timed-out',
    message: `${what} did not end within ${seconds} s`,
    hint: `raise it with ${flag}, or use less data`,
    exitCode: ExitCode.workloadFailed,
  });
}
