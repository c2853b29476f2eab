import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Event, JOURNAL_VERSION } from '../model/event.ts';
import { EventLog } from './event-log.ts';
import type { Series } from './series.ts';

const NAMES = ['rss_bytes', 'cpu_seconds_total', 'toString', '__proto__'];

function sample(seq: number, values: { readonly [name: string]: number }, target = 'w0'): Event {
  const envelope = { trial: 't', source: `agent/${target}`, seq, t: 100 - seq };
  return { v: JOURNAL_VERSION, ...envelope, type: 'sample', collector: 'agent', target, values };
}

function rowsOf(series: Series): unknown[] {
  return [...series.times.keys()].map((index) => ({
    seq: series.numbers[index],
    t: series.times[index],
    values: NAMES.map((name) => series.value(name)(index)),
  }));
}

test('property: whatever samples come in whatever order, each has the values that it came with, by number and by time', () => {
  // A parsed line may hold any name of its own.
  const values = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.double({ noNaN: true, noDefaultInfinity: true })));
  const some = fc.uniqueArray(fc.record({ seq: fc.integer({ min: 1, max: 60 }), values }), {
    selector: ({ seq }) => seq,
    maxLength: 60,
  });
  fc.assert(
    fc.property(some, (drawn) => {
      const events = drawn.map((one) => sample(one.seq, Object.fromEntries(one.values)));
      const [series] = EventLog.of(events).series;
      const meant = drawn.map((one) => {
        const own = new Map(one.values);
        return { seq: one.seq, t: 100 - one.seq, values: NAMES.map((name) => own.get(name)) };
      });
      expect(series === undefined).toBe(meant.length === 0);
      if (!series) return;
      expect(rowsOf(series)).toEqual(meant);
      expect(rowsOf(series.inOrderOf('numbers'))).toEqual(meant.toSorted((a, b) => a.seq - b.seq));
      expect(rowsOf(series.inOrderOf('times'))).toEqual(meant.toSorted((a, b) => a.t - b.t));
      expect(rowsOf(series.from(70))).toEqual(meant.filter(({ t }) => t >= 70));
    }),
  );
});

test('what lies before the first sample and after the last one is nothing', () => {
  const [series] = EventLog.of([sample(1, { rss_bytes: 7 }), sample(2, { rss_bytes: 7 })]).series;
  const value = series?.value('rss_bytes');
  expect([-1, 0, 1, 2].map((index) => value?.(index))).toEqual([undefined, 7, 7, undefined]);
});

test('samples of several targets and sources are kept apart', () => {
  const events = [sample(1, { a: 1 }, 'w0'), sample(1, { a: 2 }, 'w1'), { ...sample(2, { a: 3 }, 'w0'), source: 'x' }];
  const kept = EventLog.of(events).series.map((series) => [series.source, series.target, series.value('a')(0)]);
  expect(kept).toEqual([
    ['agent/w0', 'w0', 1],
    ['agent/w1', 'w1', 2],
    ['x', 'w0', 3],
  ]);
});

test('property: lines of a source are counted, and different ones once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (numbers) => {
      const count = EventLog.of(numbers.map((seq) => sample(seq, {}))).numbers.get('agent/w0');
      expect([count?.lines ?? 0, count?.different ?? 0, count?.highest ?? 0]).toEqual([
        numbers.length,
        new Set(numbers).size,
        Math.max(0, ...numbers),
      ]);
    }),
  );
});
