// Every runner keeps the promises of test/contract/runner.ts, on a real cluster; planted runners that break one are seen.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEUTRAL_FOLDER, pythonEnvironment } from '../../core/python/process.ts';
import { runners } from '../../runners/index.ts';
import { SessionAxes } from '../../core/model/axes.ts';
import type { Here, Runner, Session, SessionSpec } from '../../runners/runner.ts';
import { RUNNER_CONTRACT, type Stage } from '../contract/runner.ts';
import { makePlace, type Place, processesOf, pythonOf } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const TWO_WORKERS: SessionSpec = {
  ...SessionAxes.parse({ runner: 'local', backend: 'dask', workers: 2, threadsPerWorker: 1, startMethod: 'spawn' }),
  suite: 'control',
  memoryLimitBytes: null,
  joinTimeoutMs: 60_000,
  watch: { sampling: true, hook: true, intervalSeconds: 1 },
  data: [],
};

/** Of each runner the sessions that are tried. A new one has an entry here. */
const TRIED: { readonly [N in (typeof runners)[number]['name']]: readonly SessionSpec[] } = {
  serial: [{ ...TWO_WORKERS, workers: 1, startMethod: 'none' }],
  local: [TWO_WORKERS, { ...TWO_WORKERS, startMethod: 'fork-server' }],
};

function here(): Here {
  const environment = pythonEnvironment({ ...process.env, BENCH_CACHE: place.cache });
  const logFolder = mkdtempSync(join(place.folder, 'logs-'));
  return { python: { executable: pythonOf(place), environment, folder: NEUTRAL_FOLDER }, logFolder };
}

function stageOf(runner: Runner, spec: SessionSpec): Stage {
  const path = join(place.folder, 'data');
  mkdirSync(path, { recursive: true });
  const files = ['a.root', 'b.root'].map((name) => ({ name }));
  for (const { name } of files) writeFileSync(join(path, name), 'planted');
  const data = { id: 'd', path, tree: 'Events', files };
  return { runner, spec, here: here(), data, running: async () => processesOf(place) };
}

for (const { name, load } of runners) {
  describe.each(TRIED[name])(`${name}, $startMethod`, (spec) => {
    test.each(RUNNER_CONTRACT)('$promise', async ({ check }) => {
      const runner = (await load())({});
      expect(runner.name).toBe(name);
      await check(stageOf(runner, spec));
      await expect.poll(() => processesOf(place), { timeout: 10_000 }).toEqual([]);
    });
  });
}

/** The sessions that were opened below a fault, which are really closed at the end. */
const below: Session[] = [];

function withFault(runner: Runner, fault: (session: Session) => Partial<Session>): Runner {
  return {
    ...runner,
    async open(spec, given, signal) {
      const session = await runner.open(spec, given, signal);
      below.push(session);
      return { ...session, ...fault(session) };
    },
  };
}

function lying(lie: Partial<Session['capabilities']>): (runner: Runner) => Runner {
  return (runner) => withFault(runner, ({ capabilities }) => ({ capabilities: { ...capabilities, ...lie } }));
}

const [TARGETS, NUMBERED, KILLED, CLOSED, ABORTED, TRUE] = RUNNER_CONTRACT.map(({ promise }) => promise);

/** Faults of runners, each with the promise that it breaks. */
const FAULTS: readonly (readonly [string, string | undefined, (runner: Runner) => Runner])[] = [
  [
    'it does not know its processes',
    TARGETS,
    (runner) =>
      withFault(runner, ({ targets }) => ({
        async *targets() {
          for await (const { action, target } of targets()) yield { action, target: { ...target, pid: null } };
        },
      })),
  ],
  [
    'it loses an event',
    NUMBERED,
    (runner) =>
      withFault(runner, ({ run }) => ({
        run: async (workload, onEvents, signal) =>
          await run(workload, (events) => onEvents(events.filter(({ type }) => type !== 'answer')), signal),
      })),
  ],
  [
    'it looks who is there only once',
    KILLED,
    (runner) =>
      withFault(runner, ({ targets }) => ({
        async *targets() {
          for await (const presence of targets()) if (presence.action === 'joined') yield presence;
        },
      })),
  ],
  ['it leaves its processes', CLOSED, (runner) => withFault(runner, () => ({ close: async () => {} }))],
  [
    'it cannot be closed twice',
    CLOSED,
    (runner) => {
      let closed = 0;
      return withFault(runner, ({ close }) => ({
        async close() {
          await close();
          if (closed++ > 0) throw new Error('expected to be closed once');
        },
      }));
    },
  ],
  [
    'it does not hear that it is to stop',
    ABORTED,
    (runner) => {
      const { open } = withFault(runner, () => ({}));
      return { ...runner, open: async (spec, given) => await open(spec, given, new AbortController().signal) };
    },
  ],
  ['it says that it is elsewhere', TRUE, lying({ onThisMachine: false })],
  ['it counts more cores than there are', TRUE, lying({ cores: 4096 })],
  ['it says that workers share nothing', TRUE, lying({ sharesMemory: false })],
  [
    'its workers read files that are not there',
    TRUE,
    (runner) => withFault(runner, () => ({ pathsOf: ({ files }) => files.map(({ name }) => `/nowhere/${name}`) })),
  ],
];

test.each(FAULTS)('a runner with a fault is seen: %s', async (_what, promise, fault) => {
  const { local } = await import('../../runners/local/runner.ts');
  const check = RUNNER_CONTRACT.find((clause) => clause.promise === promise)?.check;
  try {
    await expect(check?.(stageOf(fault(local({})), TWO_WORKERS)) ?? 'no such promise').rejects.toThrow(
      /expected|instead of rejecting/,
    );
  } finally {
    for (const session of below.splice(0)) await session.close();
  }
});
