import { afterAll, beforeAll, expect, test } from 'vitest';
import { isKnown } from '../../core/model/quantity.ts';
import { bench, benchGood, makePlace, mutant, type Place, recordsIn } from './harness.ts';

// What is measured after every trial: the speed of the cores, and Dask with empty tasks.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const CONTROL = ['--suite', 'control', '--workers', '1,2', '--tasks', '16', '--param', 'amount=0'];

test('empty tasks take what the probe says that Dask needs, so that no statement is made of them', async () => {
  const { experiment, stdout } = await benchGood(place, [...CONTROL, '--param', 'kind=empty', '--sessions', '3']);
  const records = recordsIn(experiment);
  const warm = records.filter(({ repeat }) => repeat > 0);
  const floors = warm.map(({ probe, windows }) => {
    if (!probe || !isKnown(probe.floorSeconds) || !isKnown(windows.turnaroundSeconds)) return Number.NaN;
    return windows.turnaroundSeconds / probe.floorSeconds;
  });
  // The same work twice in a row: whatever the machine does, far below the ten that a statement needs.
  expect(floors.every((ratio) => ratio > 0.05 && ratio < 10)).toBe(true);
  expect(records.every(({ probe }) => probe && Number(probe.kernelCpuSeconds) > 0)).toBe(true);
  expect(stdout).toMatch(/T is only \d+\.\d times what Dask needs for as many empty tasks, 10 are needed/);
  expect(stdout).not.toMatch(/scales to/);
});

test('a probe that fails taints the trial, whose answer stays', async () => {
  const root = mutant(place, 'analyses/src/hepbench/driver/probe.py', 'if not total > 0:', 'if total > 0:');
  const args = [...CONTROL, '--param', 'kind=empty', '--sessions', '1', '--repeats', '1', '--no-reference'];
  const { experiment, stdout } = await bench(place, args, root);
  const records = recordsIn(experiment);
  expect(records.map(({ state }) => state)).toEqual(records.map(() => 'valid'));
  expect(records.flatMap(({ taints }) => taints.map(({ code }) => code))).toEqual(records.map(() => 'PROBE_FAILED'));
  expect(stdout).toMatch(
    /PROBE_FAILED: the probe after the trial failed: ArithmeticError: the kernel of the probe gave/,
  );
});
