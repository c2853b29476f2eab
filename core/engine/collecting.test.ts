import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Collector, Sample } from '../../collectors/collector.ts';
import type { EventDraft } from '../model/event.ts';
import { collecting } from './collecting.ts';

type Start = Collector['start'];
const never = new Promise<never>(() => {});

function collector(name: string, start: Start): Collector {
  return { name, summary: 'planted', emits: 'host', start };
}

/** A collector that emits these when the trial has ended. */
function afterwards(name: string, samples: (window: { start: number; stop: number }) => readonly Sample[]): Collector {
  return collector(name, async (_watching, emit) => async (window) => samples(window).forEach(emit));
}

/** Starts and ends these as a trial does. */
async function watched(collectors: readonly Collector[], write?: (event: EventDraft) => void) {
  const written: [string, EventDraft, number | undefined][] = [];
  const failures: [string, string][] = [];
  const told: string[] = [];
  const running = collecting({
    collectors,
    targets: () => [],
    intervalSeconds: 1,
    now: () => performance.now() / 1000,
    write(source, event, t) {
      write?.(event);
      written.push([source, event, t]);
    },
    failed: (name, error) => failures.push([name, String(error)]),
    tell: (name, message) => told.push(`${name}: ${message}`),
    deadlineMs: 50,
  });
  await running.start();
  await sleep(10);
  await running.stop();
  return { written, failures, told, values: written.map(([, event]) => event.type === 'sample' && event.values) };
}

const load = (host_load1: number, t?: number): Sample => ({
  target: 'here',
  values: { host_load1 },
  ...(t !== undefined && { t }),
});

test('a collector may answer afterwards for the time that was watched; each sample has the time that it gives', async () => {
  const { written, failures } = await watched([
    afterwards('range', ({ start, stop }) => [load(1, start), load(2, (start + stop) / 2), load(3, stop)]),
  ]);
  expect(failures).toEqual([]);
  expect(written.map(([source, , t]) => [source, typeof t])).toEqual([1, 2, 3].map(() => ['range', 'number']));
  const times = written.map(([, , t = 0]) => t);
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(0.005);
});

test.each<[string, (start: number) => Sample, RegExp]>([
  [
    'a name that is in no catalogue',
    () => ({ target: 'x', values: { host_planted: 1 } }),
    /has no host_planted for host/,
  ],
  ['a name of another collector', () => ({ target: 'x', values: { rss_bytes: 1 } }), /has no rss_bytes for host/],
  ['no value', () => ({ target: 'x', values: {} }), /it has no value/],
  ['what is no number', () => load(Number.NaN), /host_load1 is NaN/],
  ['a time before the trial', (start) => load(1, start - 0.1), /it is dated [\d.-]+, [\d.-]+ to [\d.-]+ is watched/],
  ['a time to come', (start) => load(1, start + 60), /is watched$/],
  ['a time that is none', () => load(1, Number.NaN), /it is dated NaN/],
])('a sample with %s is refused and told, the others are taken', async (_what, bad, why) => {
  const { values, failures, told } = await watched([
    afterwards('odd', ({ start }) => [load(1), bad(start), bad(start), load(2)]),
    afterwards('other', () => [load(3)]),
  ]);
  expect(values).toEqual([1, 2, 3].map((host_load1) => ({ host_load1 })));
  expect(failures).toEqual([['odd', expect.stringMatching(/^2 samples refused, the first: /)]]);
  expect(failures[0]?.[1]).toMatch(why);
  expect(told).toEqual([expect.stringMatching(/^odd: a sample is refused: /)]);
});

test('samples of one target that go back in time are refused, those of several need not be in order', async () => {
  const { values, failures } = await watched([
    afterwards('range', ({ start, stop }) => [
      load(1, stop),
      { ...load(2, start), target: 'there' },
      load(3, start),
      load(4, stop),
    ]),
  ]);
  expect(values).toEqual([{ host_load1: 1 }, { host_load1: 2 }]);
  expect(failures).toEqual([['range', expect.stringMatching(/^2 samples refused, .* the one of here before/)]]);
});

test('one that cannot start, or end, in time or at all ends neither the trial nor the others', async () => {
  const fail = async () => await Promise.reject(new Error('planted'));
  const { values, failures } = await watched([
    collector('no-start', fail),
    collector('slow-start', async () => await never),
    collector('no-end', async () => fail),
    collector('slow-end', async () => async () => await never),
    afterwards('good', () => [load(1)]),
  ]);
  expect(values).toEqual([{ host_load1: 1 }]);
  expect(failures).toEqual([
    ['no-start', 'Error: planted'],
    ['slow-start', 'Error: it did not start within 0.05 s'],
    ['no-end', 'Error: planted'],
    ['slow-end', 'Error: it did not end within 0.05 s'],
  ]);
});

test('one that comes up too late is ended all the same, and nothing of it is taken', async () => {
  let ended = false;
  const late = collector('late', async (_watching, emit) => {
    await sleep(100);
    emit(load(1));
    return async () => {
      emit(load(2));
      ended = true;
    };
  });
  const { values } = await watched([late]);
  await expect.poll(() => ended).toBe(true);
  expect(values).toEqual([]);
});

test('nothing is taken after the end: the journal is closed then', async () => {
  let emitted = 0;
  const restless = collector('restless', async (_watching, emit) => {
    const timer = setInterval(() => {
      emitted += 1;
      emit(load(emitted));
    }, 1);
    setTimeout(() => clearInterval(timer), 100);
    return async () => {};
  });
  const { written } = await watched([restless]);
  const then = written.length;
  await sleep(50);
  expect(emitted).toBeGreaterThan(then);
  expect(written).toHaveLength(then);
});

test('a journal that cannot be written is the failure of who emits', async () => {
  const full = () => {
    throw new Error('no space');
  };
  expect((await watched([afterwards('good', () => [load(1)])], full)).failures).toEqual([['good', 'Error: no space']]);
});
