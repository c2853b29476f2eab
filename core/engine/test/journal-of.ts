import { type Point, pointOf } from '../../model/axes.ts';
// Journals made by hand: sources number themselves, everything is unremarkable unless the test says otherwise.
import { JOURNAL_VERSION, type Event, type EventDraft, type EventOf, type Meter } from '../../model/event.ts';
import type { TrialRecord } from '../../model/record.ts';
import { fold } from '../fold.ts';

/** An event without trial and number. */
export interface Entry {
  readonly source: string;
  readonly t: number;
  readonly draft: EventDraft;
}

/** The trial starts at 100 s and gives its result at 110 s. */
const TRIGGER = 100;
const RESULT = 110;

export function entry(source: string, t: number, draft: EventDraft): Entry {
  return { source, t, draft };
}

const aPoint = pointOf({
  suite: 'adl',
  backend: 'coffea',
  runner: 'local',
  workers: 2,
  threadsPerWorker: 1,
  startMethod: 'spawn',
  files: 2,
  fileBytes: 1e6,
  parameters: { queries: '1', loops: 'one' },
  tasks: 3,
});

export type PlanOverrides = Partial<Omit<EventOf<'planned'>, 'point'>> & { readonly point?: Partial<Point> };

export function aPlan({ point, ...rest }: PlanOverrides = {}): Entry {
  return entry('engine', 97, {
    type: 'planned',
    experiment: 'e',
    block: 'b001',
    session: 1,
    repeat: 1,
    point: { ...aPoint, ...point },
    warmth: { process: 'fresh', compiled: 'cold', pageCache: 'warm', storage: 'local' },
    oversubscribed: false,
    dataset: { id: 'd', contentHash: 'h', bytes: 2e6, events: 1000, columnBytes: { MET_pt: 400, Jet_pt: 600 } },
    events: 1000,
    tasks: 3,
    ...rest,
  });
}

export function aSession(trialsBefore = 0): Entry {
  const times = { askedAt: 90, schedulerAt: 92, readyAt: 97 };
  return entry('runner', 98, { type: 'session', ...times, workersAsked: 2, memoryLimitBytes: null, trialsBefore });
}

export function worker(action: 'present' | 'joined' | 'left', name: string, t: number, address = name): Entry {
  const facts = { pid: null, host: null, threads: action === 'left' ? null : 1, expected: null, lostTasks: null };
  return entry('driver', t, { type: 'worker', action, worker: address, name, ...facts });
}

export function mark(name: EventOf<'mark'>['name'], t: number): Entry {
  return entry('driver', t, { type: 'mark', name });
}

/** A task that computed without waiting all the time. */
export function aMeter(seconds: number, overrides: Partial<Meter> = {}): Meter {
  return {
    wallSeconds: seconds,
    cpuSeconds: seconds,
    processCpuSeconds: seconds,
    runQueueSeconds: 0,
    readSeconds: 0,
    readCpuSeconds: 0,
    compileSeconds: 0,
    compileCpuSeconds: 0,
    openSeconds: 0,
    openCpuSeconds: 0,
    handoverCpuSeconds: 0,
    bytesRead: 0,
    readCalls: 0,
    rcharBytes: 0,
    blockReadBytes: 0,
    ...overrides,
  };
}

let keys = 0;

export function task(on: string, start: number, stop: number, more: Partial<EventOf<'task'>> = {}): Entry {
  keys += 1;
  const meter = aMeter(stop - start);
  return entry('driver', RESULT, {
    type: 'task',
    key: `k${keys}`,
    kind: 'process',
    worker: on,
    status: 'ok',
    start,
    stop,
    transfers: [],
    meter,
    ...more,
  });
}

export function sample(on: string, t: number, values: Readonly<globalThis.Record<string, number>>): Entry {
  return entry(`agent/${on}`, t, { type: 'sample', collector: 'agent', target: on, values: { ...values } });
}

export function probe(
  kernelCpuSeconds: Readonly<globalThis.Record<string, number>>,
  floorSeconds: number | null,
): Entry {
  return entry('driver', 112, { type: 'probe', kernelCpuSeconds, floorSeconds });
}

export function answer(events: number, more: Partial<EventOf<'answer'>> = {}): Entry {
  return entry('driver', RESULT, { type: 'answer', events, histograms: [], bytesRead: null, ...more });
}

/** Two workers, three tasks, 10 s from trigger to result: whole but for the closing `done`. */
export function aTrial(more: readonly Entry[] = [], plan: PlanOverrides = {}): Entry[] {
  return [
    aPlan(plan),
    aSession(),
    worker('present', 'w0', 99),
    worker('present', 'w1', 99),
    mark('trigger', TRIGGER),
    mark('result', RESULT),
    task('w0', 101, 105),
    task('w0', 105, 107),
    task('w1', 102, 106),
    ...more,
    answer(1000),
  ];
}

function numbered(entries: readonly Entry[]): Event[] {
  const counts = new Map<string, number>();
  return entries.map(({ source, t, draft }) => {
    const seq = (counts.get(source) ?? 0) + 1;
    counts.set(source, seq);
    return { v: JOURNAL_VERSION, trial: 't', source, seq, t, ...draft };
  });
}

/** Numbered, and closed by the driver and by the engine as a whole journal is. */
export function closed(entries: readonly Entry[]): Event[] {
  const counts = countsOf(entries);
  const driver = (counts['driver'] ?? 0) + 1;
  const own = Object.fromEntries(Object.entries(counts).filter(([source]) => /^(driver|agent)/.test(source)));
  return numbered([
    ...entries,
    entry('driver', 111, { type: 'done', counts: { ...own, driver } }),
    entry('engine', 112, { type: 'done', counts: { ...counts, driver, engine: (counts['engine'] ?? 0) + 1 } }),
  ]);
}

function countsOf(entries: readonly Entry[]): globalThis.Record<string, number> {
  const counts: globalThis.Record<string, number> = {};
  for (const { source } of entries) counts[source] = (counts[source] ?? 0) + 1;
  return counts;
}

export function textOf(events: readonly Event[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('');
}

export function recordFrom(events: readonly Event[], torn = false): TrialRecord {
  const record = fold(events, torn);
  if (!record) throw new Error('the journal has no plan');
  return record;
}

/** The record of a whole journal. */
export function recordOf(entries: readonly Entry[]): TrialRecord {
  return recordFrom(closed(entries));
}
