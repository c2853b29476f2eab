import { expect, test } from 'vitest';
import { Intake } from './intake.ts';

const line = (source: string, seq: number, more: object = { type: 'mark', name: 'trigger' }) =>
  JSON.stringify({ v: 1, trial: 't', source, seq, t: 1.5, ...more });

/** How many events each of the lines finds missing. */
function missingAt(...lines: string[]): number[] {
  const intake = new Intake('the driver');
  return lines.map((one) => intake.take(one).missing);
}

test('each source counts by itself, and an event that comes again is none that is missing', () => {
  expect(missingAt(line('driver', 1), line('agent/w0', 1), line('driver', 2), line('driver', 2))).toEqual([0, 0, 0, 0]);
});

test('events that never came are found by the next one of their source, the first ones, too', () => {
  expect(missingAt(line('driver', 3), line('agent/w0', 1), line('agent/w0', 5), line('driver', 4))).toEqual([
    2, 0, 3, 0,
  ]);
});

test('a missing end is found by the count in the last event', () => {
  const done = line('driver', 2, { type: 'done', counts: { driver: 2, 'agent/w0': 3, 'agent/w1': 1 } });
  expect(missingAt(line('driver', 1), line('agent/w0', 1), done)).toEqual([0, 0, 3]);
});

test.each([
  ['rubbish', 'the driver wrote what is no event (not JSON): rubbish'],
  ['{"source":"driver","t":null,"type":"warning","code":"X","message":""}', 'the driver wrote what is no event (v: '],
  [line('driver', 1).replace('"v":1', '"v":2'), 'the driver wrote what is no event (version 2 of the format): '],
])('what is no event, such as one without its number, is refused with what was written: %s', (text, message) => {
  expect(() => new Intake('the driver').take(text)).toThrow(message);
});
