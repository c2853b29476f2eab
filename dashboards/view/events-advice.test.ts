import { expect, test } from 'vitest';
import { aRecord } from '../../core/stats/test/records.ts';
import { parseCount } from '../../core/model/sizes.ts';
import { on, said, SERIAL } from './test/experiments.ts';

/** A machine: seconds that one thread needs apart from its event loop, for an event, what the workers add, and how much more an event costs them. */
interface Machine {
  readonly apart: number;
  readonly perEvent: number;
  readonly added: number;
  readonly inflation: number;
}

function times({ apart, perEvent, added, inflation }: Machine, events: number) {
  const loop = perEvent * events;
  return { loop, serial: apart + loop, two: added + (inflation * loop) / 2 };
}

function experimentOf(machine: Machine, events: number) {
  const { loop, serial, two } = times(machine, events);
  const counts = { eventsPlanned: events };
  return [1, 2, 3].flatMap((session) => [
    aRecord({ ...SERIAL, T: serial, windows: { executionSeconds: loop }, counts, session }),
    aRecord({ ...on(2), T: two, counts, session }),
  ]);
}

// Of RDataFrame on a quiet machine: a query, all of them; and what nothing but the loop takes.
test.each<[string, Machine, number]>([
  ['80 ms beside the loop', { apart: 0.08, perEvent: 1.4e-6, added: 0.25, inflation: 1 }, 40_000],
  ['100 ms beside the loop', { apart: 0.1, perEvent: 3e-6, added: 0.57, inflation: 1.1 }, 160_000],
  ['nothing beside the loop', { apart: 0, perEvent: 3e-6, added: 0.5, inflation: 1 }, 160_000],
  [
    'as measured with 40,000 events on two idle cores',
    { apart: 0.016, perEvent: 1.2e-6, added: 0.12, inflation: 1.11 },
    40_000,
  ],
])('%s: the advised events are 80 %% efficient, and not many times too many', (_name, machine, events) => {
  const [line = ''] = said(experimentOf(machine, events));
  const advised = parseCount(/--events ([\d.]+[kM])/.exec(line)?.[1] ?? '') ?? Number.NaN;
  const { serial, two } = times(machine, advised);
  expect(serial / (2 * two)).toBeGreaterThanOrEqual(0.8);
  expect(serial / (2 * two)).toBeLessThan(0.93);
  expect(said(experimentOf(machine, advised))).toEqual([expect.stringMatching(/^coffea: scales to .*2 /)]);
});

test('where the event loop of one thread was not seen, no number of events is advised', () => {
  const unseen = experimentOf({ apart: 0, perEvent: 3e-6, added: 0.5, inflation: 1 }, 160_000).map((record) => ({
    ...record,
    windows: { ...record.windows, executionSeconds: { missing: 'no task was seen' } },
  }));
  expect(said(unseen)).toEqual([expect.stringMatching(/mostly overhead$/)]);
});

test('files that are listed several times are advised to hold all of the events', () => {
  const machine = { apart: 0.08, perEvent: 1.4e-6, added: 0.25, inflation: 1 };
  const adviceOf = (clone: number) => {
    const records = experimentOf(machine, 40_000).map((record) => ({ ...record, point: { ...record.point, clone } }));
    return /use at least (.*)$/.exec(said(records)[0] ?? '')?.[1];
  };
  expect(adviceOf(1)).toMatch(/events \(--events [\d.]+[kM]\)$/);
  expect(adviceOf(4)).toBe(adviceOf(1)?.replace('(', '(--clone 1 '));
});
