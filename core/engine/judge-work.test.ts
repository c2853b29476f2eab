import { expect, test } from 'vitest';
import type { Meter } from '../model/event.ts';
import { EventLog } from './event-log.ts';
import { tooLittleWork, unjudgedWork } from './judge-work.ts';
import { aMeter, aTrial, closed, type Entry, type PlanOverrides } from './test/journal-of.ts';

// Three tasks; every event needs 1,000 compressed bytes of two columns in all.
const LOOPS = [['MET_pt', 'Jet_pt']];

function trial(meter: Partial<Meter> | null, plan: PlanOverrides = {}): Entry[] {
  return aTrial([], plan).map((item) =>
    item.draft.type === 'task'
      ? { ...item, draft: { ...item.draft, meter: meter && aMeter(1, { bytesRead: 400, ...meter }) } }
      : item,
  );
}

function logOf(entries: readonly Entry[]): EventLog {
  return EventLog.of(closed(entries));
}

function without(type: string, entries: readonly Entry[]): Entry[] {
  return entries.filter(({ draft }) => draft.type !== type);
}

test('a trial that read its columns and used CPU for its events has done its work', () => {
  expect(tooLittleWork(logOf(trial({})), LOOPS)).toEqual([]);
  expect(unjudgedWork(logOf(trial({})))).toEqual([]);
});

test('fewer bytes than 90 % of the columns that are read for every event were kept from before', () => {
  expect(tooLittleWork(logOf(trial({ bytesRead: 300 })), LOOPS)).toEqual([]);
  expect(tooLittleWork(logOf(trial({ bytesRead: 299 })), LOOPS)).toEqual([
    {
      code: 'BYTES_TOO_FEW',
      message: '897 bytes read, at least 900 are needed for the columns that every event is read from',
    },
  ]);
});

test('each event loop has to read its columns again', () => {
  const reasons = tooLittleWork(logOf(trial({})), [...LOOPS, ...LOOPS]);
  expect(reasons.map(({ message }) => message)).toEqual([
    '1200 bytes read, at least 1800 are needed for the columns that every event is read from',
  ]);
});

test('less CPU than any loop over so many events needs was not spent on them', () => {
  const plan = { events: 1_000_000 };
  expect(tooLittleWork(logOf(trial({ cpuSeconds: 0.004 }, plan)), LOOPS)).toEqual([]);
  expect(tooLittleWork(logOf(trial({ cpuSeconds: 0.003 }, plan)), LOOPS)).toEqual([
    {
      code: 'CPU_TOO_LITTLE',
      message: '0.009000 CPU-seconds in event-processing tasks, at least 0.010000 are needed for 1000000 events',
    },
  ]);
});

test('a serial trial without an event-processing task did not process events', () => {
  const serial = without('task', trial({}, { point: { runner: 'serial' } }));
  expect(tooLittleWork(logOf(serial), LOOPS)).toEqual([
    { code: 'TASKS_MISSING', message: 'no event-processing task seen in a serial trial' },
  ]);
});

test('tasks without meters are not judged, and a flag says so', () => {
  const unwatched = logOf(trial(null));
  expect(tooLittleWork(unwatched, LOOPS)).toEqual([]);
  expect(unjudgedWork(unwatched)).toEqual([
    { code: 'work-not-checked', message: 'not watched: their bytes and CPU were not compared with the data' },
  ]);
});

test('one task without a meter does not hide what the others did not do', () => {
  const blind = (meter: Partial<Meter>) => {
    const [first, ...others] = trial(meter).filter(({ draft }) => draft.type === 'task');
    if (first?.draft.type !== 'task') throw new Error('a trial without tasks');
    return logOf([...without('task', trial(meter)), { ...first, draft: { ...first.draft, meter: null } }, ...others]);
  };
  expect(tooLittleWork(blind({}), LOOPS)).toEqual([]);
  expect(tooLittleWork(blind({ bytesRead: 100 }), LOOPS)).toEqual([
    {
      code: 'BYTES_TOO_FEW',
      message: '200 bytes read, at least 300 are needed for the columns that every event is read from',
    },
  ]);
  expect(unjudgedWork(blind({}))).toEqual([
    {
      code: 'work-not-checked',
      message: '1 of 3 tasks were not metered: their bytes and CPU were not compared with the data',
    },
  ]);
});

test('a suite that reads no data has no such floor', () => {
  const control = logOf(trial({ bytesRead: 0, cpuSeconds: 0 }, { dataset: null }));
  expect(tooLittleWork(control, [])).toEqual([]);
  expect(unjudgedWork(logOf(trial(null, { dataset: null })))).toEqual([]);
});
