import { expect, test } from 'vitest';
import { altered, aWholeTrial, changed, type Damage, judged, testDamages, withMore } from '../test/damages.ts';
import { answer, closed, entry, sample, worker } from '../test/journal-of.ts';
import { SAMPLES } from './samples.ts';

/** Values of the samples of w0 before and after T. */
function sampled(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) {
  return changed((draft, t) =>
    draft.type === 'sample' && draft.target === 'w0'
      ? { draft: { ...draft, values: { ...draft.values, ...(t < 105 ? before : after) } } }
      : {},
  );
}

function dated(target: string, change: (t: number) => number) {
  return changed((draft, t) => (draft.type === 'sample' && draft.target === target ? { t: change(t) } : {}));
}

function ofScheduler(t: number, values: Readonly<Record<string, number>>) {
  return entry('scheduler', t, { type: 'sample', collector: 'scheduler', target: 'scheduler', values: { ...values } });
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'no sample of a worker',
    events: () => changed((draft) => (draft.type === 'sample' && draft.target === 'w1' ? undefined : {})),
    said: /SAMPLES_MISSING: no sample of w1 between plan and trigger/,
  },
  {
    name: 'no sample after the result',
    events: () => changed((draft, t) => (draft.type === 'sample' && t === 110 ? { t: 109 } : {})),
    said: /SAMPLES_MISSING: no sample of w0 after the result/,
  },
  {
    name: 'samples that ended before the trial began',
    events: () => dated('w0', (t) => t - 15),
    said: /SAMPLES_MISSING: no sample of w0 between plan and trigger/,
  },
  {
    name: 'samples of a worker that was not there',
    events: () => withMore(sample('w7', 110, { cpu_seconds_total: 1 })),
    said: /SAMPLES_MISSING: samples of w7, which was not watched/,
  },
  {
    name: 'samples of another host',
    events: () =>
      withMore(entry('host', 110, { type: 'sample', collector: 'host', target: 'other', values: { host_load1: 1 } })),
    said: /SAMPLES_MISSING: samples of other, which was not watched/,
  },
  {
    name: 'samples before there was a scheduler',
    events: () => dated('w0', (t) => (t < 105 ? 80 : t)),
    said: /SAMPLE_OUTSIDE: sample 1 of agent\/w0 is dated 80\.000, 92\.000 to 112\.000 is possible/,
  },
  {
    name: 'samples after the end',
    events: () => dated('w0', (t) => (t < 105 ? t : 1000)),
    said: /SAMPLE_OUTSIDE: sample 2 of agent\/w0 is dated 1000\.000/,
  },
  {
    name: 'a sample of the scheduler before the plan',
    events: () => withMore(ofScheduler(95, { dask_scheduler_clients: 1 })),
    said: /SAMPLE_OUTSIDE: sample 1 of scheduler is dated 95\.000, 97\.000 to 112\.000/,
  },
  {
    name: 'samples in another order than they were taken in',
    events: () => dated('w0', (t) => 209 - t),
    said: /SAMPLE_OUTSIDE: sample 2 of agent\/w0 is dated 11\.000 s before sample 1/,
  },
  {
    name: 'a sample that is there twice',
    events: () => withMore(sample('w0', 110, { cpu_seconds_total: 10 })),
    said: /SAMPLE_OUTSIDE: sample 3 of agent\/w0 is dated 0\.000 s before sample 2/,
  },
  {
    name: 'a counter that falls',
    events: () => withMore(sample('w0', 111, { cpu_seconds_total: 4 })),
    said: /COUNTER_FELL: cpu_seconds_total of w0 fell from 10 to 4/,
  },
  {
    name: 'a counter of the scheduler that falls',
    events: () =>
      withMore(
        ofScheduler(100, { dask_scheduler_workers_added_total: 2 }),
        ofScheduler(110, { dask_scheduler_workers_added_total: 1 }),
      ),
    said: /COUNTER_FELL: dask_scheduler_workers_added_total of scheduler fell from 2 to 1/,
  },
  {
    name: 'a largest resident set below the resident set',
    events: () => sampled({}, { rss_bytes: 4e8, rss_high_water_bytes: 3.9e8 }),
    said: /RESIDENT_IMPOSSIBLE: the largest resident set of w0 at 110\.000 is 390000000, the resident set 400000000/,
  },
  {
    name: 'a largest resident set that falls',
    events: () => sampled({ rss_high_water_bytes: 6e8 }, {}),
    said: /RESIDENT_IMPOSSIBLE: the largest resident set of w0 at 110\.000 fell from 600000000 to 500000000/,
  },
  {
    name: 'a resident set in another unit',
    events: () => sampled({ rss_bytes: 3e5 }, {}),
    said: /RESIDENT_IMPOSSIBLE: a resident set of w0 at 99\.000 is 300000 bytes/,
  },
  {
    name: 'a proportional set beyond the resident set',
    events: () => sampled({}, { pss_bytes: 6e8 }),
    said: /RESIDENT_IMPOSSIBLE: the proportional set of w0 at 110\.000 is 600000000, the largest resident set 500000000/,
  },
  {
    name: 'more CPU between two samples than the cores give',
    events: () => sampled({ agent_cpu_seconds_total: 0 }, { agent_cpu_seconds_total: 40 }),
    said: /RATE_TOO_HIGH: agent_cpu_seconds_total of w0 grew by 40 within 13\.000 s, at most 30\.600 is possible/,
  },
  {
    name: 'more CPU of a host than any host has',
    events: () => withMore(ofScheduler(109, { x_seconds_total: 0 }), ofScheduler(110, { x_seconds_total: 1e6 })),
    said: /RATE_TOO_HIGH: x_seconds_total of scheduler grew by 1000000 within 3\.000 s/,
  },
  {
    name: 'more bytes than memory delivers',
    events: () => sampled({ rchar_bytes_total: 0 }, { rchar_bytes_total: 1e15 }),
    said: /RATE_TOO_HIGH: rchar_bytes_total of w0 grew by 1000000000000000 within 13\.000 s/,
  },
  {
    name: 'user and system CPU of after the next sample',
    events: () => sampled({ cpu_user_seconds_total: 9, cpu_system_seconds_total: 4 }, {}),
    said: /SUM_WRONG: user and system CPU of w0 at 99\.000 are 13\.000 s, CPU 3\.000 s before and 10\.000 s after/,
  },
  {
    name: 'a proportional set of after the next sample',
    events: () => sampled({ pss_bytes: 6e8 }, {}),
    said: /RESIDENT_IMPOSSIBLE: the proportional set of w0 at 99\.000 is 600000000, the largest resident set 500000000/,
  },
  {
    name: 'user and system CPU that are not the CPU',
    events: () => sampled({}, { cpu_user_seconds_total: 1, cpu_system_seconds_total: 1 }),
    said: /SUM_WRONG: user and system CPU of w0 at 110\.000 are 2\.000 s, CPU 10\.000 s/,
  },
  {
    name: 'bytes of ROOT and uproot that are not those of the framework',
    events: () => sampled({}, { framework_read_bytes_total: 10, uproot_read_bytes_total: 4, root_read_bytes_total: 5 }),
    said: /SUM_WRONG: bytes read of w0 at 110\.000 are 10, by ROOT 5 and uproot 4/,
  },
  {
    name: 'instruments that used more CPU than their process',
    events: () => sampled({ agent_cpu_seconds_total: 0 }, { agent_cpu_seconds_total: 8 }),
    said: /SUM_WRONG: the agent of w0 used 8\.000 CPU-seconds, its process 7\.000/,
  },
  {
    name: 'tasks that used more CPU than their process',
    events: () => sampled({}, { cpu_seconds_total: 7 }),
    said: /METERS_DISAGREE: tasks of w0 claim 6 cpuSeconds, cpu_seconds_total grew by 4/,
  },
  {
    name: 'tasks that read more than their process',
    events: () =>
      changed((draft) => {
        if (draft.type === 'sample')
          return { draft: { ...draft, values: { ...draft.values, rchar_bytes_total: 5e6 } } };
        return draft.type === 'task'
          ? { draft: { ...draft, meter: draft.meter && { ...draft.meter, rcharBytes: 2e6 } } }
          : {};
      }),
    said: /METERS_DISAGREE: tasks of w0 claim 4000000 rcharBytes, rchar_bytes_total grew by 0/,
  },
  {
    name: 'a process that read far more than its tasks',
    events: () => sampled({}, { framework_read_bytes_total: 1e9, uproot_read_bytes_total: 1e9 }),
    said: /METERS_DISAGREE: tasks of w0 claim 0 bytesRead only, framework_read_bytes_total grew by 1000000000/,
  },
  {
    name: 'a task that the process did not count',
    events: () => sampled({ tasks_total: 5 }, { tasks_total: 6 }),
    said: /METERS_DISAGREE: 2 tasks of w0, the process counted 1/,
  },
  {
    name: 'a framework that counts other bytes than the meters',
    events: () => altered('answer', () => ({ bytesRead: 500 })),
    said: /METERS_DISAGREE: 500 bytes read as the framework counts them, 0 as the meters of the tasks do/,
  },
];

testDamages(SAMPLES, DAMAGES);

test('an unwatched trial has no samples, and no reason', () => {
  const bare = changed((draft) => {
    if (draft.type === 'sample') return undefined;
    return draft.type === 'task' ? { draft: { ...draft, meter: null } } : {};
  });
  expect(judged(bare, { watched: false })).toMatchObject({ state: 'valid', reasons: [] });
  expect(judged(closed(aWholeTrial()), { watched: false }).reasons).toEqual([
    { code: 'SAMPLES_MISSING', message: 'samples of w0, which was not watched' },
  ]);
});

test('the resident set may be off by what the cores hold back', () => {
  expect(judged(sampled({ rss_high_water_bytes: 5.004e8 }, {}))).toMatchObject({ state: 'valid', reasons: [] });
});

test('compilation may hold up an agent between its readings, so that the later ones belong to the next sample', () => {
  const held = sampled({ cpu_user_seconds_total: 5, cpu_system_seconds_total: 4, pss_bytes: 4.9e8 }, {});
  expect(judged(held)).toMatchObject({ state: 'valid', reasons: [] });
});

test('an agent may sample between the trials of its session', () => {
  const before = closed([
    ...aWholeTrial().slice(0, 7),
    sample('w0', 95, { cpu_seconds_total: 2 }),
    ...aWholeTrial().slice(7),
  ]);
  expect(judged(before)).toMatchObject({ state: 'valid', reasons: [] });
});

test('a replaced worker samples anew, also out of order', () => {
  const renewed = closed([
    ...aWholeTrial().slice(0, -1),
    worker('left', 'w0', 103),
    worker('joined', 'w0', 104, 'w0 again'),
    sample('w0', 105, { cpu_seconds_total: 1, rss_high_water_bytes: 1e8 }),
    answer(1000),
  ]);
  expect(judged(renewed)).toMatchObject({ state: 'valid', reasons: [] });
});
