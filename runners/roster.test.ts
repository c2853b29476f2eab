import { expect, test } from 'vitest';
import type { Presence, Target } from '../core/model/target.ts';
import { Roster } from './roster.ts';

function target(name: string, pid: number): Target {
  return { name, role: 'worker', pid, host: null, pod: null, cores: null, memoryLimitBytes: null, http: null };
}

const told = ({ action, target: { name, pid } }: Presence) => `${action} ${name} ${pid}`;
async function all(presences: AsyncIterable<Presence>): Promise<string[]> {
  const lines: string[] = [];
  for await (const presence of presences) lines.push(told(presence));
  return lines;
}

test('who reads late is told of those that are there, not of those that went, and then of all that follows', async () => {
  const roster = new Roster();
  const early = all(roster.targets());
  roster.tell({ action: 'joined', target: target('w0', 1) });
  roster.tell({ action: 'left', target: target('w0', 1) });
  roster.tell({ action: 'joined', target: target('w0', 2) });
  const late = all(roster.targets());
  roster.tell({ action: 'joined', target: target('w1', 3) });
  roster.end();
  expect(await early).toEqual(['joined w0 1', 'left w0 1', 'joined w0 2', 'joined w1 3']);
  expect(await late).toEqual(['joined w0 2', 'joined w1 3']);
  expect(await all(roster.targets())).toEqual(['joined w0 2', 'joined w1 3']);
});

test('a reader that waits is ended by `return`, and nobody else', async () => {
  const roster = new Roster();
  const reader = roster.targets()[Symbol.asyncIterator]();
  const other = all(roster.targets());
  const waiting = reader.next();
  await reader.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  roster.tell({ action: 'joined', target: target('w0', 1) });
  roster.end();
  expect([await reader.next(), await other]).toEqual([{ done: true, value: undefined }, ['joined w0 1']]);
});

test('readers are told why it is not known any more who is there, after what was known', async () => {
  const roster = new Roster();
  const waiting = all(roster.targets());
  roster.tell({ action: 'joined', target: target('w0', 1) });
  roster.end(new Error('planted'));
  await expect(waiting).rejects.toThrow('planted');
  const late = roster.targets()[Symbol.asyncIterator]();
  expect(await late.next()).toMatchObject({ value: { target: { name: 'w0' } } });
  await expect(late.next()).rejects.toThrow('planted');
});
