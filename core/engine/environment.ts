import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, hostname, release, totalmem, version } from 'node:os';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Environment } from '../model/record.ts';
import { pythonEnvironment } from '../python/process.ts';
import { coresOf } from './cores.ts';

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url));
const PACKAGES = ['root', 'coffea', 'dask', 'distributed', 'uproot', 'awkward', 'numpy'];

/** What is said about a place from outside. */
export interface Named {
  /** Of the Python whose packages are listed, where it is not ours. */
  readonly environment?: NodeJS.ProcessEnv | undefined;
  readonly site?: string | undefined;
  readonly grafanaUrl?: string | undefined;
  readonly reportsUrl?: string | undefined;
}

/** Facts about hardware, kernel, software and commit, taken before the first trial. */
export function environmentFacts(python: string, pythonKey: string, named: Named): Environment {
  const { site = hostname(), grafanaUrl, reportsUrl } = named;
  const mine = coresOf();
  return {
    host: hostname(),
    site,
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
    packages: packageVersions(python, named.environment ?? pythonEnvironment()),
    ...commitFacts(),
  };
}

/** The commit of this checkout and whether it has changes; null where git does not tell. */
export function commitFacts(): { readonly commit: string | null; readonly uncommittedChanges: boolean | null } {
  const commit = git('rev-parse', 'HEAD');
  const status = git('status', '--porcelain');
  return { commit, uncommittedChanges: status === null ? null : status !== '' };
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

function packageVersions(python: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  const names = JSON.stringify(PACKAGES);
  // A Python that is not ours may lack some.
  const code = `import importlib.metadata as m, json, sys
def version(package):
    try: return m.version(package)
    except m.PackageNotFoundError: return None
there = {package: version(package) for package in ${names}}
print(json.dumps({"python": sys.version.split()[0], **{p: v for p, v in there.items() if v}}))`;
  const text = execFileSync(python, ['-c', code], { env: environment, encoding: 'utf8' });
  return z.record(z.string(), z.string()).parse(JSON.parse(text));
}

function git(...args: readonly string[]): string | null {
  try {
    return execFileSync('git', ['-C', CHECKOUT, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // An archive without its history: the commit is unknown.
    return null;
  }
}
