import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { linesIn, Tail } from './tail.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-tail-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The lines of the next chunk; undefined where there is none. */
async function next(tail: Tail): Promise<string[] | undefined> {
  const lines = await tail.next();
  return lines && [...lines];
}

test('each line is given once, and one without its end waits, also where it is cut inside a letter', async () => {
  const tail = new Tail(path);
  expect(await next(tail)).toBeUndefined();
  const text = Buffer.from('one\n\nthrée');
  writeFileSync(path, text.subarray(0, 9));
  expect(await next(tail)).toEqual(['one', '']);
  expect(await next(tail)).toBeUndefined();
  appendFileSync(path, text.subarray(9));
  expect(await next(tail)).toBeUndefined();
  appendFileSync(path, '\n');
  expect(await next(tail)).toEqual(['thrée']);
  expect(tail.offset).toBe(text.length + 1);
});

test('a file of many chunks is given whole, also lines that are longer than a chunk', async () => {
  const lines = Array.from({ length: 200 }, (_, index) => 'x'.repeat((index * 7) % 50));
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const tail = new Tail(path, { chunkBytes: 16 });
  const chunks: string[][] = [];
  for (let chunk = await next(tail); chunk; chunk = await next(tail)) chunks.push(chunk);
  expect(chunks.flat()).toEqual(lines);
  expect(chunks.length).toBeGreaterThan(100);
  const all: string[] = [];
  for await (const line of linesIn(path)) all.push(line);
  expect(all).toEqual(lines);
});

test('a kept position is gone on from', async () => {
  writeFileSync(path, 'one\ntwo\n');
  expect(await next(new Tail(path, { offset: 4, isDurable: true }))).toEqual(['two']);
});

test.each([
  [true, ['new']],
  [false, undefined],
])(
  'a file that has become shorter is read from its beginning only where that is wanted: %j',
  async (rewinds, lines) => {
    writeFileSync(path, 'one\ntwo\n');
    const tail = new Tail(path, { rewinds });
    expect(await next(tail)).toEqual(['one', 'two']);
    writeFileSync(path, 'new\n');
    expect(await next(tail)).toEqual(lines);
  },
);

test('what is no file is an error of the system', async () => {
  await expect(new Tail(folder).next()).rejects.toMatchObject({ code: 'EISDIR' });
});
