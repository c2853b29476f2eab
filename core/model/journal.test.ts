import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJournal } from './journal.ts';

const line = (seq: number, more: object = {}) =>
  JSON.stringify({ v: 1, trial: 't', source: 'driver', seq, t: 1.5, type: 'mark', name: 'trigger', ...more });

const HISTOGRAM = { name: 'h', title: '', bins: 1, lo: 0, hi: 1, values: [], sumw2: [] };

test('whole lines are events in their order', () => {
  expect(parseJournal(`${line(1)}\n${line(2)}\n`)).toMatchObject({ events: [{ seq: 1 }, { seq: 2 }], torn: false });
  expect(parseJournal('')).toEqual({ events: [], torn: false });
});

test('a last line without its end is torn and left out, even when it happens to parse', () => {
  expect(parseJournal(`${line(1)}\n${line(2)}`)).toMatchObject({ events: [{ seq: 1 }], torn: true });
  expect(parseJournal(`${line(1)}\n{"v":1,"tr`)).toMatchObject({ events: [{ seq: 1 }], torn: true });
});

test('a corrupt line before the last is refused with its number', () => {
  expect(parseJournal(`${line(1)}\n{"v":1,\n${line(2)}\n`)).toEqual({ kind: 'corrupt', line: 2, why: 'not JSON' });
  expect(parseJournal(`${line(1)}\n\n${line(2)}\n`)).toEqual({ kind: 'corrupt', line: 2, why: 'not JSON' });
});

test('an event that breaks the schema is refused with its number and field', () => {
  const wrong = parseJournal(`${line(1)}\n${line(2)}\n${line(3, { name: 'finish' })}\n`);
  expect(wrong).toMatchObject({ kind: 'corrupt', line: 3 });
  expect(wrong).toHaveProperty('why', expect.stringContaining('name'));
});

test.each<[object, string]>([
  [{ name: 'finish' }, 'name: expected one of "prepare"|"trigger"|"graph"|"result"|"hygiene"'],
  [{ seq: 0, t: '1', source: 7 }, 'source: expected string, received number (and 2 more fields of it)'],
  [{ seq: 0, t: '1' }, 'seq: Too small: expected number to be >0 (and 1 more field of it)'],
  [{ type: 'mrak' }, "type: expected 'planned' | 'environment'"],
  [{ type: 'environment', facts: 5 }, 'facts: expected record, received number'],
  [
    { type: 'answer', events: 1, bytesRead: null, histograms: [{ ...HISTOGRAM, values: [1, 'x'] }] },
    'histograms.0.values.1: expected number, received string, or expected one of "NaN"|',
  ],
])('%j: one line says the field, what was expected there, and how many more there are', (change, said) => {
  const wrong = parseJournal(`${line(1, change)}\n`);
  expect(wrong).toHaveProperty('why', expect.stringContaining(said));
  expect(wrong).toHaveProperty('why', expect.not.stringContaining('\n'));
});

test('lines after the first that is no event are counted, but for the torn one', () => {
  expect(parseJournal(`x\n${line(1)}\ny\nz\n{"v"`)).toEqual({
    kind: 'corrupt',
    line: 1,
    why: 'not JSON',
    moreLines: 2,
  });
});

test('a newer journal is refused by its version, whatever else is in it', () => {
  expect(parseJournal('{"v":2,"kind":"of the future"}\n')).toEqual({ kind: 'newer', version: 2 });
});

test('a version that is no whole number is no newer version', () => {
  expect(parseJournal('{"v":2}\n')).toMatchObject({ kind: 'newer', version: 2 });
  expect(parseJournal('{"v":1.0000000000000002}\n')).toMatchObject({ kind: 'corrupt', line: 1 });
});

test('any one line of text is torn without its end, and corrupt with it', () => {
  // A line of a newer version is no corrupt one.
  const json = fc.json().filter((text) => !/"v":\d+[,}]/.test(text));
  fc.assert(
    fc.property(fc.oneof(fc.string(), json), (text) => {
      expect(parseJournal(text)).toEqual({ events: [], torn: text !== '' });
      expect(parseJournal(`${text}\n`)).toMatchObject({ kind: 'corrupt', line: 1 });
    }),
  );
});
