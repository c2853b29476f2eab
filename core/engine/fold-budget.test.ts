import { expect, test } from 'vitest';
import { isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Budget } from '../model/record.ts';
import {
  aMeter,
  answer,
  aPlan,
  aSession,
  type Entry,
  mark,
  type PlanOverrides,
  recordOf,
  task,
  worker,
} from './test/journal-of.ts';

/** Trigger at 100, result at 110. */
function budgetOf(entries: readonly Entry[], plan: PlanOverrides = {}): Budget {
  return recordOf([aPlan(plan), aSession(), mark('trigger', 100), mark('result', 110), ...entries, answer(1000)])
    .budget;
}

function known(quantity: Quantity = missing('not in the record')): number {
  if (!isKnown(quantity)) throw new Error(quantity.missing);
  return quantity;
}

function rounded(budget: Budget): { [part: string]: number } {
  return Object.fromEntries(Object.entries(budget).map(([part, value]) => [part, Number(known(value).toFixed(9))]));
}

const two = [worker('present', 'w0', 99), worker('present', 'w1', 99)];

test('each part of a budget is that computed by hand', () => {
  const budget = budgetOf([
    ...two,
    task('w0', 100.5, 101.5, { kind: 'other', meter: null }),
    // 3 s: 1.25 s of work, 0.5 s of compilation of which 0.1 s waiting, 0.25 s more in the run queue, 0.3 s of opening of
    // which 0.1 s waiting for the file, 0.15 s of handing over, 0.4 s off CPU in reads, 0.15 s asleep.
    task('w0', 102, 105, {
      meter: aMeter(3, {
        cpuSeconds: 2,
        compileSeconds: 0.5,
        compileCpuSeconds: 0.4,
        openSeconds: 0.3,
        openCpuSeconds: 0.2,
        handoverCpuSeconds: 0.15,
        runQueueSeconds: 0.35,
        readSeconds: 0.6,
        readCpuSeconds: 0.2,
      }),
    }),
    task('w0', 106, 107.5),
    task('w1', 103, 109, {
      meter: aMeter(6, { cpuSeconds: 5 }),
      transfers: [{ start: 102.5, stop: 103, bytes: null }],
    }),
    task('w1', 109.25, 109.75, { kind: 'merge', meter: null }),
  ]);
  expect(rounded(budget)).toEqual({
    coreSeconds: 20,
    taskCpu: 1.25 + 1.5 + 5,
    coreWait: 0.25,
    readWait: 0.4,
    otherWait: 0.15 + 1,
    compilation: 0.5,
    opening: 0.3,
    handover: 0.15,
    // Reading of metadata on w0.
    preparation: 1,
    // Before the first task 1 and 2.5 s, between the tasks of w0 1 s.
    scheduling: 4.5,
    // From the last task of all to the result 1 s each, and the transfer.
    merging: 2.5,
    // From the last task of w0 to the last of all.
    idleTail: 1.5,
    unexplained: 0,
  });
});

test('a worker that processes nothing schedules, then idles', () => {
  const budget = rounded(budgetOf([...two, task('w0', 102, 108)]));
  expect(budget).toMatchObject({ taskCpu: 6, scheduling: 4, idleTail: 6, merging: 4, unexplained: 0 });
});

test('waiting for a core inside compilation is compilation and not counted twice', () => {
  const meter = aMeter(4, { cpuSeconds: 1, compileSeconds: 4, compileCpuSeconds: 1, runQueueSeconds: 3 });
  expect(rounded(budgetOf([worker('present', 'w0', 99), task('w0', 100, 104, { meter })]))).toMatchObject({
    taskCpu: 0,
    coreWait: 0,
    compilation: 4,
    otherWait: 0,
    unexplained: 0,
  });
});

test('a thread that waits for a core inside a read is waiting for the core', () => {
  const meter = aMeter(4, { cpuSeconds: 1, runQueueSeconds: 2, readSeconds: 3, readCpuSeconds: 0 });
  expect(rounded(budgetOf([worker('present', 'w0', 99), task('w0', 100, 104, { meter })]))).toMatchObject({
    taskCpu: 1,
    coreWait: 2,
    readWait: 1,
    otherWait: 0,
  });
});

test('what task and meter differ by is unexplained', () => {
  const short = task('w0', 100, 110, { meter: aMeter(9.5) });
  expect(rounded(budgetOf([worker('present', 'w0', 99), short]))).toMatchObject({ taskCpu: 9.5, unexplained: 0.5 });
});

test('a compiler clock that ran ahead of the thread leaves no part below zero', () => {
  const meter = aMeter(1, { cpuSeconds: 0.3, compileSeconds: 0.31, compileCpuSeconds: 0.31 });
  const budget = rounded(budgetOf([worker('present', 'w0', 99), task('w0', 100, 101, { meter })]));
  expect(budget['taskCpu']).toBe(0);
});

test('a lost worker holds its core until it left, its replacement from when it joined', () => {
  const budget = budgetOf([
    worker('present', 'w0', 99),
    task('w0', 100, 104),
    worker('left', 'w0', 104),
    worker('joined', 'w0', 107, 'w0-again'),
    task('w0', 108, 110),
  ]);
  expect(rounded(budget)).toMatchObject({ coreSeconds: 7, taskCpu: 6, scheduling: 1, unexplained: 0 });
});

test('a serial trial holds its core for all of T', () => {
  const budget = budgetOf([task('serial', 101, 110)], { point: { runner: 'serial' } });
  expect(rounded(budget)).toMatchObject({ coreSeconds: 10, taskCpu: 9, scheduling: 1, idleTail: 0, unexplained: 0 });
});

test('several threads cannot be split, and the core-seconds stay known', () => {
  const budget = budgetOf([task('serial', 101, 110)], { point: { runner: 'serial', threadsPerWorker: 2 } });
  expect(budget).toMatchObject({
    coreSeconds: 20,
    taskCpu: { missing: 'a worker with several threads cannot be split' },
  });
});

test('a kernel without schedstat gives no split', () => {
  const meter = aMeter(1, { runQueueSeconds: null });
  expect(budgetOf([...two, task('w0', 101, 102, { meter })]).coreWait).toEqual({
    missing: 'the kernel gives no schedstat',
  });
});

test('a part that no hook can see is missing with the reason, and its seconds are in the part that holds them', () => {
  const meter = aMeter(4, { cpuSeconds: 3, compileSeconds: null, compileCpuSeconds: null, readSeconds: null });
  const budget = budgetOf([worker('present', 'w0', 99), task('w0', 100, 104, { meter })]);
  expect(budget).toMatchObject({ taskCpu: 3, otherWait: 1, unexplained: 0 });
  expect(budget.readWait).toEqual({ missing: 'reads are not hooked: not separated from other waiting' });
  expect(budget.compilation).toEqual({ missing: 'compilation is not hooked: not separated from task CPU' });

  const unopened = aMeter(4, { openSeconds: null, openCpuSeconds: null, handoverCpuSeconds: null });
  expect(budgetOf([worker('present', 'w0', 99), task('w0', 100, 104, { meter: unopened })])).toMatchObject({
    taskCpu: 4,
    opening: { missing: 'opening is not hooked: not separated from task CPU' },
    handover: { missing: 'handing over is not hooked: not separated from task CPU' },
    unexplained: 0,
  });
});

test('a journal of before opening and handing over were metered has no such parts, and their CPU is in that of the tasks', () => {
  const { openSeconds: _, openCpuSeconds: __, handoverCpuSeconds: ___, ...meter } = aMeter(4);
  const budget = budgetOf([worker('present', 'w0', 99), task('w0', 100, 104, { meter })]);
  expect(budget).not.toHaveProperty('opening');
  expect(budget).not.toHaveProperty('handover');
  expect(budget).toMatchObject({ taskCpu: 4, unexplained: 0 });
});
