import { expect, test } from 'vitest';
import type { Event } from '../model/event.ts';
import { aTrial, closed, entry, recordFrom, recordOf, sample } from './test/journal-of.ts';

const agent = [
  sample('w0', 99, { rss_bytes: 1 }),
  sample('w0', 105, { rss_bytes: 1 }),
  sample('w0', 111, { rss_bytes: 1 }),
];

function without(source: string, ...numbers: readonly number[]): Event[] {
  return closed(aTrial(agent)).filter((event) => event.source !== source || !numbers.includes(event.seq));
}

test('a whole journal is valid and has no reasons', () => {
  expect(recordOf(aTrial(agent))).toMatchObject({ state: 'valid', reasons: [], taints: [], flags: [] });
});

test('a gap makes the trial incomplete and names the source', () => {
  const record = recordFrom(without('agent/w0', 2));
  expect(record.state).toBe('incomplete');
  expect(record.reasons).toEqual([{ code: 'EVENTS_MISSING', message: 'agent/w0: 1 of 3 events are missing' }]);
});

test('a missing tail is seen by the counts at the end', () => {
  expect(recordFrom(without('agent/w0', 3)).reasons).toEqual([
    { code: 'EVENTS_MISSING', message: 'agent/w0: 1 of 3 events are missing' },
  ]);
});

test('a source of which nothing arrived is missed, too', () => {
  expect(recordFrom(without('agent/w0', 1, 2, 3)).reasons).toEqual([
    { code: 'EVENTS_MISSING', message: 'agent/w0: 3 of 3 events are missing' },
  ]);
});

test('what the driver counted and the engine never received is missed', () => {
  // The engine counts what arrived: only the driver's own count knows of the third sample.
  const events = without('agent/w0', 3).map((event) =>
    event.type === 'done' && event.source === 'engine'
      ? { ...event, counts: { ...event.counts, 'agent/w0': 2 } }
      : event,
  );
  expect(recordFrom(events).reasons).toEqual([
    { code: 'EVENTS_MISSING', message: 'agent/w0: 1 of 3 events are missing' },
  ]);
});

test('an event that came twice makes the trial incomplete: its task would count twice', () => {
  const events = closed(aTrial());
  const twice = events.find(({ type }) => type === 'task');
  if (!twice) throw new Error('no task');
  expect(recordFrom([...events, twice]).reasons).toEqual([
    { code: 'EVENTS_REPEATED', message: 'driver: 1 events came more than once' },
  ]);
});

test('a failed workload is failed even when its journal is cut short', () => {
  const failed = entry('engine', 105, { type: 'failed', code: 'TIMED_OUT', message: 'too slow', hint: '' });
  const record = recordFrom(closed(aTrial([failed])).slice(0, -1), true);
  expect(record.state).toBe('failed');
  expect(record.reasons.map(({ code }) => code)).toEqual(['JOURNAL_TORN', 'JOURNAL_OPEN', 'FAILED_TIMED_OUT']);
});

test('a journal without a plan gives no record', () => {
  expect(() => recordFrom(closed(aTrial()).slice(1))).toThrow('no plan');
});
