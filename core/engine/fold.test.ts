import { expect, test } from 'vitest';
import { aMeter, aPlan, aSession, answer, aTrial, entry, mark, recordOf, task, worker } from './test/journal-of.ts';

test('the three windows are nested: cluster asked for at 90, trigger 100, tasks 101 to 107, result 110', () => {
  expect(recordOf(aTrial()).windows).toEqual({ timeToResultSeconds: 20, turnaroundSeconds: 10, executionSeconds: 6 });
});

test('a later trial of a session has no time to result, and says why', () => {
  const later = aTrial().map((item) => (item.draft.type === 'session' ? aSession(1) : item));
  expect(recordOf(later).windows.timeToResultSeconds).toEqual({
    missing: 'only the first trial of a session includes the start of the cluster',
  });
});

test('a trial that gave no result has no windows, rates or budget, and each says why', () => {
  const open = aTrial().filter(
    ({ draft }) => !(draft.type === 'mark' && draft.name === 'result') && draft.type !== 'answer',
  );
  const { windows, metrics, budget, counts } = recordOf(open);
  expect(windows.turnaroundSeconds).toEqual({ missing: 'no result' });
  expect(counts.eventsRead).toEqual({ missing: 'the trial gave no answer' });
  expect(metrics['event_rate']).toEqual({ missing: 'the trial gave no answer' });
  expect(budget.coreSeconds).toEqual({ missing: 'no result' });
});

test('concurrency is the integral of running tasks: 4 + 2 + 4 task-seconds in 6 s', () => {
  const { observed } = recordOf(aTrial());
  expect(observed.concurrencyIntegralSeconds).toBe(10);
  expect(observed.meanConcurrency).toBeCloseTo(10 / 6, 12);
});

test('workers are those that joined, not those asked for, and those used are those that processed', () => {
  const three = [worker('present', 'w2', 99), task('w2', 107, 108, { kind: 'merge' })];
  expect(recordOf(aTrial(three)).observed).toMatchObject({ workers: 3, workersUsed: 2, threads: 3 });
});

test('a worker that joins during the trial is observed; a replaced one counts once', () => {
  const joined = recordOf(aTrial([worker('joined', 'w2', 104)]));
  expect(joined.observed).toMatchObject({ workers: 3, threads: 3 });
  const replaced = recordOf(aTrial([worker('left', 'w1', 106), worker('joined', 'w1', 108, 'w1-again')]));
  expect(replaced.observed).toMatchObject({ workers: 2, threads: 2 });
});

test('a serial trial is one worker with the threads of its point', () => {
  const serial = aPlan({ point: { runner: 'serial', workers: 1, threadsPerWorker: 4 }, tasks: 1 });
  const record = recordOf([serial, mark('trigger', 100), mark('result', 110), task('serial', 100, 110), answer(1000)]);
  expect(record.observed).toMatchObject({ workers: 1, workersUsed: 1, threads: 4, meanConcurrency: 1 });
  expect(record.metrics['event_rate_per_core']).toBe(25);
});

test('rates are events over T, per worker and per core', () => {
  const { metrics } = recordOf(aTrial());
  expect(metrics['event_rate']).toBe(100);
  expect(metrics['event_rate_per_worker']).toBe(50);
  expect(metrics['event_rate_per_core']).toBe(50);
});

test('bytes are those the framework reports; otherwise the sum over its tasks', () => {
  const metered = [task('w0', 101, 105, { meter: aMeter(4, { bytesRead: 700 }) })];
  expect(recordOf(aTrial(metered)).metrics['read_bytes_framework']).toBe(700);
  const reported = recordOf(
    aTrial().map((item) => (item.draft.type === 'answer' ? answer(1000, { bytesRead: 1200 }) : item)),
  );
  expect(reported.metrics).toMatchObject({
    read_bytes_framework: 1200,
    read_rate: 200,
    bytes_per_event: 1.2,
    read_amplification_ratio: 1.2,
  });
});

test('the tasks are described by mean, spread and imbalance: 4, 2 and 4 s', () => {
  const { metrics } = recordOf(aTrial());
  expect(metrics['task_seconds_mean']).toBeCloseTo(10 / 3, 12);
  expect(metrics['task_seconds_sd']).toBeCloseTo(Math.sqrt(4 / 3), 12);
  expect(metrics).toMatchObject({ task_seconds_min: 2, task_seconds_max: 4 });
  expect(metrics['imbalance_ratio']).toBeCloseTo(1.2, 12);
});

test('occupancy and cost count what the meters saw', () => {
  const { metrics } = recordOf(aTrial());
  // 10 CPU-seconds in 6 s of 2 cores; 10 CPU-seconds for 1000 events.
  expect(metrics['cpu_occupancy_ratio']).toBeCloseTo(10 / 12, 12);
  expect(metrics['cpu_seconds_per_mevent']).toBeCloseTo(10_000, 9);
});

test('without the agent its metrics are missing with a reason, never zero', () => {
  const bare = aTrial().map((item) =>
    item.draft.type === 'task' ? { ...item, draft: { ...item.draft, meter: null } } : item,
  );
  const { metrics, budget } = recordOf(bare);
  expect(metrics).toMatchObject({
    cpu_seconds: { missing: 'no two samples of cpu_seconds_total' },
    cpu_occupancy_ratio: { missing: 'a task was not metered' },
    cpu_seconds_per_mevent: { missing: 'a task was not metered' },
    read_bytes_framework: { missing: 'a task was not metered' },
    rss_peak_bytes: { missing: 'no sample of rss_bytes' },
    pss_peak_bytes: { missing: 'no sample of pss_bytes' },
    network_bytes: { missing: 'no two samples of network_receive_bytes_total' },
    watching_cpu_ratio: { missing: 'no two samples of agent_cpu_seconds_total' },
    sampling_gap_max_seconds: { missing: 'no samples of the agent' },
  });
  expect(budget).toMatchObject({ taskCpu: { missing: 'a task was not metered' }, coreSeconds: 20 });
  expect(metrics['event_rate']).toBe(100);
});

test('one unreadable counter leaves the others known', () => {
  const noReads = [task('w0', 107, 108, { meter: aMeter(1, { bytesRead: null }) })];
  const { metrics } = recordOf(aTrial(noReads));
  expect(metrics['read_bytes_framework']).toEqual({ missing: 'bytesRead could not be read' });
  expect(metrics['rchar_bytes']).toBe(0);
});

test('task rows are seconds after the trigger', () => {
  expect(recordOf(aTrial()).tasks.map(({ start, stop, worker: on }) => [on, start, stop])).toEqual([
    ['w0', 1, 5],
    ['w1', 2, 6],
    ['w0', 5, 7],
  ]);
});

/** The machine from 95 to 115 s: user CPU of `used` seconds in each second, of which `own` are ours. */
function machine(used: number, own: number) {
  const facts = entry('engine', 90, { type: 'environment', facts: { cores: 2 } });
  const samples = Array.from({ length: 21 }, (_, second) =>
    entry('host', 95 + second, {
      type: 'sample',
      collector: 'host',
      target: 'h',
      values: {
        host_cpu_user_seconds_total: 1000 + used * second,
        host_cpu_nice_seconds_total: 7,
        host_cpu_system_seconds_total: 50,
        host_cpu_steal_seconds_total: 0.1 * second,
        host_cpu_pressure_seconds_total: 0.25 * second,
        host_own_cpu_seconds_total: 30 + own * second,
      },
    }),
  );
  return [facts, ...samples];
}

test('cores that other programs took are those of the machine without ours; beyond a tenth of them the trial is flagged', () => {
  const quiet = recordOf(aTrial(machine(1.5, 1.4)));
  expect(quiet.metrics['host_foreign_cores']).toBeCloseTo(0.1, 9);
  expect(quiet.metrics['host_steal_cores']).toBeCloseTo(0.1, 9);
  expect(quiet.metrics['host_cpu_pressure_ratio']).toBeCloseTo(0.25, 9);
  expect(quiet.flags).toEqual([]);
  expect(recordOf(aTrial(machine(1.9, 1.4))).flags).toEqual([
    { code: 'foreign-cpu', message: 'other programs took 0.50 of 2 cores during T, more than 10 %' },
  ]);
  expect(recordOf(aTrial(machine(1, 1.01))).metrics['host_foreign_cores']).toBe(0);
});

test('a journal without samples of the machine, or of before ours were told apart, has no such cores and says why', () => {
  expect(recordOf(aTrial()).metrics['host_foreign_cores']).toMatchObject({ missing: expect.any(String) });
  const before = machine(1.9, 1.4).map(({ draft, ...rest }) => {
    if (draft.type !== 'sample') return { draft, ...rest };
    const { host_own_cpu_seconds_total: _own, ...values } = draft.values;
    return { ...rest, draft: { ...draft, values } };
  });
  const { metrics, flags } = recordOf(aTrial(before));
  expect(metrics['host_foreign_cores']).toEqual({ missing: 'no two samples of host_own_cpu_seconds_total' });
  expect(flags).toEqual([]);
});
