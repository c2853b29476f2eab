import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { cpus, hostname, release, totalmem, version } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Environment } from '../model/record.ts';
import { gitEnvironment, NEUTRAL_FOLDER, passedVariables, pythonEnvironment } from '../python/process.ts';
import { coresOf } from './cores.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));

/** What is said about a place from outside. */
export interface Named {
  /** Of the Python whose packages are listed, where it is not ours. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly site?: string | undefined;
  /** What a runner says of its own options. */
  readonly facts?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly grafanaUrl?: string | undefined;
  readonly reportsUrl?: string | undefined;
}

/** Facts about hardware, kernel, software and commit, taken before the first trial. */
export function environmentFacts(python: string, pythonKey: string, named: Named): Environment {
  const { site = hostname(), grafanaUrl, reportsUrl, facts = {} } = named;
  const mine = coresOf();
  return {
    host: hostname(),
    site,
    ...facts,
    ...(grafanaUrl === undefined ? {} : { grafanaUrl }),
    ...(reportsUrl === undefined ? {} : { reportsUrl }),
    cpuModel: cpus()[0]?.model ?? null,
    cores: mine.cores,
    cpuQuotaCores: mine.quota,
    memoryBytes: totalmem(),
    kernel: `${release()} ${version()}`,
    operatingSystem: osName(),
    cgroup: readFileSync('/proc/self/cgroup', 'utf8').trim().startsWith('0::') ? 'v2' : 'v1',
    cpuGovernor: textOf('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
    loadBefore: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]),
    node: process.version,
    pythonEnvironment: pythonKey,
    ...(named.environment === undefined ? { variables: reaching() } : {}),
    packages: packageVersions(python, named.environment ?? pythonEnvironment()),
    ...commitFacts(),
  };
}

/** What of the caller's environment reaches the processes of a run; those of a monitor get all of it, passwords included. */
function reaching(): Environment {
  return Object.fromEntries(Object.entries(passedVariables()).map(([name, value]) => [name, value ?? null]));
}

/** The commit of a checkout and whether it has changes; null where git does not tell, as of an archive without its history. */
export function commitFacts(checkout = CHECKOUT): {
  readonly commit: string | null;
  readonly uncommittedChanges: boolean | null;
} {
  const top = git(checkout, 'rev-parse', '--show-toplevel');
  // An archive that was unpacked inside a repository has none of its commits.
  if (top === null || realpathSync(top) !== realpathSync(checkout)) return { commit: null, uncommittedChanges: null };
  const status = git(checkout, 'status', '--porcelain', '--untracked-files=normal');
  return { commit: git(checkout, 'rev-parse', 'HEAD'), uncommittedChanges: status === null ? null : status !== '' };
}

function osName(): string | null {
  return /^PRETTY_NAME="?(.*?)"?$/m.exec(textOf('/etc/os-release') ?? '')?.[1] ?? null;
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Virtual machines have no governor, small images no os-release: unknown is said as null.
    return null;
  }
}

/** Of what the workers import; null where that is not known. */
function packageVersions(python: string, environment: NodeJS.ProcessEnv): Record<string, string | null> {
  const text = execFileSync(python, ['-m', 'hepbench.packages'], {
    env: environment,
    cwd: NEUTRAL_FOLDER,
    encoding: 'utf8',
  });
  return z.record(z.string(), z.string().nullable()).parse(JSON.parse(text));
}

/**
 * What git says of a checkout whoever owns it, as its programs are run anyway; with no settings that would hide changes. Null where it says nothing.
 */
function git(checkout: string, ...args: readonly string[]): string | null {
  const settings = ['safe.directory=*', 'core.fsmonitor=false'];
  try {
    return execFileSync('git', ['-C', checkout, ...settings.flatMap((one) => ['-c', one]), ...args], {
      encoding: 'utf8',
      env: gitEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
