// Tables in documents that a command writes, so that no number in them is typed by hand.
import { readFileSync, writeFileSync } from 'node:fs';

const marks = (name: string) => [`<!-- table ${name} -->`, `<!-- end ${name} -->`] as const;

/** What stands before, between and after `<!-- table NAME -->` and `<!-- end NAME -->`; throws when the marks are not there exactly once. */
function partsOf(document: string, name: string): readonly [string, string, string] {
  const [start, end] = marks(name);
  const [before = '', rest, ...again] = document.split(start);
  const [table = '', after, ...twice] = (rest ?? '').split(end);
  if (rest === undefined || after === undefined || again.length > 0 || twice.length > 0)
    throw new Error(`the document lacks ${start} ... ${end}, or has it twice`);
  return [before, table, after];
}

/** The table between the marks. */
export function tableIn(document: string, name: string): string {
  return partsOf(document, name)[1].trim();
}

/** The document with `table` between the marks. */
export function withTable(document: string, name: string, table: string): string {
  const [before, , after] = partsOf(document, name);
  const [start, end] = marks(name);
  return `${before}${start}\n\n${table.trim()}\n\n${end}${after}`;
}

export function writeTable(path: string, name: string, table: string): void {
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), name, table));
}
