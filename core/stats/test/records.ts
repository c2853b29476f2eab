// Small records for tests: everything known and unremarkable unless the test says otherwise.
import { type Point, pointOf } from '../../model/axes.ts';
import type { Experiment, TrialRecord } from '../../model/record.ts';

export type Overrides = Partial<Omit<TrialRecord, 'point' | 'windows' | 'counts' | 'budget'>> & {
  readonly point?: Partial<Point>;
  readonly windows?: Partial<TrialRecord['windows']>;
  readonly counts?: Partial<TrialRecord['counts']>;
  readonly budget?: Partial<TrialRecord['budget']>;
  /** Shorthand for `windows.turnaroundSeconds`. */
  readonly T?: number;
};

const aPoint = pointOf({
  suite: 'adl',
  backend: 'coffea',
  runner: 'local',
  workers: 1,
  threadsPerWorker: 1,
  startMethod: 'spawn',
  files: 4,
  fileBytes: 1e8,
  parameters: { queries: 'all' },
  tasks: 16,
});

let made = 0;

export function aRecord({ T, point, windows, counts, budget, ...rest }: Overrides = {}): TrialRecord {
  made += 1;
  const fullPoint = { ...aPoint, ...point };
  const session = rest.session ?? 1;
  return {
    schemaVersion: 1,
    trial: `trial-${made}`,
    experiment: 'test',
    block: `${fullPoint.runner}-${fullPoint.workers}-${session}`,
    session,
    repeat: 1,
    warmth: { process: 'reused', compiled: 'warm', pageCache: 'warm', storage: 'local' },
    datasetId: 'd',
    state: 'valid',
    reasons: [],
    taints: [],
    flags: [],
    observed: {
      workers: 1,
      workersUsed: 1,
      threads: 1,
      hostCores: 8,
      meanConcurrency: 1,
      concurrencyIntegralSeconds: 10,
    },
    metrics: {},
    tasks: [],
    series: [],
    histograms: [],
    ...rest,
    point: fullPoint,
    windows: {
      timeToResultSeconds: { missing: 'not the first trial of a session' },
      turnaroundSeconds: T ?? 10,
      executionSeconds: T ?? 9,
      ...windows,
    },
    counts: { eventsPlanned: 1e6, eventsRead: 1e6, tasksPlanned: 16, tasksSeen: 16, tasksErred: 0, ...counts },
    budget: {
      coreSeconds: 10,
      taskCpu: 6,
      coreWait: 1,
      readWait: 0.5,
      otherWait: 0.5,
      compilation: 0,
      preparation: 0,
      scheduling: 0.75,
      merging: 0.5,
      idleTail: 0.5,
      unexplained: 0.25,
      ...budget,
    },
  };
}

export function anExperiment(records: readonly TrialRecord[]): Experiment {
  return {
    schemaVersion: 1,
    id: 'test',
    startedAt: '2026-01-01T00:00:00Z',
    finishedAt: '2026-01-01T01:00:00Z',
    command: 'bench run adl',
    seed: 7,
    sessions: 3,
    repeats: 2,
    plannedTrials: records.length,
    environment: {},
    records: [...records],
  };
}
