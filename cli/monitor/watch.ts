import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Collector } from '../../collectors/collector.ts';
import { draftOf, Event, type EventDraft, JOURNAL_VERSION } from '../../core/model/event.ts';
import { MONITOR_LOG } from '../../results/store/kinds.ts';
import { startChild } from '../../runners/child.ts';
import type { PythonCommand } from '../../runners/runner.ts';
import { printable } from '../output.ts';

/** How long the Python side has to take its agent out of the workers. */
const LEAVE_MS = 5_000;
const TICKS_PER_SECOND = 100;

export interface WatchSpec {
  /** Address of a Dask scheduler, such as `tcp://10.0.0.1:8786`. */
  readonly scheduler: string;
  readonly intervalSeconds: number;
  readonly python: PythonCommand;
  readonly folder: string;
  readonly collectors: readonly Collector[];
  readonly write: (source: string, event: EventDraft, t?: number) => void;
  /** Told of what goes wrong where nobody waits for it: the watching is to end. */
  readonly fail: (error: unknown) => void;
  /** Told of workers that come and go, and of a scheduler that is lost and found. */
  readonly say: (line: string) => void;
}

/** Something that watches until it is closed. */
export interface Watching {
  /** Resolves when the Python side has ended by itself, which it should not. */
  readonly ended: Promise<void>;
  /** CPU-seconds of the Python side so far; undefined when it is gone. */
  pythonCpuSeconds(): number | undefined;
  close(): Promise<void>;
}

const Line = z.looseObject({ source: z.string(), t: z.number().nullable(), type: z.string() });

/** Watches a cluster: agents through the Python side, the scheduler's page and this machine from here. */
export async function watch(spec: WatchSpec, signal: AbortSignal): Promise<Watching> {
  const collectors = supervised(spec);
  const child = await startChild({
    python: spec.python,
    args: ['-m', 'hepbench.monitor'],
    logFile: join(spec.folder, MONITOR_LOG),
    firstLine: JSON.stringify({ scheduler: spec.scheduler, interval: spec.intervalSeconds }),
    onLine: (line) => {
      try {
        const { event, source, t } = eventOf(line);
        spec.write(source, event, t);
        if (event.type === 'environment')
          collectors.restart(z.string().nullish().parse(event.facts['schedulerHttp']) ?? null);
        tell(event, spec.say);
      } catch (error) {
        spec.fail(error);
      }
    },
    signal,
    timeoutMs: 60_000,
  });
  return {
    ended: child.ended,
    pythonCpuSeconds: () => cpuSecondsOf(child.pid),
    async close() {
      child.stdin.end();
      await Promise.race([child.ended, sleep(LEAVE_MS, undefined, { ref: false })]);
      await child.end();
      await collectors.stop();
    },
  };
}

/** Events of the Python side carry no number: a segment numbers its own. */
function eventOf(line: string): { event: EventDraft; source: string; t: number | undefined } {
  const { source, t, ...rest } = Line.parse(JSON.parse(line));
  const whole = { v: JOURNAL_VERSION, trial: 'monitor', source, seq: 1, t: t ?? 0, ...rest };
  return { event: draftOf(Event.parse(whole)), source, t: t ?? undefined };
}

/** Each is one line, whatever the names in it. */
function tell(event: EventDraft, sayAny: (line: string) => void): void {
  const say = (line: string) => sayAny(printable(line));
  if (event.type === 'environment') say(`connected to ${z.string().parse(event.facts['scheduler'])}`);
  if (event.type === 'worker') say(`worker ${event.name} ${event.action}`);
  if (event.type === 'warning') say(`note: ${event.message}`);
}

/** The collectors of this process, begun anew with every connection: the scheduler's page may have moved. */
function supervised({ collectors, intervalSeconds, write, say, fail }: WatchSpec) {
  let stops: (readonly [string, () => Promise<void>])[] = [];
  let turn = Promise.resolve();
  // A reading that fails is a gap of its collector; a journal that cannot be written is the end of all of them.
  const emit = (name: string, event: EventDraft) => {
    try {
      write(name, event);
    } catch (error) {
      fail(error);
    }
  };
  const stop = async () => {
    for (const [name, end] of stops.splice(0)) {
      await end().catch((error: unknown) => say(`note: collector ${name}: ${String(error)}`));
    }
  };
  const start = async (schedulerHttp: string | null) => {
    await stop();
    for (const { name, start: begin } of collectors) {
      const note = (message: string) => say(`note: collector ${name}: ${message}`);
      try {
        stops.push([name, await begin({ schedulerHttp, intervalSeconds }, (event) => emit(name, event), note)]);
      } catch (error) {
        note(String(error));
      }
    }
  };
  const next = async (work: () => Promise<void>) => await (turn = turn.then(work));
  return {
    restart: (schedulerHttp: string | null) => void next(async () => await start(schedulerHttp)).catch(fail),
    stop: async () => await next(stop),
  };
}

function cpuSecondsOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    // It has ended.
    return undefined;
  }
}
