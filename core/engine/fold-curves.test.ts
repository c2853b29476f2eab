import { expect, test } from 'vitest';
import { TrialRecord } from '../model/record.ts';
import { SAMPLES } from '../model/samples.ts';
import { MOST_POINTS } from './fold-curves.ts';
import { aTrial, entry, recordOf } from './test/journal-of.ts';

/** The trigger of `aTrial`. */
const TRIGGER = 100;

function host(second: number, values: { readonly [name: string]: number }, target = 'here') {
  return entry('host', TRIGGER + second, { type: 'sample', collector: 'host', target, values });
}

/** A trial with these samples of a collector. */
function curvesOf(samples: ReturnType<typeof host>[]) {
  return recordOf(aTrial(samples)).curves ?? [];
}

test('counters are drawn as growth per second, gauges as they are, and what others took is without what is ours', () => {
  const cpu = (user: number, own: number) => ({
    host_cpu_user_seconds_total: user,
    host_cpu_nice_seconds_total: 0,
    host_cpu_system_seconds_total: user / 2,
    host_own_cpu_seconds_total: own,
    host_cpu_steal_seconds_total: own / 10,
    host_load1: own,
  });
  const [curve] = curvesOf([host(-2, cpu(100, 50)), host(0, cpu(104, 54)), host(2, cpu(108, 60))]);
  expect(curve).toMatchObject({ collector: 'host', target: 'here', samples: 3, t: [0, 2] });
  expect(curve?.values).toMatchObject({
    host_foreign_cores: [1, 0],
    host_steal_cores: [0.2, 0.3],
    host_load1: [54, 60],
  });
});

test('what could not be read, and what a counter that fell grew by, is missing and no zero', () => {
  const [curve] = curvesOf([
    host(0, { host_load1: 1, host_cpu_steal_seconds_total: 5 }),
    host(1, { host_cpu_steal_seconds_total: 4 }),
    host(2, { host_load1: 3, host_cpu_steal_seconds_total: 6 }),
  ]);
  expect(curve?.values).toMatchObject({
    host_load1: [null, 3],
    host_steal_cores: [null, 2],
    host_foreign_cores: [null, null],
    host_memory_pressure_ratio: [null, null],
  });
});

test('a long trial is thinned to means over several samples, and says of how many; its last sample is in it', () => {
  const seconds = Array.from({ length: 1003 }, (_, i) => i);
  const [curve] = curvesOf(
    seconds.map((s) => host(s / 100, { host_load1: s % 6, host_cpu_steal_seconds_total: s / 50 })),
  );
  expect([curve?.samples, curve?.t.at(-1)]).toEqual([1003, 10.02]);
  expect(curve?.t.length).toBeGreaterThan(MOST_POINTS / 2);
  expect(curve?.t.length).toBeLessThanOrEqual(MOST_POINTS);
  // Six samples each, of 0 to 5.
  expect(new Set(curve?.values['host_load1'])).toEqual(new Set([2.5]));
  expect(curve?.values['host_steal_cores']?.every((value) => value !== null && Math.abs(value - 2) < 1e-3)).toBe(true);
});

test('curves are told apart by what was watched; a single sample makes none, and a record without curves has none', () => {
  const load = { host_load1: 1 };
  const curves = curvesOf([
    host(0, load),
    host(1, load),
    host(0, load, 'there'),
    host(1, load, 'there'),
    host(0, load, 'x'),
  ]);
  expect(curves.map(({ target }) => target)).toEqual(['here', 'there']);
  expect(recordOf(aTrial([host(0, load)]))).not.toHaveProperty('curves');
  const { curves: _curves, ...old } = recordOf(aTrial([host(0, load), host(1, load)]));
  expect(TrialRecord.safeParse(old).success).toBe(true);
});

test('each curve is made of values that its collector may emit, all counters or all gauges, and has a name of its own', () => {
  const names: string[] = [];
  const charts: string[] = [];
  for (const { charts: own = [], fields } of SAMPLES) {
    for (const { name, curves } of own) {
      charts.push(name);
      for (const { name: curve, plus, minus = [] } of curves) {
        names.push(curve);
        const kinds = [...plus, ...minus].map((field) => fields.find((one) => one.name === field)?.kind);
        expect(kinds.every((kind) => kind === 'counter') || kinds.every((kind) => kind === 'gauge')).toBe(true);
      }
    }
  }
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(charts).size).toBe(charts.length);
});
