import { expect, test } from 'vitest';
import type { Presence } from '../model/target.ts';
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

test('those that are there are known at once, who comes later when it does, and nobody after the end', async () => {
  const later = Promise.withResolvers<void>();
  const over = Promise.withResolvers<IteratorResult<Presence>>();
  const joined = (name: string): IteratorResult<Presence> => ({
    done: false,
    value: { action: 'joined', target: targetOf('worker', name) },
  });
  const news = [Promise.resolve(joined('w0')), later.promise.then(() => joined('w1'))];
  const reader: AsyncIterator<Presence> = {
    next: async () => await (news.shift() ?? over.promise),
    async return() {
      over.resolve({ done: true, value: undefined });
      return await over.promise;
    },
  };
  const present = new Present();
  const leave = await present.follow({ [Symbol.asyncIterator]: () => reader });
  expect(present.all.map(({ name }) => name)).toEqual(['w0']);
  later.resolve();
  await expect.poll(() => present.all.length).toBe(2);
  await leave();
});

test('that nobody knows any more who is there is told to whoever ends it', async () => {
  const lost: AsyncIterable<Presence> = {
    [Symbol.asyncIterator]: () => ({ next: async () => await Promise.reject(new Error('planted')) }),
  };
  const leave = await new Present().follow(lost);
  await expect(leave()).rejects.toThrow('planted');
});
