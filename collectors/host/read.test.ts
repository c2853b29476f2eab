import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readHost } from './read.ts';

/** Numbered folders imitate /proc step by step; `no-pressure` and `masked` lack what some kernels and containers lack. */
function readFixture(step: string): Record<string, number> {
  return readHost(join(import.meta.dirname, 'fixtures', step));
}

test('every value is that of the files, in seconds and bytes', () => {
  expect(readFixture('1')).toEqual({
    host_cpu_user_seconds_total: 100,
    host_cpu_nice_seconds_total: 2.5,
    host_cpu_system_seconds_total: 30,
    host_cpu_idle_seconds_total: 800,
    host_cpu_iowait_seconds_total: 4,
    host_cpu_irq_seconds_total: 0.1,
    host_cpu_softirq_seconds_total: 0.9,
    host_cpu_steal_seconds_total: 0.07,
    host_load1: 0.52,
    host_runnable_threads: 3,
    host_cpu_pressure_seconds_total: 1.5,
    host_io_pressure_seconds_total: 0.25,
    host_memory_pressure_seconds_total: 0,
    host_memory_available_bytes: 20_480_000_000,
  });
});

test('from one step to the next counters grow by what happened between', () => {
  const [one, two] = [readFixture('1'), readFixture('2')];
  const grown = Object.keys(one).filter((name) => name.endsWith('_total'));
  const increases = grown.flatMap((name) => {
    const increase = (two[name] ?? Number.NaN) - (one[name] ?? Number.NaN);
    return increase === 0 ? [] : [[name, Number(increase.toFixed(6))]];
  });
  expect(Object.fromEntries(increases)).toEqual({
    host_cpu_user_seconds_total: 1.5,
    host_cpu_system_seconds_total: 0.4,
    host_cpu_idle_seconds_total: 0.05,
    host_cpu_iowait_seconds_total: 0.02,
    host_cpu_softirq_seconds_total: 0.02,
    host_cpu_steal_seconds_total: 0.05,
    host_cpu_pressure_seconds_total: 1.25,
  });
});

test('without pressure information the rest is read and pressure is left out', () => {
  const {
    host_cpu_pressure_seconds_total: cpu,
    host_io_pressure_seconds_total: io,
    host_memory_pressure_seconds_total: memory,
    ...rest
  } = readFixture('1');
  expect([cpu, io, memory]).toEqual([1.5, 0.25, 0]);
  expect(readFixture('no-pressure')).toEqual(rest);
});

test('a masked /proc leaves out what it hides, never as zero', () => {
  expect(readFixture('masked')).toEqual({
    host_cpu_user_seconds_total: 1,
    host_cpu_nice_seconds_total: 0,
    host_cpu_system_seconds_total: 0.5,
    host_cpu_idle_seconds_total: 9,
    host_cpu_iowait_seconds_total: 0.03,
  });
});

test('a folder that is not there has no values', () => {
  expect(readFixture('nowhere')).toEqual({});
});

test('this machine has CPU, load and memory', () => {
  expect(readHost('/proc')).toMatchObject({
    host_cpu_user_seconds_total: expect.any(Number),
    host_load1: expect.any(Number),
    host_memory_available_bytes: expect.any(Number),
  });
});
