import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
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

function datesIn(name: string): number[] {
  const content = parseJournal(readFileSync(join(folder, name), 'utf8'));
  return 'events' in content ? content.events.map(({ t }) => t) : [];
}

test('a wall clock that is set begins a new file, whose events carry the new time', () => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
  const reader = { follow: () => {}, finished: () => {}, isSettled: () => false };
  const limits = { bytes: 1e6, seconds: 3600, kept: 24 };
  const segments = new Segments(folder, { type: 'environment', facts: {} }, limits, reader);
  const now = Date.now() / 1000;
  const write = () => segments.write('driver', { type: 'warning', code: 'X', message: '' });
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
