import type { Meter } from '../../model/event.ts';
import { largest, smallest } from '../../model/extremes.ts';
import { derive, isKnown, type Quantity } from '../../model/quantity.ts';
import { isOnThisMachine } from '../fold-facts.ts';
import { readingsOf } from '../fold-samples.ts';
import { clockError, lostWorker, type Looked, marks, MOST_BYTES_PER_SECOND, type Rule } from './rule.ts';

/** More than any counter of one process reaches: 9 exabytes, or 290 billion years. */
const LARGEST_VALUE = 2 ** 63;
/** A meter and Dask begin and end a task at slightly other moments; a host that is full of workers may pause in between. */
const METER_SHARE = 0.1;
const METER_SECONDS = 1;

const CLOCK_TICK_SECONDS = 0.01;
/** The clocks of CPU and of wall time are read one after the other in the thread of a task: nothing but their rates can differ. */
const CLOCK_SHARE = 0.01;
/** A hook reads its two clocks apart by a microsecond, and is called some ten thousand times. */
const NESTED_SECONDS = 0.05;

/** Each loop reads a byte once, and once more where a buffer holds the neighbour of what was asked for. */
const READ_TIMES = 2;
/** Every task reads the description of its file anew: 0.3 MB of 230 branches. */
const TASK_READ_BYTES = 2e6;

/** Readings of memory that a process cannot hold, and a host cannot have, more of than there is; limits may be higher. */
const MEMORY = /^(rss|pss|cgroup_memory|host_memory)_(?!limit_)(.+_)?bytes$/;

function hostMemory({ log }: Looked): number {
  const bytes = log.first('environment')?.facts['memoryBytes'];
  return isOnThisMachine(log.first('session')) && typeof bytes === 'number' ? bytes : LARGEST_VALUE;
}

/** What a meter read beyond what its task can hold. */
function beyondTask(meter: Meter, taskSeconds: number, threads: number, cores: number): string | undefined {
  const negative = Object.entries(meter).find(([, value]) => (value ?? 0) < 0);
  if (negative) return `${negative[0]} is ${negative[1]}`;
  const loose = (value: number) => value * (1 + METER_SHARE) + METER_SECONDS;
  // Of several threads the meter adds up what their clocks say, and the thread of the meter is one more.
  const exact = (value: number) => (threads > 1 ? loose(value) : value * (1 + CLOCK_SHARE) + CLOCK_TICK_SECONDS);
  const nested = (value: number) => (threads > 1 ? loose(value) : value * (1 + METER_SHARE) + NESTED_SECONDS);
  const wall = meter.wallSeconds;
  const limits: readonly [keyof Meter, number][] = [
    ['wallSeconds', loose(taskSeconds)],
    ['cpuSeconds', exact(wall * threads)],
    ['processCpuSeconds', loose(wall * cores)],
    ['runQueueSeconds', loose(wall * threads)],
    ['readSeconds', exact(wall * threads)],
    ['readCpuSeconds', nested(meter.readSeconds ?? 0)],
    ['compileSeconds', exact(wall * threads)],
    ['compileCpuSeconds', nested(meter.compileSeconds ?? 0)],
    ['openSeconds', exact(wall * threads)],
    ['openCpuSeconds', nested(meter.openSeconds ?? 0)],
  ];
  for (const [field, most] of limits) {
    const value = meter[field] ?? 0;
    if (value > most) return `${field} is ${value}, at most ${most.toFixed(3)} is possible`;
  }
  const inside = ['readCpuSeconds', 'compileCpuSeconds', 'openCpuSeconds', 'handoverCpuSeconds'] as const;
  const within = inside.reduce((sum, field) => sum + (meter[field] ?? 0), 0);
  if (within > nested(meter.cpuSeconds)) return `${inside.join(', ')} are ${within}, of ${meter.cpuSeconds} cpuSeconds`;
  return undefined;
}

/** CPU beyond what there was, with a clock tick for each of the clocks that were read. */
function cpuBeyond(cpu: Quantity | undefined, limit: Quantity, clocks: number, where: string): string[] {
  if (typeof cpu !== 'number' || !isKnown(limit) || cpu <= limit + CLOCK_TICK_SECONDS * clocks) return [];
  return [`${cpu.toFixed(2)} CPU-seconds in ${limit.toFixed(2)} core-seconds ${where}`];
}

/** Readings: each of a possible size, and counters that only rise. */
export const VALUES: readonly Rule[] = [
  {
    code: 'VALUE_IMPOSSIBLE',
    sentence:
      'no reading is negative or beyond any counter, no process holds more memory than its host, and no share is above 1',
    broken: (looked) => {
      const memory = hostMemory(looked);
      const ratio = looked.log.all('environment').find(({ source }) => source === 'driver')?.facts[
        'pageCacheResidentRatio'
      ];
      if (typeof ratio === 'number' && (ratio < 0 || ratio > 1))
        return [`pageCacheResidentRatio is ${ratio}, 0 to 1 is possible`];
      for (const series of looked.log.series) {
        for (const name of series.names) {
          const most = MEMORY.test(name) ? memory : LARGEST_VALUE;
          const values = readingsOf(series, name).map(({ value }) => value);
          const least = smallest(values);
          if (least < 0) return [`${name} of ${series.target} is ${least}, at least 0 is possible`];
          const highest = largest(values);
          if (highest > most) return [`${name} of ${series.target} is ${highest}, at most ${most} is possible`];
        }
      }
      return [];
    },
  },
  {
    code: 'METER_IMPOSSIBLE',
    sentence: 'what the meter of a task read fits into the task',
    broken: ({ log, record: { point, observed } }) => {
      const threads = point.runner === 'serial' ? point.threadsPerWorker : 1;
      const cores = isKnown(observed.hostCores) ? observed.hostCores : Infinity;
      for (const { key, start, stop, meter } of log.all('task')) {
        const why = meter ? beyondTask(meter, stop - start, threads, cores) : undefined;
        if (why !== undefined) return [`${why} in task ${key} of ${(stop - start).toFixed(3)} s`];
      }
      return [];
    },
  },
  {
    // The threads of the tasks are held to the tasks' own duration, the processes, whose event loop and agent run beside them,
    // to the cores of their host.
    code: 'CPU_IMPOSSIBLE',
    sentence: 'tasks use no more CPU than they last, processes no more than the cores of the host give',
    broken: ({ record: { point, tasks, observed, windows, metrics, budget } }) => {
      const processing = tasks.filter(({ kind }) => kind === 'process');
      const threads = point.runner === 'serial' ? point.threadsPerWorker : 1;
      const busy = processing.reduce((sum, { start, stop }) => sum + (stop - start) * threads, 0);
      const host = derive([observed.hostCores, windows.turnaroundSeconds], (cores = 0, T = 0) => cores * T);
      return [
        ...cpuBeyond(budget.taskCpu, busy, processing.length, 'of event-processing tasks'),
        ...cpuBeyond(metrics['cpu_seconds'], host, observed.workers, 'on the cores of the host'),
      ];
    },
  },
  {
    code: 'RATE_IMPOSSIBLE',
    sentence: 'no thread reads faster than memory is',
    broken: ({ record: { metrics, observed, windows } }) => {
      const T = windows.turnaroundSeconds;
      if (!isKnown(T)) return [];
      const most = MOST_BYTES_PER_SECOND * observed.threads;
      for (const name of ['read_bytes_framework', 'rchar_bytes', 'block_read_bytes', 'network_bytes']) {
        const bytes = metrics[name];
        const rate = typeof bytes === 'number' ? bytes / T : 0;
        if (rate > most)
          return [
            `${name}: ${rate.toPrecision(3)} bytes per second on ${observed.threads} threads, at most ${most.toPrecision(3)} are possible`,
          ];
      }
      return [];
    },
  },
  {
    code: 'BYTES_TOO_MANY',
    sentence: `event-processing tasks read no more than ${READ_TIMES} times the data for each event loop, and ${TASK_READ_BYTES / 1e6} MB each beyond that`,
    broken: ({ log, record: { point } }) => {
      const [planned] = log.all('planned');
      if (!planned?.dataset || point.tasks === 0) return [];
      const processing = log.all('task').filter(({ kind }) => kind === 'process');
      const loops = planned.tasks / point.tasks;
      const tasks = Math.max(processing.length, planned.tasks);
      const most = READ_TIMES * loops * planned.dataset.bytes + TASK_READ_BYTES * tasks;
      const metered = processing.reduce((sum, { meter }) => sum + (meter?.bytesRead ?? 0), 0);
      const told = log.first('answer')?.bytesRead ?? 0;
      return [
        ...(metered > most ? [`${metered} bytes read by meters, at most ${most} are possible`] : []),
        ...(told > most ? [`${told} bytes read by the framework, at most ${most} are possible`] : []),
      ];
    },
  },
  {
    code: 'PROBE_IMPOSSIBLE',
    sentence:
      'there is one probe, on all workers of the trial, whose kernel and empty tasks took time, and no more than passed since the result',
    broken: ({ log, record }) => {
      const known = new Set(['serial', ...log.all('worker').map(({ name }) => name)]);
      const probes = log.all('probe');
      if (probes.length > 1) return [`there are ${probes.length} probes`];
      for (const { t, kernelCpuSeconds, floorSeconds } of probes) {
        if ((floorSeconds === null) !== (record.point.runner === 'serial'))
          return [`empty tasks took ${floorSeconds} s with runner ${record.point.runner}`];
        const since = t - (marks(log, 'result')[0]?.t ?? -Infinity) + clockError(log);
        const longest = Math.max(floorSeconds ?? 0, ...Object.values(kernelCpuSeconds));
        if (longest > since)
          return [`the probe measured ${longest.toFixed(3)} s in the ${since.toFixed(3)} s after the result`];
        const stranger = Object.keys(kernelCpuSeconds).find((name) => !known.has(name));
        if (stranger !== undefined)
          return [`the kernel of the probe ran on ${stranger}, which is no worker of the trial`];
        const there = lostWorker(log) ? [] : log.all('worker').filter(({ action }) => action === 'present');
        const without = there.find(({ name }) => kernelCpuSeconds[name] === undefined);
        if (without) return [`the kernel of the probe did not run on ${without.name}`];
        if (Object.values(kernelCpuSeconds).includes(0)) return ['the kernel of the probe took no CPU'];
        if (floorSeconds === 0) return ['the empty tasks of the probe took no time'];
      }
      return [];
    },
  },
];
