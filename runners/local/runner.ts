import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { portInUse } from '../../core/errors.ts';
import { startChild, type Child } from '../child.ts';
import { startDriver } from '../driver.ts';
import type { Here, MakeRunner, Session, SessionSpec } from '../runner.ts';
import { onThisMachine } from '../this-machine.ts';
import { type LocalConfig, localConfigOf } from './options.ts';

const SchedulerHello = z.object({
  address: z.string(),
  credentials: z.object({ certificate: z.string(), key: z.string() }).nullable(),
});
type Scheduler = z.infer<typeof SchedulerHello>;
const START_TIMEOUT_MS = 60_000;
/** A worker that lives shorter has not lasted; the longest time until it is started again. As in hepbench/cluster.py. */
const BRIEF_MS = 30_000;
const LONGEST_MS = 60_000;

/** A scheduler and N worker processes on this machine, on free loopback ports. */
export const local: MakeRunner = (given) => {
  const config = localConfigOf(given);
  return {
    name: 'local',
    onThisMachine: true,
    facts: { tls: config.tls },
    notes: config.tls ? [] : ['--no-tls: as long as this runs, any user of this machine can run code as you'],
    open: async (spec, here, signal) => await openOrClose({ ...spec, ...here, ...config }, signal),
  };
};

/** Everything that the processes of a session are told. */
type LocalSpec = SessionSpec & Here & LocalConfig;

async function openOrClose(spec: LocalSpec, signal: AbortSignal): Promise<Session> {
  const failed = new AbortController();
  const parts: Part[] = [];
  const close = async () => {
    // The driver first, so that it does not see its workers go.
    await Promise.all(
      parts
        .splice(0)
        .toReversed()
        .map(async (part) => await part.end()),
    );
  };
  try {
    return await open(spec, AbortSignal.any([signal, failed.signal]), parts, close);
  } catch (error) {
    // What is still starting ends at once, not when its own time is over.
    failed.abort();
    await close();
    throw error;
  }
}

interface Part {
  end(): Promise<void>;
}

/** Makes a process that is starting a part of the session, so that closing waits for it, too. */
async function add<T extends Part>(parts: Part[], starting: Promise<T>): Promise<T> {
  parts.push({
    end: async () => {
      const started = await starting.catch(() => undefined);
      await started?.end();
    },
  });
  return await starting;
}

async function open(spec: LocalSpec, signal: AbortSignal, parts: Part[], close: () => Promise<void>): Promise<Session> {
  const askedAt = performance.now() / 1000;
  const { hello } = await add(parts, startScheduler(spec, signal));
  const scheduler = SchedulerHello.parse(hello);
  const schedulerAt = performance.now() / 1000;
  const driver = startDriver(spec, scheduler, spec, signal).then((started) => ({ ...started, end: started.close }));
  const [started] = await Promise.all([add(parts, driver), startWorkers(spec, scheduler, signal, parts)]);
  return {
    ...onThisMachine(started),
    times: { askedAt, schedulerAt, readyAt: performance.now() / 1000 },
    close,
  };
}

async function startScheduler(spec: LocalSpec, signal: AbortSignal): Promise<Child> {
  try {
    const args = ['scheduler', '--port', String(spec.schedulerPort), ...(spec.tls ? ['--tls'] : [])];
    return await python(spec, 'scheduler', args, signal);
  } catch (error) {
    const inUse = error instanceof Error && /address already in use/i.test(error.message);
    throw inUse ? portInUse(spec.schedulerPort, error) : error;
  }
}

/** Data with which a fork server compiles the analysis before it forks; none where the suite reads none. */
function warmArgs({ data: [data] }: LocalSpec): string[] {
  const file = data?.files[0];
  return data && file ? ['--tree', data.tree, '--file', join(data.path, file.name)] : [];
}

async function startWorkers(
  spec: LocalSpec,
  { address, credentials }: Scheduler,
  signal: AbortSignal,
  parts: Part[],
): Promise<void> {
  const firstLine = JSON.stringify(credentials);
  const common = [
    '--scheduler',
    address,
    '--threads',
    String(spec.threadsPerWorker),
    '--memory-limit',
    String(spec.memoryLimitBytes ?? 0),
  ];
  if (spec.startMethod === 'fork-server') {
    const args = [
      'fork-server',
      '--workers',
      String(spec.workers),
      '--suite',
      spec.suite,
      '--backend',
      spec.backend,
      ...warmArgs(spec),
      ...common,
    ];
    await add(parts, python(spec, 'workers', args, signal, firstLine));
    return;
  }
  await Promise.all(
    Array.from({ length: spec.workers }, async (_, index) => {
      const name = `w${index}`;
      const start = (until: AbortSignal) => python(spec, name, ['worker', '--name', name, ...common], until, firstLine);
      await add(parts, keepWorker(start, signal));
    }),
  );
}

/** A worker that is started again, under the same name, whenever it ends unasked; later each time that it does not last. */
async function keepWorker(start: (until: AbortSignal) => Promise<Child>, signal: AbortSignal) {
  const closing = new AbortController();
  const until = AbortSignal.any([signal, closing.signal]);
  let current = await start(until);
  const keep = async () => {
    for (let [brief, since] = [0, performance.now()]; !until.aborted; since = performance.now()) {
      await current.ended;
      brief = performance.now() - since < BRIEF_MS ? brief + 1 : 0;
      // The first time at once, as most die once.
      await sleep(brief > 1 ? Math.min(2 ** (brief - 2) * 1000, LONGEST_MS) : 0, undefined, { signal: until });
      current = await start(until);
    }
  };
  // Ends when the session does. A worker that does not come up again is missed by the trial, which waits for its tasks and says so.
  const keeping = keep().catch(() => {});
  return {
    end: async () => {
      closing.abort();
      await current.end();
      await keeping;
      // One that came up just then.
      await current.end();
    },
  };
}

async function python(
  spec: LocalSpec,
  log: string,
  args: readonly string[],
  signal: AbortSignal,
  firstLine?: string,
): Promise<Child> {
  return await startChild({
    firstLine,
    python: spec.python,
    args: ['-m', 'hepbench.cluster', ...args],
    logFile: join(spec.logFolder, `${log}.log`),
    signal,
    timeoutMs: START_TIMEOUT_MS,
  });
}
