import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Collector } from '../../collectors/collector.ts';
import { host, hostIn } from '../../collectors/host/collector.ts';
import { collectors } from '../../collectors/index.ts';
import { poll } from '../../collectors/poll.ts';
import { scheduler } from '../../collectors/scheduler/collector.ts';
import { targetOf } from '../../core/engine/present.ts';
import { checkout } from '../house/python.ts';
import { COLLECTOR_CONTRACT, type Stage } from './collector.ts';

const folder = mkdtempSync(join(tmpdir(), 'hepbench-contract-'));
const page = readFileSync(join(checkout, 'collectors/scheduler/fixtures/metrics.txt'));
const server = createServer((_request, response) => response.end(page)).listen(0, '127.0.0.1');
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A scheduler whose pages are those of the fixtures, or that has none. */
function schedulerAt(http: string) {
  return [targetOf('scheduler', 'scheduler', { http })];
}

function address(): string {
  const found = server.address();
  if (found === null || typeof found === 'string') throw new Error('no port');
  return `http://127.0.0.1:${found.port}`;
}

type Name = (typeof collectors)[number]['name'];
const stages: { readonly [N in Name]: () => Stage } = {
  scheduler: () => ({
    collector: scheduler,
    targets: schedulerAt(address()),
    // Port 1 is a service that nobody has.
    broken: { collector: scheduler, targets: schedulerAt('http://127.0.0.1:1') },
  }),
  host: () => ({ collector: host, targets: [], broken: { collector: hostIn(folder), targets: [] } }),
};

describe.each(collectors)('$name', ({ name, summary, load }) => {
  test.each(COLLECTOR_CONTRACT)('$promise', async ({ check }) => {
    await expect(check(stages[name]())).resolves.toBeUndefined();
  });

  test('it is the one of the list', async () => {
    expect(await load()).toMatchObject({ name, summary: expect.any(String) });
    expect(summary).not.toBe('');
  });
});

/** A good collector that only counts. */
const good: Collector = {
  name: 'good',
  summary: 'planted',
  emits: 'host',
  start: async ({ intervalSeconds }, emit, tell) =>
    poll(intervalSeconds, async () => emit({ target: 'here', values: { host_load1: 1 } }), tell),
};
const stageOf = (collector: Collector, broken = hostIn(folder)): Stage => ({
  collector,
  targets: [],
  broken: { collector: broken, targets: [] },
});
const once = (values: { [name: string]: number }, t?: (start: number) => number): Partial<Collector> => ({
  start:
    async (_watching, emit) =>
    async ({ start }) =>
      emit({ target: 'here', values, ...(t && { t: t(start) }) }),
});

test.each(COLLECTOR_CONTRACT)('a good collector keeps it: $promise', async ({ check }) => {
  await expect(check(stageOf(good))).resolves.toBeUndefined();
});

/** A collector with one fault, and the promise that it breaks. */
const FAULTS: readonly (readonly [string, string, Stage])[] = [
  [
    'has no summary',
    'it has a name, a summary, and an entry of core/model/samples.ts',
    stageOf({ ...good, summary: '' }),
  ],
  ...(
    [
      ['emits nothing', {}],
      ['emits a name that the catalogue lacks', once({ host_load1: 1, host_planted: 1 })],
      ['emits what is no number', once({ host_load1: Number.NaN })],
      ['dates a sample before the trial', once({ host_load1: 1 }, (start) => start - 1)],
      ['dates a sample after the trial', once({ host_load1: 1 }, (start) => start + 3600)],
    ] as const
  ).map(
    ([what, fault]) =>
      [
        what,
        'the shortest trial has a sample, and no sample of any trial is refused',
        stageOf({ ...good, start: async () => async () => {}, ...fault }),
      ] as const,
  ),
  [
    'has a counter that falls',
    'a counter never falls',
    stageOf({
      ...good,
      start: async (_watching, emit) => async () => {
        for (const seconds of [2, 1]) emit({ target: 'here', values: { host_own_cpu_seconds_total: seconds } });
      },
    }),
  ],
  [
    'does not stop',
    'after its end nothing comes any more',
    stageOf({
      ...good,
      async start(_watching, emit) {
        const timer = setInterval(() => emit({ target: 'here', values: { host_load1: 1 } }), 20);
        setTimeout(() => clearInterval(timer), 2000);
        return async () => {};
      },
    }),
  ],
  [
    'fails where there is nothing to watch',
    'where there is no target it does not fail',
    stageOf({ ...good, start: async () => await Promise.reject(new Error('planted')) }),
  ],
  [
    'says nothing of a source that it cannot read',
    'a source that cannot be read is told when it is seen and at the end, and ends nothing',
    stageOf(good, { ...good, start: async () => async () => {} }),
  ],
  [
    'invents samples where it cannot read',
    'a source that cannot be read is told when it is seen and at the end, and ends nothing',
    stageOf(good, good),
  ],
];

test.each(FAULTS)('a collector that %s is seen', async (_what, promise, stage) => {
  const check = COLLECTOR_CONTRACT.find((clause) => clause.promise === promise)?.check;
  await expect(check?.(stage) ?? 'no such promise').rejects.toThrow(/expected/);
});

test('a collector that works but once is seen', async () => {
  let started = false;
  const start: Collector['start'] = async (watching, emit, tell) => {
    if (started) return async () => {};
    started = true;
    return await good.start(watching, emit, tell);
  };
  const check = COLLECTOR_CONTRACT.at(-1)?.check;
  await expect(check?.(stageOf({ ...good, start })) ?? 'none').rejects.toThrow(/expected/);
});
