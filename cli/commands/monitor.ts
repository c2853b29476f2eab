import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { z } from 'zod';
import { collectors } from '../../collectors/index.ts';
import type { RawOptions } from '../../core/config/run-config.ts';
import { type MonitorConfig, monitorConfigOf } from '../../core/config/monitor-config.ts';
import { sinksConfigOf } from '../../core/config/sinks.ts';
import { environmentFacts } from '../../core/engine/environment.ts';
import { badOption, childFailed, ExitCode, nothingWatched } from '../../core/errors.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment, type PythonEnvironment } from '../../core/python/environment.ts';
import { NEUTRAL_FOLDER, openPythonEnvironment } from '../../core/python/process.ts';
import { makeFolder } from '../../results/store/folder.ts';
import { MONITOR_LOG } from '../../results/store/kinds.ts';
import { tailOf } from '../../runners/child.ts';
import { nameOfRun } from '../prepare/name-of-run.ts';
import { Segments } from '../monitor/segments.ts';
import { watch, type Watching } from '../monitor/watch.ts';
import { openSinks, type Sinks } from '../sinks.ts';
import { tell } from '../output.ts';

const KEPT_SEGMENTS = 24;

/** `bench monitor`: watches a Dask cluster until it is stopped, and leaves nothing in it. */
export async function monitorCommand(raw: RawOptions, signal: AbortSignal): Promise<ExitCode> {
  const config = monitorConfigOf(raw);
  const sinksConfig = sinksConfigOf(raw, process.env);
  const say = (line: string) => tell(`${line}\n`);
  makeFolder(config.results);
  const environment =
    config.python === undefined
      ? await ensurePythonEnvironment({ cacheDir: cacheFolder(), onProgress: say, signal })
      : await givenPython(config.python);
  const name = nameOfRun('monitor');
  const folder = resolve(join(config.results, name));
  const sinks = await openSinks(sinksConfig, folder, say);
  let code: ExitCode = ExitCode.good;
  try {
    await monitor({ config, environment, name, folder, sinks, say }, signal);
  } finally {
    // Also where it failed: what was written is sent, and nothing keeps the process.
    code = await sinks.close();
  }
  return code;
}

interface Monitor {
  readonly config: MonitorConfig;
  readonly environment: PythonEnvironment;
  readonly name: string;
  readonly folder: string;
  readonly sinks: Sinks;
  readonly say: (line: string) => void;
}

/** Watches until `signal`, or until the time is over; rejects when the Python side ends or the journal cannot be written. */
async function monitor({ config, environment, name, folder, sinks, say }: Monitor, signal: AbortSignal): Promise<void> {
  const variables = openPythonEnvironment(config.python !== undefined);
  const facts = {
    ...environmentFacts(environment.python, environment.key, { ...config, environment: variables }),
    monitor: name,
  };
  const limits = { bytes: config.segmentBytes, seconds: config.segmentSeconds, kept: KEPT_SEGMENTS };
  const segments = new Segments(folder, { type: 'environment', facts }, limits, sinks);
  say(`watching ${config.scheduler}; journal in ${folder}`);
  const started = performance.now();
  let begun: Cost | undefined;
  let watching: Watching | undefined;
  let isFound = false;
  let unreachable: string | undefined;
  const failed = new AbortController();
  const fail = (error: unknown) => failed.abort(error);
  watching = await watch(
    {
      scheduler: config.scheduler,
      intervalSeconds: config.intervalSeconds,
      python: { executable: environment.python, environment: variables, folder: NEUTRAL_FOLDER },
      folder,
      collectors: [...(await Promise.all(collectors.map(async ({ load }) => await load()))), ...sinks.collectors],
      write: (source, event, t) => segments.write(source, event, t),
      append(event) {
        // A scheduler that is found, or found again as another one: what follows counts anew.
        const cluster = event.type === 'environment' ? clusterOf(event.facts) : undefined;
        isFound ||= cluster !== undefined;
        if (event.type === 'warning' && event.code === 'SCHEDULER_UNREACHABLE') unreachable = event.message;
        if (cluster !== undefined) segments.describe({ type: 'environment', facts: { ...facts, cluster } });
        segments.append(event);
        // With the first sample of a worker the start is over.
        if (watching && event.source.startsWith('agent/')) begun ??= costOf(watching);
      },
      fail,
      say,
    },
    signal,
  );
  const gone = new AbortController();
  void watching.ended.then(() => gone.abort());
  const either = AbortSignal.any([signal, gone.signal, failed.signal]);
  const until = started + config.forSeconds * 1000;
  try {
    while (!either.aborted && performance.now() < until) {
      await pause(Math.min(1000, until - performance.now()), either);
      segments.roll();
    }
  } catch (error) {
    fail(error);
  }
  const lost = gone.signal.aborted && !failed.signal.aborted;
  const end = costOf(watching);
  await watching.close();
  segments.close();
  if (failed.signal.aborted) throw failed.signal.reason;
  say(costLine(begun ?? end, end));
  const logFile = join(folder, MONITOR_LOG);
  if (lost) throw childFailed('python -m hepbench.monitor', 'ended', tailOf(logFile), logFile);
  if (!isFound) throw nothingWatched(config.scheduler, (end.at - started) / 1000, unreachable);
}

const Connected = z.object({ scheduler: z.string(), schedulerId: z.string() });

/** A scheduler by its address and the beginning of its identity: those of two clusters may have one address, such as that of a tunnel. */
function clusterOf(facts: unknown): string {
  const { scheduler, schedulerId } = Connected.parse(facts);
  return `${scheduler} ${schedulerId.replace(/^Scheduler-/, '').slice(0, 8)}`;
}

/** An environment of the facility, with the Dask of its cluster. */
async function givenPython(python: string): Promise<PythonEnvironment> {
  const run = await execa(python, ['-c', 'import distributed; print("imported")'], { reject: false });
  if (run.failed || !run.stdout.endsWith('imported')) {
    const why = run.stderr.split('\n').at(-1) || (run.failed ? 'not found' : 'it is no Python');
    throw badOption('--python', python, `a Python 3.11 to 3.13 with the package distributed (${why})`);
  }
  // What is started there runs in another folder.
  return { python: python.includes('/') ? resolve(python) : python, key: `given: ${python}` };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

interface Cost {
  readonly node: number;
  /** Undefined when the Python side is gone. */
  readonly python: number | undefined;
  readonly at: number;
}

/** CPU-seconds so far of this process, its threads, and the Python side. */
function costOf(watching: Watching): Cost {
  const { user, system } = process.cpuUsage();
  return { node: (user + system) / 1e6, python: watching.pythonCpuSeconds(), at: performance.now() };
}

/** What watching cost this machine, the start apart; the agents' own cost is a field of their samples. */
function costLine(begun: Cost, end: Cost): string {
  const seconds = (end.at - begun.at) / 1000;
  if (begun.python === undefined || end.python === undefined) return 'monitor: what it cost is not known';
  if (seconds === 0) return 'monitor: no sample of a worker came';
  const used = end.node - begun.node + (end.python - begun.python);
  const start = begun.node + begun.python;
  return `monitor: ${used.toFixed(2)} CPU-seconds in ${seconds.toFixed(1)} s: ${((used / seconds) * 100).toFixed(1)} % of a core, after ${start.toFixed(2)} to start`;
}
