import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { EventOf } from '../../core/model/event.ts';
import { TrialRecord } from '../../core/model/record.ts';
import { pythonEnvironment } from '../../core/python/process.ts';
import {
  benchGood,
  eventsIn,
  experimentsIn,
  journalsIn,
  makePlace,
  type Place,
  pythonOf,
  recordsIn,
} from './harness.ts';

// Tasks of known cost: does the loss budget put seconds where they belong? Two things make this hold on a busy machine: waiting
// for a core is a part of its own, and what other programs took from us is read from the host's counters (`taken`).
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const TASKS = 8;
/** Long against Dask's own 50 ms before the first task and after the last. */
const SECONDS = 0.5;
const KNOWN = TASKS * SECONDS;
const PIPE_BYTES_PER_SECOND = 20e6;
const FUNCTIONS = 250;
const MERGE_BYTES = 40e6;
const TOLERANCE = 0.05;
const CONTROL = ['--suite', 'control', '--workers', '2', '--tasks', String(TASKS), '--sessions', '1', '--repeats', '2'];

const PARTS = [
  'taskCpu',
  'coreWait',
  'readWait',
  'otherWait',
  'compilation',
  'opening',
  'handover',
  'preparation',
  'scheduling',
  'merging',
  'idleTail',
  'unexplained',
] as const;
type Part = (typeof PARTS)[number];

interface Trial {
  readonly record: TrialRecord;
  readonly budget: { readonly [part in Part | 'coreSeconds']: number };
  readonly tasks: readonly EventOf<'task'>[];
  /** CPU-seconds of this machine that were not our workers'. */
  readonly taken: number;
}

async function warmTrials(args: readonly string[]): Promise<Trial[]> {
  const run = await benchGood(place, [...args, '--interval', '0.25']);
  return journalsIn(run.experiment)
    .map((path) => trialOf(path))
    .filter(({ record }) => record.repeat > 0);
}

function trialOf(journal: string): Trial {
  const record = TrialRecord.parse(JSON.parse(readFileSync(journal.replace('events.jsonl', 'record.json'), 'utf8')));
  const events = eventsIn(journal);
  const host = events.filter((event) => event.type === 'sample').filter(({ collector }) => collector === 'host');
  const tasks = events.filter((event) => event.type === 'task');
  const budget = z.record(z.enum([...PARTS, 'coreSeconds']), z.number()).parse(record.budget);
  const taken = Math.max(0, busyOf(host.at(-1)) - busyOf(host[0]) - known(record.metrics['cpu_seconds']));
  return { record, budget, tasks, taken };
}

function busyOf(event: EventOf<'sample'> | undefined): number {
  const states = ['user', 'nice', 'system', 'irq', 'softirq', 'steal'];
  return states.reduce((sum, state) => sum + (event?.values[`host_cpu_${state}_seconds_total`] ?? 0), 0);
}

function known(quantity: TrialRecord['budget']['taskCpu'] | undefined): number {
  if (typeof quantity === 'number') return quantity;
  throw new Error(`missing: ${quantity?.missing ?? 'not in the record'}`);
}

/** Of each worker, how long it had nothing more to process while the other still had. */
function tailOf({ tasks }: Trial): number {
  const processing = tasks.filter(({ kind }) => kind === 'process');
  const end = Math.max(...processing.map(({ stop }) => stop));
  const last = [...Map.groupBy(processing, ({ worker }) => worker).values()].map((own) =>
    Math.max(...own.map(({ stop }) => stop)),
  );
  return last.reduce((sum, stop) => sum + end - stop, 0);
}

/** Of each worker, how long it had nothing to process between two tasks: it waited until Dask gave it one of the other's. */
function gapsOf({ tasks }: Trial): number {
  const processing = tasks.filter(({ kind }) => kind === 'process').toSorted((a, b) => a.start - b.start);
  const gaps = [...Map.groupBy(processing, ({ worker }) => worker).values()].flatMap((own) =>
    own.slice(1).map(({ start }, i) => start - (own[i]?.stop ?? start)),
  );
  return gaps.reduce((sum, gap) => sum + gap, 0);
}

/** Nothing but `expected` took more than 5 % of it, or more than other programs took from it. */
function expectNothingElse(trial: Trial, expected: Part, amount: number): void {
  const { budget, taken } = trial;
  const [little, tail] = [TOLERANCE * amount, tailOf(trial)];
  // Dask may give one worker five tasks and the other three, or move the fifth late: that tail or gap is real, and must be just
  // that, unless the worker merged.
  const least: Partial<typeof budget> = { idleTail: expected === 'merging' ? 0 : tail - little, unexplained: -little };
  const most: Partial<typeof budget> = {
    coreWait: little + taken,
    // What the hypervisor steals looks like waiting; and who holds Python's lock may wait for a core while the task waits for the lock.
    otherWait: little + taken,
    scheduling: gapsOf(trial) + little + taken,
    merging: little + taken,
    idleTail: tail + little,
    [expected]: Number.POSITIVE_INFINITY,
  };
  const outside = PARTS.filter(
    (part) => !(budget[part] >= (least[part] ?? 0) && budget[part] <= (most[part] ?? little)),
  ).map((part) => `${part}: ${budget[part]} is not in ${least[part] ?? 0}..${most[part] ?? little}`);
  expect(outside).toEqual([]);
}

function expectNear(value: number, amount: number, below = 0): void {
  expect(value).toBeGreaterThan(amount * (1 - TOLERANCE) - below);
  expect(value).toBeLessThan(amount * (1 + TOLERANCE));
}

describe('on tasks of known cost', () => {
  let seconds: Trial[];
  const ofKind = (kind: string) => seconds.filter(({ record }) => record.point.parameters['kind'] === kind);
  beforeAll(async () => {
    const amounts = ['--param', 'kind=compute/sleep/lock', '--param', `amount=${SECONDS}`];
    seconds = await warmTrials([...CONTROL, ...amounts]);
  });

  test('CPU is task CPU, to the CPU-second', () => {
    expect(ofKind('compute')).toHaveLength(2);
    for (const trial of ofKind('compute')) {
      expectNear(trial.budget.taskCpu, KNOWN);
      expectNothingElse(trial, 'taskCpu', KNOWN);
    }
  });

  test('waiting for the clock or for a lock is other waiting', () => {
    expect([...ofKind('sleep'), ...ofKind('lock')]).toHaveLength(4);
    for (const trial of [...ofKind('sleep'), ...ofKind('lock')]) {
      expectNear(trial.budget.otherWait, KNOWN);
      expectNothingElse(trial, 'otherWait', KNOWN);
    }
  });

  test('a file that takes long to open is opening', async () => {
    const trials = await warmTrials([...CONTROL, '--param', 'kind=open', '--param', `amount=${SECONDS}`]);
    for (const trial of trials) {
      // With the CPU of opening, and with waiting for Python's lock, whose holder may wait for a core.
      expect(trial.budget.opening).toBeGreaterThan(KNOWN * (1 - TOLERANCE));
      expect(trial.budget.opening).toBeLessThan(KNOWN * (1 + TOLERANCE) + trial.taken);
      expectNothingElse(trial, 'opening', KNOWN);
    }
  });

  test('waiting for data is read waiting, less the CPU and the core waiting of the reader, which are metered', async () => {
    const bytes = SECONDS * PIPE_BYTES_PER_SECOND;
    const trials = await warmTrials([...CONTROL, '--param', 'kind=read', '--param', `amount=${bytes}`]);
    for (const trial of trials) {
      const { readWait, coreWait, taskCpu } = trial.budget;
      expectNear(readWait, KNOWN, coreWait);
      expectNear(readWait + coreWait + taskCpu, KNOWN + coreWait, coreWait);
      expectNothingElse(trial, 'readWait', KNOWN);
    }
  });

  test('compiling is compilation, and costs the CPU that the same functions cost in a process of their own', async () => {
    const alone = compileAlone();
    const trials = await warmTrials([...CONTROL, '--param', 'kind=compile', '--param', `amount=${FUNCTIONS}`]);
    for (const trial of trials) {
      const process = trial.tasks.filter(({ kind }) => kind === 'process');
      const wall = process.reduce((sum, { meter }) => sum + (meter?.wallSeconds ?? Number.NaN), 0);
      expectNear(trial.budget.compilation + trial.budget.coreWait, wall);
      expectNothingElse(trial, 'compilation', wall);
      // Caches and hyper-threads are shared with other programs, so that the same code costs more or less from run to run.
      const cpu = process.reduce((sum, { meter }) => sum + (meter?.compileCpuSeconds ?? Number.NaN), 0);
      expect(cpu / (TASKS * alone)).toBeGreaterThan(0.6);
      expect(cpu / (TASKS * alone)).toBeLessThan(1.6);
    }
  });

  test('merging is merging, as long as the merges took, and grows with the bytes', async () => {
    const trials = await warmTrials([...CONTROL, '--param', `merge=0/${MERGE_BYTES}`]);
    const large = trials.filter(({ record }) => record.point.parameters['merge'] !== '0');
    const small = trials.filter(({ record }) => record.point.parameters['merge'] === '0');
    expect([large.length, small.length]).toEqual([2, 2]);
    const nothing = Math.min(...small.map(({ budget }) => budget.merging));
    for (const trial of large) {
      const merges = trial.tasks.filter(({ kind }) => kind === 'merge');
      expect(merges).toHaveLength(TASKS - 1);
      const inMerges = merges.reduce((sum, { start, stop }) => sum + stop - start, 0);
      expect(trial.budget.merging).toBeGreaterThan(0.95 * inMerges);
      expect(trial.budget.merging).toBeGreaterThan(5 * nothing);
      expectNear(trial.budget.merging, trial.budget.coreSeconds, trial.taken);
      expectNothingElse(trial, 'merging', trial.budget.coreSeconds);
    }
  });
});

/** CPU-seconds of one task of kind `compile` in a warm process. */
function compileAlone(): number {
  const code = `from hepbench.analyses.control import task
print(min(task("compile", ${FUNCTIONS})["cpu"] for _ in range(4)))`;
  // The test ends before its children could be in anyone's way: they need not die with it.
  const { HEPBENCH_PARENT_PID: _, ...env } = pythonEnvironment();
  return Number(execFileSync(pythonOf(place), ['-c', code], { env, encoding: 'utf8' }).trim().split('\n').at(-1));
}

test.each(['rdataframe', 'coffea'])(
  '%s: of the core-seconds of every warm trial of the ADL queries at most a tenth is unexplained, and no part is negative',
  async (backend) => {
    const args = ['--backend', backend, '--files', '2', '--events', '32000', '--workers', '2', '--sessions', '1'];
    const trials = await warmTrials([...args, '--repeats', '2']);
    // Serial, one worker, two workers.
    expect(trials).toHaveLength(6);
    for (const { budget, record } of trials) {
      expect(record.state).toBe('valid');
      expect(Math.abs(budget.unexplained) / budget.coreSeconds).toBeLessThan(0.1);
      expect(PARTS.filter((part) => part !== 'unexplained' && budget[part] < 0)).toEqual([]);
      expect(budget.opening).toBeGreaterThan(0);
      expect(budget.handover).toBeGreaterThan(0);
    }
    // An edited cut is compiled anew, in every process; coffea has nothing to compile.
    const edited = recordsIn(experimentsIn(place).at(-1) ?? '').filter(({ warmth }) => warmth.compiled === 'edited');
    expect(edited).toHaveLength(backend === 'rdataframe' ? 3 : 0);
    const warm = Math.max(...trials.map(({ budget }) => budget.compilation));
    for (const { budget } of edited) expect(known(budget.compilation)).toBeGreaterThan(2 * warm + 0.01);
  },
);
