// A synthetic experiment that looks like a real one: run `npm run golden:update` after a change. All numbers follow from
// one small cost model, so that budget, metrics, tasks and series of a trial agree with one another.
import { type Point, pointOf } from '../../core/model/axes.ts';
import type { Histogram } from '../../core/model/event.ts';
import type { Quantity } from '../../core/model/quantity.ts';
import type { Budget, Experiment, Reason, TrialRecord } from '../../core/model/record.ts';
import { mixSeed, seededRandom } from '../../core/stats/random.ts';

const CORES = 8;
const SESSIONS = 3;
const WARM_REPEATS = 2;
const EVENT_BYTES = 210;

/** CPU-seconds per million events, start-up of a task, compilation per worker, start of T, merge per task. */
const COSTS = {
  rdataframe: { cpu: 11.5, task: 0.045, compile: 4.1, start: 0.35, merge: 0.012, rss: 690e6, read: 0.06 },
  coffea: { cpu: 19.5, task: 0.03, compile: 0.9, start: 0.22, merge: 0.02, rss: 430e6, read: 0.09 },
} as const;
type Backend = keyof typeof COSTS;

type TaskRow = TrialRecord['tasks'][number];

interface Trial {
  readonly point: Point;
  readonly backend: Backend;
  readonly session: number;
  readonly repeat: number;
  readonly random: () => number;
  /** What placement does to all trials of a session. */
  readonly luck: number;
}

function round(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}

function eventsOf(point: Point): number {
  return Math.round((point.files * point.fileBytes) / EVENT_BYTES);
}

interface Schedule {
  readonly tasks: readonly TaskRow[];
  readonly execution: { readonly start: number; readonly stop: number };
  readonly turnaround: number;
  /** Mean cost of a task: CPU, waits and compilation, in core-seconds over all tasks. */
  readonly spent: { cpu: number; coreWait: number; readWait: number; otherWait: number; compile: number; merge: number };
  readonly gaps: number;
}

function schedule({ point, backend, repeat, random, luck }: Trial): Schedule {
  const costs = COSTS[backend];
  const serial = point.runner === 'serial';
  const perTask = (eventsOf(point) / point.tasks / 1e6) * costs.cpu * luck * (0.985 + 0.03 * random());
  const crowded = 1 + 0.02 * Math.max(0, Math.min(point.workers, CORES) - 1) + 0.11 * Math.max(0, Math.log2(point.workers / 4));
  const share = Math.max(1, point.workers / CORES);
  const spent = { cpu: 0, coreWait: 0, readWait: 0, otherWait: 0, compile: 0, merge: 0 };
  const free = Array.from({ length: point.workers }, (_, i) => costs.start * (serial ? 0.3 : 1) + 0.004 * i);
  const seen = new Set<number>();
  const tasks: TaskRow[] = [];
  let gaps = 0;
  for (let i = 0; i < point.tasks; i += 1) {
    const worker = free.indexOf(Math.min(...free));
    const gap = serial ? 0.001 : 0.006 + 0.0012 * point.workers + 0.01 * random();
    const cpu = perTask * (serial ? 1 : crowded) * (0.94 + 0.12 * random()) + costs.task * (serial ? 0.6 : 1);
    const compile = repeat === 0 && !seen.has(worker) ? costs.compile * (0.95 + 0.1 * random()) : 0;
    const readWait = perTask * costs.read * (repeat === 0 ? 4 : 1) * (0.8 + 0.4 * random());
    const coreWait = (cpu + compile) * (share - 1) + cpu * 0.01 * random();
    const otherWait = perTask * 0.02 * random();
    seen.add(worker);
    const start = (free[worker] ?? 0) + gap;
    const stop = start + cpu + compile + readWait + coreWait + otherWait;
    tasks.push({ key: `process-${i}`, kind: 'process', worker: `worker-${worker}`, status: 'ok', start: round(start, 5), stop: round(stop, 5) });
    free[worker] = stop;
    gaps += gap;
    spent.cpu += cpu;
    spent.coreWait += coreWait;
    spent.readWait += readWait;
    spent.otherWait += otherWait;
    spent.compile += compile;
  }
  const stop = Math.max(...free);
  const first = Math.min(...tasks.map((task) => task.start));
  const mergeSeconds = serial ? 0.01 : costs.merge * point.tasks * (0.9 + 0.2 * random());
  if (!serial) {
    tasks.push({ key: 'merge-0', kind: 'merge', worker: 'worker-0', status: 'ok', start: round(stop + 0.02, 5), stop: round(stop + 0.02 + mergeSeconds, 5) });
  }
  spent.merge = mergeSeconds;
  return { tasks, execution: { start: first, stop }, turnaround: stop + 0.03 + mergeSeconds, spent, gaps };
}

function budgetOf({ point }: Trial, plan: Schedule): Budget {
  const { spent, execution, turnaround } = plan;
  const coreSeconds = point.workers * turnaround;
  const lastStops = new Map<string, number>();
  for (const task of plan.tasks) if (task.kind === 'process') lastStops.set(task.worker, task.stop);
  let idleTail = 0;
  for (const stop of lastStops.values()) idleTail += execution.stop - stop;
  idleTail += (point.workers - lastStops.size) * (execution.stop - execution.start);
  const merging = point.workers * (turnaround - execution.stop);
  const scheduling = point.workers * execution.start + plan.gaps;
  const known = spent.cpu + spent.coreWait + spent.readWait + spent.otherWait + spent.compile + scheduling + merging + idleTail;
  return {
    coreSeconds: round(coreSeconds, 8),
    taskCpu: round(spent.cpu, 8),
    coreWait: round(spent.coreWait, 8),
    readWait: round(spent.readWait, 8),
    otherWait: round(spent.otherWait, 8),
    compilation: round(spent.compile, 8),
    preparation: 0,
    scheduling: round(scheduling, 8),
    merging: round(merging, 8),
    idleTail: round(idleTail, 8),
    unexplained: round(coreSeconds - known, 8),
  };
}

function metricsOf({ point, backend, repeat, random }: Trial, plan: Schedule, events: number): TrialRecord['metrics'] {
  const costs = COSTS[backend];
  const T = plan.turnaround;
  const window = plan.execution.stop - plan.execution.start;
  const bytes = events * EVENT_BYTES * 0.62;
  const seconds = plan.tasks.filter(({ kind }) => kind === 'process').map(({ start, stop }) => stop - start);
  const mean = seconds.reduce((sum, value) => sum + value, 0) / seconds.length;
  const rss = costs.rss * (0.97 + 0.06 * random()) + (repeat === 0 ? 40e6 : 0);
  const cpu = plan.spent.cpu + plan.spent.compile;
  const values: { [name: string]: Quantity } = {
    event_rate: events / T,
    event_rate_per_worker: events / T / point.workers,
    event_rate_per_core: events / T / point.workers,
    cpu_occupancy_ratio: cpu / (window * point.workers),
    cpu_seconds: cpu * 1.03,
    cpu_seconds_per_mevent: (cpu / events) * 1e6,
    read_bytes_framework: bytes,
    read_rate: bytes / window,
    bytes_per_event: EVENT_BYTES * 0.62,
    read_amplification_ratio: 1.08,
    rss_peak_bytes: rss,
    rss_mean_bytes: rss * 0.86,
    pss_peak_bytes: backend === 'coffea' ? { missing: 'smaps_rollup could not be read' } : rss * 0.72,
    task_seconds_mean: mean,
    task_seconds_min: Math.min(...seconds),
    task_seconds_max: Math.max(...seconds),
    imbalance_ratio: Math.max(...seconds) / mean,
    watching_cpu_ratio: 0.0031,
    sampling_gap_max_seconds: 1.2 + random(),
    host_foreign_cores: 0.03,
    host_steal_cores: 0,
    host_cpu_pressure_ratio: 0.2,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? round(value, 6) : value]));
}

function seriesOf({ point, backend, random }: Trial, plan: Schedule, bytes: number): TrialRecord['series'] {
  const rows: TrialRecord['series'] = [];
  const rss = COSTS[backend].rss;
  for (let worker = 0; worker < point.workers; worker += 1) {
    const name = `worker-${worker}`;
    for (let t = 1; t < plan.turnaround + 1; t += 1) {
      const busy = plan.tasks
        .filter((task) => task.worker === name && task.kind === 'process')
        .reduce((sum, task) => sum + Math.max(0, Math.min(t, task.stop) - Math.max(t - 1, task.start)), 0);
      rows.push({
        t: round(t + 0.03 * worker, 4),
        target: name,
        cpuCores: round(busy * (0.88 + 0.1 * random()) * Math.min(1, CORES / point.workers), 3),
        readBytesPerSecond: round((busy * bytes) / Math.max(1, plan.spent.cpu) * (0.8 + 0.4 * random()), 3),
        rssBytes: round(rss * (0.7 + 0.3 * Math.min(1, t / plan.turnaround)), 4),
      });
    }
  }
  return rows;
}

/** Samples of host and scheduler, one a second; this machine has no pressure of memory. */
function curvesOf({ point, random }: Trial, plan: Schedule): NonNullable<TrialRecord['curves']> {
  const t = Array.from({ length: Math.ceil(plan.turnaround) + 1 }, (_, second) => second);
  const running = t.map((at) => plan.tasks.filter(({ start, stop }) => start <= at && at < stop).length);
  const taken = { target: 'node-7', samples: t.length + 1, t };
  const host = {
    host_foreign_cores: t.map((at) => round(at === 3 ? 1.4 : 0.03 + 0.02 * random(), 3)),
    host_steal_cores: t.map(() => 0),
    host_cpu_pressure_ratio: running.map((count) => round(Math.min(0.9, (0.1 * count) / CORES + 0.02 * random()), 3)),
    host_io_pressure_ratio: t.map(() => round(0.01 * random(), 3)),
    host_memory_pressure_ratio: t.map(() => null),
    host_runnable_threads: running.map((count) => count + 1),
    host_load1: running.map((count, at) => round(0.4 + (count * Math.min(60, at)) / 60, 3)),
  };
  const states = { processing: running, queued: t.map((at) => plan.tasks.filter(({ start }) => start > at).length), memory: t.map((at) => plan.tasks.filter(({ stop }) => stop <= at).length) };
  const idle = ['waiting', 'released', 'no_worker', 'erred'].map((state) => [state, t.map(() => 0)] as const);
  const scheduler = Object.fromEntries([...Object.entries(states), ...idle].map(([state, counts]) => [`dask_scheduler_tasks_${state}`, counts]));
  return [
    { collector: 'host', ...taken, values: host },
    ...(point.runner === 'serial' ? [] : [{ collector: 'scheduler', ...taken, target: 'scheduler', values: scheduler }]),
  ];
}

function histogram(name: string, title: string, hi: number, events: number, peak: number): Histogram {
  const bins = 30;
  const values: number[] = [0];
  for (let i = 0; i < bins; i += 1) {
    const x = ((i + 0.5) / bins) * hi;
    values.push(Math.round(events * 0.04 * (x / peak) * Math.exp(1 - x / peak) + (events * 0.012) / (1 + ((x - 91.2) / 3) ** 2)));
  }
  values.push(Math.round(events * 0.002));
  return { name, title, bins, lo: 0, hi, values, sumw2: values };
}

function statesOf({ point, backend, session, repeat }: Trial): Pick<TrialRecord, 'state' | 'reasons' | 'taints' | 'flags'> {
  const at = (workers: number, s: number, r: number, b: Backend): boolean =>
    point.runner === 'local' && point.workers === workers && session === s && repeat === r && backend === b && point.files === 8 && point.fileBytes === 20e6;
  const flags: Reason[] = [];
  if (point.workers > CORES) flags.push({ code: 'oversubscribed', message: `${point.workers} workers on ${CORES} cores` });
  if (at(4, 2, 1, 'coffea')) {
    return { state: 'invalid', flags, taints: [], reasons: [{ code: 'ANSWER_WRONG', message: 'q5_met_dimuon: bin 19 holds 18230, the reference 18234' }] };
  }
  if (at(2, 3, 2, 'coffea')) {
    return { state: 'incomplete', flags, taints: [], reasons: [{ code: 'missing-events', message: 'agent/worker-1 wrote 212 events, 209 arrived' }] };
  }
  if (at(8, 1, 2, 'rdataframe')) {
    return { state: 'valid', reasons: [], flags, taints: [{ code: 'worker-lost', message: 'worker-5 left unexpectedly after 2.1 s; 1 task ran again' }] };
  }
  if (at(16, 3, 1, 'coffea')) {
    return { state: 'failed', flags, taints: [], reasons: [{ code: 'workload-failed', message: 'MemoryError in process-7 on worker-11' }] };
  }
  return { state: 'valid', reasons: [], taints: [], flags };
}

function recordOf(trial: Trial, id: string): TrialRecord {
  const { point, session, repeat, random } = trial;
  const plan = schedule(trial);
  const events = eventsOf(point);
  const serial = point.runner === 'serial';
  const states = statesOf(trial);
  const failed = states.state === 'failed';
  const lost: Quantity = { missing: 'the workload failed' };
  const window = plan.execution.stop - plan.execution.start;
  const concurrency = plan.tasks.filter(({ kind }) => kind === 'process').reduce((sum, task) => sum + task.stop - task.start, 0);
  const block = `${point.backend}-${point.runner}-${point.workers}-${point.files}x${point.fileBytes}-s${session}`;
  return {
    schemaVersion: 1,
    trial: `${block}-r${repeat}`,
    experiment: id,
    block,
    session,
    repeat,
    point,
    warmth: {
      process: repeat === 0 ? 'fresh' : 'reused',
      compiled: repeat === 0 ? 'cold' : 'warm',
      pageCache: 'warm',
      storage: 'local',
    },
    datasetId: `adl-${point.files}x${point.fileBytes}`,
    ...states,
    observed: {
      hostCores: 8,
      workers: point.workers,
      workersUsed: Math.min(point.workers, point.tasks),
      threads: point.workers,
      meanConcurrency: round(concurrency / window),
      concurrencyIntegralSeconds: round(concurrency, 6),
    },
    windows: {
      timeToResultSeconds: repeat === 0 ? (serial ? { missing: 'no cluster is asked for' } : round(plan.turnaround + 2.6 + 0.12 * point.workers + random())) : { missing: 'not the first trial of a session' },
      turnaroundSeconds: failed ? lost : round(plan.turnaround, 6),
      executionSeconds: failed ? lost : round(window, 6),
    },
    counts: { eventsPlanned: events, eventsRead: failed ? lost : events, tasksPlanned: point.tasks, tasksSeen: point.tasks, tasksErred: failed ? 1 : 0 },
    metrics: failed ? {} : metricsOf(trial, plan, events),
    budget: budgetOf(trial, plan),
    tasks: [...plan.tasks],
    series: session !== 1 ? [] : seriesOf(trial, plan, events * EVENT_BYTES * 0.62),
    ...(session === 1 && { curves: curvesOf(trial, plan) }),
    histograms: failed ? [] : [histogram('q1_met', 'Missing transverse energy', 200, events, 24), histogram('q5_met_dimuon', 'MET, dimuon events', 200, events / 90, 31)],
  };
}

function points(backend: Backend) {
  const base = { suite: 'adl', backend, threadsPerWorker: 1, parameters: { loops: 'one', queries: 'all' }, fileBytes: 20e6, files: 8, tasks: 32 } as const;
  const local = { ...base, runner: 'local', startMethod: 'spawn' } as const;
  return [
    { ...base, runner: 'serial' as const, startMethod: 'none' as const, workers: 1, tasks: 8 },
    ...[1, 2, 4, 8, 16].map((workers) => ({ ...local, workers })),
    ...[2, 16].map((files) => ({ ...local, workers: 4, files, tasks: files * 4 })),
    ...[[4, 40e6] as const, [32, 5e6] as const].map(([files, fileBytes]) => ({ ...local, workers: 4, files, fileBytes, tasks: 32 })),
  ];
}

/** The experiment of the golden test; the same on every call. */
export function makeExperiment(): Experiment {
  const id = '20260412-0915-adl-local';
  const records: TrialRecord[] = [];
  for (let session = 1; session <= SESSIONS; session += 1) {
    for (const backend of ['rdataframe', 'coffea'] as const) {
      for (const named of points(backend)) {
        const point = pointOf(named);
        for (let repeat = 0; repeat <= WARM_REPEATS; repeat += 1) {
          const random = seededRandom(mixSeed(session, JSON.stringify(named), String(repeat)));
          const luck = 0.97 + 0.06 * seededRandom(mixSeed(session, backend, String(point.workers)))();
          records.push(recordOf({ point, backend, session, repeat, random, luck }, id));
        }
      }
    }
  }
  return {
    schemaVersion: 1,
    id,
    startedAt: '2026-04-12T09:15:04Z',
    finishedAt: '2026-04-12T09:58:41Z',
    command: 'bench run adl --backends rdataframe,coffea --runner local --workers 1,2,4,8,16 --files 2,8,16 --sessions 3 --repeats 2',
    seed: 20260412,
    sessions: SESSIONS,
    repeats: WARM_REPEATS,
    plannedTrials: records.length,
    environment: {
      machine: { cpu: 'AMD EPYC 7543P', cores: CORES, threadsPerCore: 1, memoryBytes: 33_285_996_544, governor: 'performance' },
      software: { python: '3.13.5', root: '6.36.04', coffea: '2026.7.0', dask: '2026.7.1', distributed: '2026.7.1', uproot: '5.7.5', node: '24.21.0' },
      data: { schema: 'nanoaod', compression: 'zstd-5', seed: 1, storage: 'local' },
      commit: { revision: '4f1c2e9', dirty: false },
    },
    records,
  };
}
