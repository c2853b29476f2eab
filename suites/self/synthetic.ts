import { type Point, pointOf } from '../../core/model/axes.ts';
import { type Event, type EventDraft, JOURNAL_VERSION, type Meter } from '../../core/model/event.ts';
import type { Experiment, TrialRecord } from '../../core/model/record.ts';

/** Size of a journal that was never measured. */
export interface JournalSize {
  readonly workers: number;
  /** Samples of each worker, one a second. */
  readonly seconds: number;
  readonly tasks: number;
}

const TRIGGER = 1_700_000_000;
const EVENTS_PER_TASK = 10_000;
const BINS = 100;

const METER: Meter = {
  wallSeconds: 1.234567,
  cpuSeconds: 1.198765,
  processCpuSeconds: 1.204321,
  runQueueSeconds: 0.012345,
  readSeconds: 0.123456,
  readCpuSeconds: 0.101234,
  compileSeconds: 0,
  compileCpuSeconds: 0,
  openSeconds: 0.034567,
  openCpuSeconds: 0.034512,
  handoverCpuSeconds: 0.012345,
  bytesRead: 12_345_678,
  readCalls: 234,
  rcharBytes: 12_400_000,
  blockReadBytes: 0,
};

/** The events of a whole and valid trial in the order in which they would be written; the same size gives the same events. */
export function syntheticJournal(size: JournalSize): Event[] {
  return [...syntheticEvents(size)];
}

/** The same one by one, of which there may be more than fit into memory. */
export function* syntheticEvents(size: JournalSize): Generator<Event> {
  const { workers, seconds, tasks } = size;
  const counts = new Map<string, number>();
  const event = (source: string, t: number, draft: EventDraft): Event => {
    const seq = (counts.get(source) ?? 0) + 1;
    counts.set(source, seq);
    return { v: JOURNAL_VERSION, trial: 'b001-t01', source, seq, t, ...draft };
  };
  yield event('engine', TRIGGER - 3, plannedOf(size));
  const times = { askedAt: TRIGGER - 10, schedulerAt: TRIGGER - 9, readyAt: TRIGGER - 5 };
  yield event('runner', TRIGGER - 3, {
    type: 'session',
    ...times,
    workersAsked: workers,
    memoryLimitBytes: null,
    trialsBefore: 1,
  });
  for (let worker = 0; worker < workers; worker++) yield event('driver', TRIGGER - 1, presentOf(worker));
  yield event('driver', TRIGGER, { type: 'mark', name: 'trigger' });
  for (let second = 0; second <= seconds; second++) {
    for (let worker = 0; worker < workers; worker++) {
      yield event(`agent/w${worker}`, TRIGGER + second + worker / workers, sampleOf(worker, second));
    }
  }
  yield event('driver', TRIGGER + seconds, { type: 'mark', name: 'result' });
  for (let task = 0; task < tasks; task++) yield event('driver', TRIGGER + seconds, taskOf(task, size));
  yield event('driver', TRIGGER + seconds, answerOf(tasks));
  const done = (source: string) => ({ ...Object.fromEntries(counts), [source]: (counts.get(source) ?? 0) + 1 });
  yield event('driver', TRIGGER + seconds + 1, { type: 'done', counts: done('driver') });
  yield event('engine', TRIGGER + seconds + 1, { type: 'done', counts: done('engine') });
}

function pointFor({ workers, tasks }: JournalSize): Point {
  return pointOf({
    suite: 'adl',
    backend: 'coffea',
    runner: 'local',
    workers,
    threadsPerWorker: 1,
    startMethod: 'spawn',
    files: 16,
    fileBytes: 64e6,
    parameters: { queries: '1,2,3,4,5,6,7,8', loops: 'one' },
    tasks,
  });
}

function plannedOf(size: JournalSize): EventDraft {
  const events = size.tasks * EVENTS_PER_TASK;
  return {
    type: 'planned',
    experiment: 'synthetic',
    block: 'b001',
    session: 1,
    repeat: 1,
    point: pointFor(size),
    warmth: { process: 'reused', compiled: 'warm', pageCache: 'warm', storage: 'local' },
    oversubscribed: false,
    dataset: { id: 'd', contentHash: 'h', bytes: 16 * 64e6, events, columnBytes: { MET_pt: 1e7, Jet_pt: 9e7 } },
    events,
    tasks: size.tasks,
  };
}

function presentOf(worker: number): EventDraft {
  return {
    type: 'worker',
    action: 'present',
    worker: `tcp://127.0.0.1:${40_000 + worker}`,
    name: `w${worker}`,
    pid: null,
    host: '127.0.0.1',
    threads: 1,
    expected: null,
    lostTasks: null,
  };
}

function sampleOf(worker: number, second: number): EventDraft {
  return {
    type: 'sample',
    collector: 'agent',
    target: `w${worker}`,
    values: {
      cpu_user_seconds_total: 12.34 + second * 0.93,
      cpu_system_seconds_total: 1.23 + second * 0.04,
      cpu_seconds_total: 13.57 + second * 0.97,
      threads: 14,
      run_queue_seconds_total: 0.123456789 + second * 0.011,
      rss_bytes: 432_123_904 + second * 4096,
      rchar_bytes_total: 234_567_890 + second * 9_876_543,
      wchar_bytes_total: 345_678,
      block_read_bytes_total: 0,
      block_write_bytes_total: 8192,
      network_receive_bytes_total: 123_456,
      network_transmit_bytes_total: 123_456,
      loopback_receive_bytes_total: 12_345_678 + second * 23_456,
      uproot_read_bytes_total: 200_000_000 + second * 9_876_543,
      framework_read_bytes_total: 200_000_000 + second * 9_876_543,
      framework_read_calls_total: 4567 + second * 234,
      cgroup_cpu_seconds_total: 345.678901 + second * 1.9,
      cgroup_memory_bytes: 4_321_239_040,
      cgroup_memory_working_set_bytes: 2_345_678_901,
      agent_cpu_seconds_total: 0.0123 + second * 0.0021,
    },
  };
}

/** Tasks go round the workers, one after the other on each, and end with the samples. */
function taskOf(task: number, { workers, seconds, tasks }: JournalSize): EventDraft {
  const rounds = Math.ceil(tasks / workers);
  const start = TRIGGER + (Math.floor(task / workers) * seconds) / rounds;
  return {
    type: 'task',
    key: `AdlProcessor-0123456789abcdef0123456789abcdef-${task}`,
    kind: 'process',
    worker: `w${task % workers}`,
    status: 'ok',
    start,
    stop: start + (seconds / rounds) * (0.8 + (task % 16) / 100),
    transfers: [],
    meter: METER,
  };
}

function answerOf(tasks: number): EventDraft {
  const values = Array.from({ length: BINS + 2 }, (_, bin) => bin * bin);
  const histograms = Array.from({ length: 9 }, (_, index) => ({
    name: `q${index}`,
    title: 'synthetic',
    bins: BINS,
    lo: 0,
    hi: 200,
    values,
    sumw2: values,
  }));
  return { type: 'answer', events: tasks * EVENTS_PER_TASK, histograms, bytesRead: 123_456_789 };
}

/** An experiment of 8 worker counts in 5 sessions with as many trials of each as make `trials`, all like one record. */
export function syntheticExperiment(record: TrialRecord, trials: number): Experiment {
  const repeats = trials / 40;
  const records = Array.from({ length: trials }, (_, index) => {
    const setup = Math.floor(index / repeats);
    const T = 60 / 2 ** (setup % 8) + (index % 7) / 10;
    return {
      ...record,
      trial: `t${index}`,
      block: `b${setup}`,
      session: Math.floor(setup / 8) + 1,
      repeat: index % repeats,
      point: { ...record.point, workers: 2 ** (setup % 8) },
      windows: { ...record.windows, turnaroundSeconds: T },
    };
  });
  return {
    schemaVersion: record.schemaVersion,
    id: 'synthetic',
    startedAt: '2025-01-01T00:00:00Z',
    finishedAt: null,
    command: 'bench',
    seed: 1,
    sessions: 5,
    repeats: repeats - 1,
    plannedTrials: trials,
    environment: {},
    records,
  };
}
