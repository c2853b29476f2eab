import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJournal } from '../model/journal.ts';
import { fold } from './fold.ts';
import { aTrial, closed, entry, sample, textOf } from './test/journal-of.ts';

// Letters of two and three bytes, so that a cut can split one.
const extra = [
  entry('driver', 99, { type: 'clock', offsetSeconds: 0.001, errorSeconds: 0.0002 }),
  entry('engine', 99, { type: 'environment', facts: { host: 'größe €' } }),
  entry('engine', 99, { type: 'outcome', part: 'collector host', ok: true, message: '' }),
  sample('w0', 99, { cpu_seconds_total: 1, rss_bytes: 100 }),
  sample('w0', 111, { cpu_seconds_total: 9, rss_bytes: 200 }),
  sample('w1', 99, { cpu_seconds_total: 1, rss_bytes: 100 }),
  sample('w1', 112, { cpu_seconds_total: 5, rss_bytes: 200 }),
];
const whole = Buffer.from(textOf(closed(aTrial(extra))));

function foldFirst(bytes: number) {
  const content = parseJournal(whole.subarray(0, bytes).toString('utf8'));
  if (!('events' in content)) throw new Error(`not readable: ${JSON.stringify(content)}`);
  return fold(content.events, content.torn);
}

test('a journal that is cut anywhere folds, and is valid only when it is whole', () => {
  const states = new Map<string, number>();
  for (let bytes = 0; bytes <= whole.length; bytes++) {
    const state = foldFirst(bytes)?.state ?? 'no plan';
    states.set(state, (states.get(state) ?? 0) + 1);
  }
  const planEnds = whole.indexOf('\n');
  expect(Object.fromEntries(states)).toEqual({
    'no plan': planEnds + 1,
    incomplete: whole.length - planEnds - 1,
    valid: 1,
  });
  expect(foldFirst(whole.length)?.state).toBe('valid');
});

test('a cut journal says why it is incomplete', () => {
  expect(foldFirst(whole.length - 1)?.reasons).toEqual([
    { code: 'JOURNAL_TORN', message: 'the last line of the journal is cut short' },
    { code: 'JOURNAL_OPEN', message: 'the journal ends before the trial does' },
  ]);
});

test('a journal without any one of its lines is never valid', () => {
  const events = closed(aTrial(extra));
  const states = events.map((_, gone) => fold(events.toSpliced(gone, 1))?.state);
  expect(states[0]).toBeUndefined();
  expect(new Set(states.slice(1))).toEqual(new Set(['incomplete']));
});

test('the lines of different sources may come in any order', () => {
  const events = closed(aTrial(extra));
  const straight = fold(events);
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      const sources = Map.groupBy(events, ({ source }) => source);
      const woven = shuffled.flatMap(({ source }) => sources.get(source)?.shift() ?? []);
      expect(fold(woven)).toEqual(straight);
    }),
  );
});
