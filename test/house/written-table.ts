// Tables in documents that a command writes, so that no number in them is typed by hand.
import { readFileSync, writeFileSync } from 'node:fs';

/** Replaces what stands between `<!-- table NAME -->` and `<!-- end NAME -->`; throws when the marks are not there exactly once. */
export function withTable(document: string, name: string, table: string): string {
  const [start, end] = [`<!-- table ${name} -->`, `<!-- end ${name} -->`];
  const parts = document.split(start);
  const rest = parts[1]?.split(end);
  if (parts.length !== 2 || rest?.length !== 2)
    throw new Error(`the document lacks ${start} ... ${end}, or has it twice`);
  return `${parts[0]}${start}\n\n${table.trim()}\n\n${end}${rest[1]}`;
}

export function writeTable(path: string, name: string, table: string): void {
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), name, table));
}
