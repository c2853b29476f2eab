import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Collector } from '../../collectors/collector.ts';
import { collecting } from '../../core/engine/collecting.ts';
import { Present, targetOf } from '../../core/engine/present.ts';
import type { Event, EventDraft } from '../../core/model/event.ts';
import { Intake } from '../../core/model/intake.ts';
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
  /** Takes an event of this process, which the journal numbers, and dates where `t` is not given. */
  readonly write: (source: string, event: EventDraft, t?: number) => void;
  /** Takes an event that the Python side has numbered and dated. */
  readonly append: (event: Event) => void;
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

/** Watches a cluster: agents through the Python side, the scheduler's page and this machine from here. */
export async function watch(spec: WatchSpec, signal: AbortSignal): Promise<Watching> {
  const collectors = supervised(spec);
  const intake = new Intake('the monitor');
  const child = await startChild({
    python: spec.python,
    args: ['-m', 'hepbench.monitor'],
    logFile: join(spec.folder, MONITOR_LOG),
    firstLine: JSON.stringify({ scheduler: spec.scheduler, interval: spec.intervalSeconds }),
    onLine: (line) => {
      try {
        const { event, missing } = intake.take(line);
        if (missing > 0) {
          const message = `${missing} events of ${event.type === 'done' ? 'the monitor' : event.source} never came from its Python side`;
          spec.write('engine', { type: 'warning', code: 'EVENTS_MISSING', message });
          spec.say(`note: ${message}`);
        }
        // Its counts are those of all segments.
        if (event.type === 'done') return;
        spec.append(event);
        collectors.learn(event);
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

/** Each is one line, whatever the names in it. */
function tell(event: Event, sayAny: (line: string) => void): void {
  const say = (line: string) => sayAny(printable(line));
  if (event.type === 'environment') say(`connected to ${z.string().parse(event.facts['scheduler'])}`);
  if (event.type === 'worker') say(`worker ${event.name} ${event.action}`);
  if (event.type === 'warning') say(`note: ${event.message}`);
}

/** The collectors of this process: from the first connection on they watch what the scheduler tells of itself and of its workers. */
function supervised({ collectors, intervalSeconds, write, say, fail }: WatchSpec) {
  const present = new Present();
  let isStarted = false;
  const note = (name: string, text: string) => say(`note: collector ${name}: ${text}`);
  const running = collecting({
    collectors,
    targets: () => present.all,
    intervalSeconds,
    now: () => Date.now() / 1000,
    write(source, event, t) {
      // A reading that fails is a gap of its collector; a journal that cannot be written is the end of all of them.
      try {
        write(source, event, t);
      } catch (error) {
        fail(error);
      }
    },
    failed: (name, error) => note(name, String(error)),
    tell: note,
  });
  return {
    learn(event: Event) {
      if (event.type === 'worker') {
        // Of one that left no more than its name is told.
        const { action, name, host } = event;
        present.take({ action: action === 'left' ? 'left' : 'joined', target: targetOf('worker', name, { host }) });
      }
      if (event.type !== 'environment') return;
      // Its page may have moved.
      const http = z.string().nullish().parse(event.facts['schedulerHttp']) ?? null;
      present.clear();
      present.take({ action: 'joined', target: targetOf('scheduler', 'scheduler', { http }) });
      if (!isStarted) void running.start().catch(fail);
      isStarted = true;
    },
    stop: running.stop,
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
