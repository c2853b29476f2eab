import { expect, test } from 'vitest';
import type { Meter } from '../../model/event.ts';
import { altered, changed, type Damage, judged, testDamages, withMore } from '../test/damages.ts';
import { entry, probe, sample } from '../test/journal-of.ts';
import { VALUES } from './values.ts';

function metered(change: Partial<Meter>) {
  return altered('task', ({ meter }) => ({ meter: meter && { ...meter, ...change } }));
}

/** Tasks of 10 s together whose threads claim so much CPU. */
function withTaskCpu(seconds: number) {
  return altered('task', ({ meter }) => ({
    meter: meter && { ...meter, cpuSeconds: (meter.wallSeconds * seconds) / 10 },
  }));
}

/** Two workers that claim so much CPU together, in 10 s on two cores. */
function withCpu(seconds: number) {
  return changed((draft, t) => {
    if (draft.type !== 'sample') return {};
    // Of w1 what its task used.
    const used = draft.target === 'w0' ? seconds - 4 : 4;
    return { t: t > 105 ? 110 : 100, draft: { ...draft, values: { cpu_seconds_total: t > 105 ? used : 0 } } };
  });
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'a resident set of 10^30',
    events: () => withMore(sample('w0', 110, { rss_bytes: 1e30 })),
    said: /VALUE_IMPOSSIBLE: rss_bytes of w0 is 1e\+30/,
  },
  {
    name: 'a resident set beyond the memory of the host',
    events: () => withMore(sample('w0', 110, { rss_bytes: 17e9 })),
    said: /VALUE_IMPOSSIBLE: rss_bytes of w0 is 17000000000, at most 16000000000/,
  },
  {
    name: 'a largest resident set beyond the memory of the host',
    events: () => withMore(sample('w0', 110, { rss_high_water_bytes: 17e9 })),
    said: /VALUE_IMPOSSIBLE: rss_high_water_bytes of w0 is 17000000000/,
  },
  {
    name: 'a negative resident set',
    events: () => withMore(sample('w0', 110, { rss_bytes: -1 })),
    said: /VALUE_IMPOSSIBLE: rss_bytes of w0 is -1, at least 0 is possible/,
  },
  {
    name: 'a counter beyond any',
    events: () => withMore(sample('w0', 110, { tasks_total: 1e20 })),
    said: /VALUE_IMPOSSIBLE: tasks_total of w0 is 100000000000000000000, at most/,
  },
  {
    name: 'a probe whose kernel took no CPU',
    events: () => withMore(probe({ w0: 0.01, w1: 0 }, 0.2)),
    said: /PROBE_IMPOSSIBLE: the kernel of the probe took no CPU/,
  },
  {
    name: 'a probe that leaves a worker out',
    events: () => withMore(probe({ w0: 0.01 }, 0.2)),
    said: /PROBE_IMPOSSIBLE: the kernel of the probe did not run on w1/,
  },
  {
    name: 'a probe on a worker that was not there',
    events: () => withMore(probe({ w0: 0.01, w7: 0.01 }, 0.2)),
    said: /PROBE_IMPOSSIBLE: the kernel of the probe ran on w7/,
  },
  {
    name: 'two probes',
    events: () => withMore(probe({ w0: 0.01 }, 0.2), probe({ w0: 0.01 }, 0.2)),
    said: /PROBE_IMPOSSIBLE: there are 2 probes/,
  },
  {
    name: 'a floor of a million seconds',
    events: () => withMore(probe({ w0: 0.01 }, 1e6)),
    said: /PROBE_IMPOSSIBLE: the probe measured 1000000\.000 s in the \d\.\d+ s after the result/,
  },
  {
    name: 'a kernel of a million seconds',
    events: () => withMore(probe({ w0: 1e6 }, 0.2)),
    said: /PROBE_IMPOSSIBLE: the probe measured 1000000/,
  },
  {
    name: 'empty tasks in no time',
    events: () => withMore(probe({ w0: 0.01, w1: 0.01 }, 0)),
    said: /PROBE_IMPOSSIBLE: the empty tasks of the probe took no time/,
  },
  {
    name: 'a probe of Dask without empty tasks',
    events: () => withMore(probe({ w0: 0.01 }, null)),
    said: /PROBE_IMPOSSIBLE: empty tasks took null s with runner local/,
  },
  {
    name: 'more pages in the cache than the files have',
    events: () => withMore(entry('driver', 110, { type: 'environment', facts: { pageCacheResidentRatio: 1.5 } })),
    said: /VALUE_IMPOSSIBLE: pageCacheResidentRatio is 1\.5, 0 to 1 is possible/,
  },
  {
    name: 'bytes far beyond the data, as the meters count them',
    events: () => metered({ bytesRead: 4e6 }),
    said: /BYTES_TOO_MANY: 12000000 bytes read by meters, at most 10000000 are possible/,
  },
  {
    name: 'bytes far beyond the data, as the framework counts them',
    events: () => altered('answer', () => ({ bytesRead: 1e9 })),
    said: /BYTES_TOO_MANY: 1000000000 bytes read by the framework, at most 10000000/,
  },
  {
    name: 'a task whose thread used more CPU than it ran',
    events: () =>
      altered('task', ({ meter, start }) => ({
        meter: meter && (start === 101 ? { ...meter, cpuSeconds: 4.1 } : meter),
      })),
    said: /METER_IMPOSSIBLE: cpuSeconds is 4\.1, at most 4\.050 is possible in task k\d+ of 4\.000 s/,
  },
  {
    name: 'more CPU in reads than the reads took',
    events: () => metered({ readSeconds: 0.1, readCpuSeconds: 0.2 }),
    said: /METER_IMPOSSIBLE: readCpuSeconds is 0\.2, at most 0\.160 is possible/,
  },
  {
    name: 'more CPU in reads and compilation than in the task',
    events: () =>
      metered({ cpuSeconds: 1, readSeconds: 2, readCpuSeconds: 1, compileSeconds: 2, compileCpuSeconds: 1 }),
    said: /METER_IMPOSSIBLE: readCpuSeconds, compileCpuSeconds, openCpuSeconds, handoverCpuSeconds are 2, of 1 cpuSeconds/,
  },
  {
    name: 'more CPU in opening than the opening took',
    events: () => metered({ openSeconds: 0.1, openCpuSeconds: 0.2 }),
    said: /METER_IMPOSSIBLE: openCpuSeconds is 0\.2, at most 0\.160 is possible/,
  },
  {
    name: 'opening and handing over that took more CPU than the task',
    events: () => metered({ cpuSeconds: 1, openSeconds: 2, openCpuSeconds: 0.7, handoverCpuSeconds: 0.7 }),
    said: /METER_IMPOSSIBLE: .* are 1\.4, of 1 cpuSeconds/,
  },
  {
    name: 'bytes that no memory delivers, as the framework counts them',
    events: () => altered('answer', () => ({ bytesRead: 1e15 })),
    said: /RATE_IMPOSSIBLE: read_bytes_framework: 1\.00e\+14 bytes per second on 2 threads/,
  },
  {
    name: 'bytes that no memory delivers, as the kernel counts them',
    events: () => metered({ rcharBytes: 1e15 }),
    said: /RATE_IMPOSSIBLE: rchar_bytes: 3\.00e\+14 bytes per second/,
  },
  {
    name: 'negative CPU of a task',
    events: () => metered({ cpuSeconds: -5 }),
    said: /METER_IMPOSSIBLE: cpuSeconds is -5 in task k\d+/,
  },
  {
    name: 'a meter that ran longer than its task',
    events: () => metered({ wallSeconds: 40 }),
    said: /METER_IMPOSSIBLE: wallSeconds is 40, at most 5\.400 is possible in task k\d+ of 4\.000 s/,
  },
  {
    name: 'reading for longer than the task lasted',
    events: () => metered({ readSeconds: 1e6 }),
    said: /METER_IMPOSSIBLE: readSeconds is 1000000, at most/,
  },
  {
    name: 'CPU of a process beyond the cores of the host',
    events: () => metered({ processCpuSeconds: 20 }),
    said: /METER_IMPOSSIBLE: processCpuSeconds is 20, at most 9\.800/,
  },
  {
    name: 'more CPU-seconds than the cores of the host can give',
    events: () => withCpu(20.05),
    said: /^CPU_IMPOSSIBLE: 20\.05 CPU-seconds in 20\.00 core-seconds on the cores of the host$/,
  },
  {
    name: 'tasks whose threads claim more CPU than the tasks took',
    events: () => withTaskCpu(10.06),
    said: /^CPU_IMPOSSIBLE: 10\.06 CPU-seconds in 10\.00 core-seconds of event-processing tasks$/,
  },
];

testDamages(VALUES, DAMAGES);

test('CPU may exceed what there was by a clock tick for each process and each task', () => {
  expect(judged(withCpu(20.01))).toMatchObject({ state: 'valid', reasons: [] });
  expect(judged(withTaskCpu(10.02))).toMatchObject({ state: 'valid', reasons: [] });
});
