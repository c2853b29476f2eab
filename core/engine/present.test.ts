import { expect, test } from 'vitest';
import { Present, targetOf } from './present.ts';

test('who came is there until it goes; a worker that replaces another one under its name is told apart from it', () => {
  const present = new Present();
  const [first, second] = [targetOf('worker', 'w0', { pid: 1 }), targetOf('worker', 'w0', { pid: 2 })];
  const scheduler = targetOf('scheduler', 'w0');
  for (const target of [first, second, scheduler]) present.take({ action: 'joined', target });
  present.take({ action: 'left', target: first });
  expect(present.all).toEqual([second, scheduler]);
  present.clear();
  expect(present.all).toEqual([]);
});
