import { expect, test } from 'vitest';
import { LineWriter, linesOf, splitLines } from './lines.ts';

test('lines are kept as they were added, however long and in whatever script, and a writer begins anew', () => {
  const writer = new LineWriter();
  const lines = Array.from({ length: 300 }, (_, index) => `m,host=${'λ😀x'.repeat(index)} f=${index}`);
  for (const line of lines) writer.add(line);
  expect(writer.take()).toEqual(linesOf(lines));
  expect(writer.take()).toEqual({ text: '', count: 0 });
});

test('several lines can be taken apart again; a single one may hold a line end in a text', () => {
  expect(splitLines(linesOf(['a f=1', 'b f=2']))).toEqual(['a f=1', 'b f=2']);
  expect(splitLines(linesOf(['a f="x\ny"']))).toEqual(['a f="x\ny"']);
});
