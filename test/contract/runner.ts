// What every runner must do, wherever it runs. docs/adding-a-runner.md names it.
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { coresOf } from '../../core/engine/cores.ts';
import type { Event } from '../../core/model/event.ts';
import type { Presence, Target } from '../../core/model/target.ts';
import type { Here, Runner, Session, SessionSpec, StoredData, Workload } from '../../runners/runner.ts';

/** A runner with what it needs to open a session, and the means to see what it left behind. */
export interface Stage {
  readonly runner: Runner;
  readonly spec: SessionSpec;
  readonly here: Here;
  /** Data in the store of this machine. */
  readonly data: StoredData;
  /** What the runner has running, such as pids of processes or names of pods. */
  readonly running: () => Promise<readonly (string | number)[]>;
}

export interface Clause {
  readonly promise: string;
  readonly check: (stage: Stage) => Promise<void>;
}

const WAIT = { timeout: 20_000, interval: 50 };
const RUN_MS = 60_000;

function workload({ spec }: Stage, trial: string): Workload {
  return {
    trial,
    suite: 'control',
    backend: 'dask',
    parameters: { kind: 'empty', amount: '0', merge: '0' },
    columns: [],
    files: [],
    tree: '',
    events: 8,
    tasks: 8,
    parts: [],
    threads: spec.threadsPerWorker,
    edit: 0,
    page_cache: 'uncontrolled',
    watch: true,
  };
}

async function opened(stage: Stage, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await stage.runner.open(stage.spec, stage.here, new AbortController().signal);
  try {
    await work(session);
  } finally {
    await session.close();
  }
}

/** Everything that one reader was told until `enough`; fails when that does not come. */
async function told(session: Session, enough: (presences: readonly Presence[]) => boolean): Promise<Presence[]> {
  const reader = session.targets()[Symbol.asyncIterator]();
  const presences: Presence[] = [];
  const late = sleep(WAIT.timeout, 'late' as const, { ref: false });
  while (!enough(presences)) {
    const next = await Promise.race([reader.next(), late]);
    if (next === 'late') throw new Error(`expected more targets than ${JSON.stringify(presences)}`);
    if (next.done === true) throw new Error(`the targets ended, expected more than ${JSON.stringify(presences)}`);
    presences.push(next.value);
  }
  await reader.return?.();
  return presences;
}

async function workersOf({ spec }: Stage, session: Session): Promise<Target[]> {
  const workers = (presences: readonly Presence[]) =>
    presences.flatMap(({ target }) => (target.role === 'worker' ? [target] : []));
  return workers(await told(session, (presences) => workers(presences).length === spec.workers));
}

async function eventsOf(stage: Stage, session: Session, trial: string): Promise<Event[]> {
  const events: Event[] = [];
  await session.run(workload(stage, trial), (some) => events.push(...some), AbortSignal.timeout(RUN_MS));
  return events;
}

function statusOf(pid: number, what: string): string | undefined {
  return new RegExp(`^${what}:\\s*(\\S+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}

/** Kilobytes of a process: all of its resident pages, or its share of them. */
function pagesOf(pid: number, what: 'Rss' | 'Pss'): number {
  return Number(new RegExp(`^${what}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
}

export const RUNNER_CONTRACT: readonly Clause[] = [
  {
    promise: 'an open session tells each reader of all its workers, with pid and cores, and its pages answer',
    async check(stage) {
      await opened(stage, async (session) => {
        const workers = await workersOf(stage, session);
        expect(new Set(workers.map(({ name }) => name)).size).toBe(stage.spec.workers);
        for (const { pid, cores } of workers) {
          expect(pid ?? 0).toBeGreaterThan(0);
          expect(cores ?? 0).toBeGreaterThan(0);
        }
        expect(await workersOf(stage, session)).toEqual(workers);
        if (stage.spec.startMethod === 'none') return;
        const isScheduler = ({ target }: Presence) => target.role === 'scheduler';
        const scheduler = (await told(session, (presences) => presences.some(isScheduler))).find(isScheduler);
        const page = await fetch(`${scheduler?.target.http}/metrics`);
        expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('dask_scheduler_workers')]);
      });
    },
  },
  {
    promise: 'the events of each source of a trial are numbered from 1, and the last of them says how many there are',
    async check(stage) {
      await opened(stage, async (session) => {
        for (const trial of ['t1', 't2']) {
          const events = await eventsOf(stage, session, trial);
          const numbers = Map.groupBy(events, ({ source }) => source);
          for (const [source, some] of numbers)
            expect([source, some.map(({ seq }) => seq)]).toEqual([source, some.map((_, index) => index + 1)]);
          const counts = Object.fromEntries([...numbers].map(([source, some]) => [source, some.length]));
          expect(events.at(-1)).toMatchObject({ type: 'done', trial, counts });
          expect(events.filter(({ type }) => type === 'answer' || type === 'failed')).toMatchObject([
            { type: 'answer', events: 8 },
          ]);
        }
      });
    },
  },
  {
    promise: 'a worker that is killed is told as gone, or the readers are told that it is not known any more',
    async check(stage) {
      await opened(stage, async (session) => {
        const [worker] = await workersOf(stage, session);
        const hasLeft = ({ action, target }: Presence) => action === 'left' && target.pid === worker?.pid;
        const news = told(session, (presences) => presences.some(hasLeft)).then(
          () => 'gone',
          (error: unknown) => (/any more/.test(String(error)) ? 'not known' : String(error)),
        );
        if (worker?.pid !== null && worker?.pid !== undefined) process.kill(worker.pid, 'SIGKILL');
        expect(['gone', 'not known']).toContain(await news);
      });
    },
  },
  {
    promise: 'closing ends everything, its readers too, and may be done twice',
    async check(stage) {
      const session = await stage.runner.open(stage.spec, stage.here, new AbortController().signal);
      const reader = told(session, () => false).catch((error: unknown) => String(error));
      expect(await stage.running()).not.toEqual([]);
      await session.close();
      await expect.poll(stage.running, WAIT).toEqual([]);
      expect(await Promise.race([reader, sleep(WAIT.timeout, 'still waits', { ref: false })])).toMatch(/targets ended/);
      await session.close();
    },
  },
  {
    promise: 'an opening that is aborted, at once or on the way, is rejected and leaves nothing',
    async check(stage) {
      const { runner, spec, here } = stage;
      await expect(runner.open(spec, here, AbortSignal.abort())).rejects.toThrow(/interrupted/);
      await expect.poll(stage.running, WAIT).toEqual([]);
      for (const begun of new Set([1, spec.workers])) {
        const stop = new AbortController();
        const outcome = runner.open(spec, here, stop.signal).then(
          async (session) => await session.close().then(() => 'opened'),
          () => 'rejected',
        );
        await expect.poll(async () => (await stage.running()).length, WAIT).toBeGreaterThanOrEqual(begun);
        stop.abort();
        expect(await outcome).toBe('rejected');
        await expect.poll(stage.running, WAIT).toEqual([]);
      }
    },
  },
  {
    promise: 'what it says that holds of a session is what is found there',
    async check(stage) {
      await opened(stage, async (session) => {
        const { onThisMachine, controlsPageCaches, sharesMemory, cores, quotaCores } = session.capabilities;
        expect(onThisMachine).toBe(stage.runner.onThisMachine);
        const paths = session.pathsOf(stage.data);
        expect(paths).toHaveLength(stage.data.files.length);
        // The driver, which fills and drops page caches, runs here, and so do all others where it is said so.
        if (controlsPageCaches) expect(paths.filter((path) => !existsSync(path))).toEqual([]);
        if (!onThisMachine) return;
        const pids = (await workersOf(stage, session)).flatMap(({ pid }) => pid ?? []);
        const seen = coresOf();
        expect({ cores, quotaCores }).toEqual({ cores: seen.cores, quotaCores: seen.quota });
        expect(pids.map((pid) => statusOf(pid, 'Cpus_allowed_list'))).toEqual(
          pids.map(() => statusOf(process.pid, 'Cpus_allowed_list')),
        );
        const shared = pids.some((pid) => pagesOf(pid, 'Pss') < pagesOf(pid, 'Rss'));
        if (pids.length > 1) expect(sharesMemory).toBe(shared);
      });
    },
  },
];
