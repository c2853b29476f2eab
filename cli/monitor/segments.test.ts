import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../core/model/event.ts';
import { parseJournal } from '../../core/model/journal.ts';
import { Segments } from './segments.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-segments-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

function eventsIn(name: string): readonly Event[] {
  const content = parseJournal(readFileSync(join(folder, name), 'utf8'));
  return 'events' in content ? content.events : [];
}

function datesIn(name: string): number[] {
  return eventsIn(name).map(({ t }) => t);
}

test('a wall clock that is set begins a new file, whose events carry the new time', () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const reader = { follow: () => {}, finished: () => {}, isSettled: () => false };
  const limits = { bytes: 1e6, seconds: 3600, kept: 24 };
  const segments = new Segments(folder, { type: 'environment', facts: {} }, limits, reader);
  const now = Date.now() / 1000;
  const write = () => segments.write('engine', { type: 'warning', code: 'X', message: '' });
  write();
  segments.roll();
  write();
  vi.setSystemTime((now + 3600) * 1000);
  segments.roll();
  write();
  segments.close();
  const [first = '', second = '', ...more] = readdirSync(folder).toSorted();
  expect(more).toEqual([]);
  expect(datesIn(first)).toHaveLength(3);
  expect(Math.max(...datesIn(first))).toBeLessThan(now + 1800);
  expect(datesIn(second)).toHaveLength(2);
  expect(Math.min(...datesIn(second))).toBeGreaterThan(now + 1800);
});

test('numbers begin with 1 in each segment, and what is missing of a source is missing there, also at the seam', () => {
  const reader = { follow: () => {}, finished: () => {}, isSettled: () => false };
  const segments = new Segments(folder, { type: 'environment', facts: {} }, { bytes: 1, seconds: 0, kept: 9 }, reader);
  const warning = { v: 1, trial: 'monitor', t: 1, type: 'warning', code: 'X', message: '' } as const;
  const append = (source: string, ...seqs: readonly number[]) => {
    for (const seq of seqs) segments.append({ ...warning, source, seq });
  };
  append('driver', 1, 2);
  append('agent/w0', 1);
  segments.roll();
  // 3 of one source and 4 of the other never came.
  append('driver', 4, 5);
  append('agent/w0', 2, 3, 5);
  segments.close();
  const numbers = readdirSync(folder)
    .toSorted()
    .map((name) => eventsIn(name).map(({ trial, source, seq }) => `${trial} ${source} ${seq}`));
  expect(numbers).toEqual([
    ['engine 1', 'driver 1', 'driver 2', 'agent/w0 1'].map((one) => `segment-000001 ${one}`),
    ['engine 1', 'driver 2', 'driver 3', 'agent/w0 1', 'agent/w0 2', 'agent/w0 4'].map(
      (one) => `segment-000002 ${one}`,
    ),
  ]);
});
