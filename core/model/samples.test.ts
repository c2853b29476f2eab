import { expect, test } from 'vitest';
import { Event } from './event.ts';
import { MEASUREMENTS } from './measurements.ts';
import { measurementOf, SAMPLES } from './samples.ts';

test('each collector, each measurement and each value of a measurement stands once in the list', () => {
  const once = (names: readonly string[]) => expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
  once(SAMPLES.map(({ collector }) => collector));
  once(MEASUREMENTS.map(({ name }) => name));
  for (const { fields } of SAMPLES) once(fields.map(({ name }) => name));
});

test('a journal takes samples of the collectors that are in the list, and of no other', () => {
  const sampleOf = (collector: string) =>
    Event.safeParse({
      v: 1,
      trial: 't',
      source: 's',
      seq: 1,
      t: 1,
      type: 'sample',
      collector,
      target: 'x',
      values: {},
    });
  for (const { collector } of SAMPLES) {
    expect(measurementOf(collector).collector).toBe(collector);
    expect(sampleOf(collector).success).toBe(true);
  }
  expect(sampleOf('planted').success).toBe(false);
});
