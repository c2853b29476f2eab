// `npm run faults` writes the table of docs/trust.md from what the tests recorded when they ran last, all of them or one file after the
// other; `test/run.ts` fails where table and tests differ. Its own test gives it other folders: RESULTS DOCUMENT ROOT.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultRow, FAULTS, type FileResult, KINDS, problemOf, readResults } from './fault-results.ts';
import { checkout } from './python.ts';
import { tableIn, writeTable } from './written-table.ts';

const DOCUMENT = join(checkout, 'docs/trust.md');
const NAME = 'faults';
const HEAD = ['| kind of fault | planted | lost | left behind | test |', '|---|---|---|---|---|'];

/** A row of the table by what does not change from run to run. */
interface Known {
  readonly kind: string;
  readonly what: string;
  /** As the table has it: `system/faults`. */
  readonly test: string;
}

const keyOf = ({ kind, what, test }: Known) => `${kind}: ${what} (${test})`;
const testOf = (file: string) => file.replace(/^test\//, '').replace(/\.test\.ts$/, '');
const number = (count: number) => count.toLocaleString('en');

function recordedIn(results: readonly FileResult[]): (Known & { readonly row: FaultRow })[] {
  return results
    .flatMap(({ file, rows }) =>
      rows.map((row) => ({ row, kind: row.kind, what: row.what.replaceAll('|', '/'), test: testOf(file) })),
    )
    .toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

/** Files of which every test ran. */
function wholeFiles(results: readonly FileResult[]): Set<string> {
  return new Set(results.filter(({ skipped }) => skipped.length === 0).map(({ file }) => testOf(file)));
}

function lostCell({ lost, begun }: FaultRow): string {
  const counted = Object.entries(lost).filter(([, { of }]) => of > 0);
  if (counted.length === 0 && begun === 0) return 'no trial had begun';
  return counted.map(([unit, { of, missing }]) => `${number(missing)} of ${number(of)} ${unit}`).join(', ');
}

function leftCell({ left }: FaultRow): string {
  return Object.entries(left)
    .map(([unit, count]) => `${number(count)} ${unit}`)
    .join(', ');
}

/** All rows in one: how many there are, and the sum of each unit. */
function totalOf(rows: readonly FaultRow[]): string {
  const sum: Pick<FaultRow, 'lost' | 'left'> = { lost: {}, left: {} };
  for (const { lost, left } of rows) {
    for (const [unit, { of, missing }] of Object.entries(lost)) {
      const before = sum.lost[unit] ?? { of: 0, missing: 0 };
      sum.lost[unit] = { of: before.of + of, missing: before.missing + missing };
    }
    for (const [unit, count] of Object.entries(left)) sum.left[unit] = (sum.left[unit] ?? 0) + count;
  }
  const all: FaultRow = { ...sum, kind: KINDS[0], what: '', begun: null };
  return `| all | ${rows.length} faults | ${lostCell(all)} | ${leftCell(all)} | |`;
}

function tableOf(results: readonly FileResult[]): string {
  const recorded = recordedIn(results);
  const rows = recorded.map(
    ({ kind, what, test, row }) => `| ${kind} | ${what} | ${lostCell(row)} | ${leftCell(row)} | ${test} |`,
  );
  return [...HEAD, ...rows, totalOf(recorded.map(({ row }) => row))].join('\n');
}

/** The rows that a document has, without the last one, of their sums. */
export function rowsOf(document: string): (Known & { readonly lost: string; readonly left: string })[] {
  const lines = tableIn(document, NAME).split('\n').slice(HEAD.length, -1);
  return lines.map((line) => {
    const [, kind = '', what = '', lost = '', left = '', test = ''] = line.split('|').map((cell) => cell.trim());
    return { kind, what, lost, left, test };
  });
}

/** Why no table may be written from `results` in place of that of `document`; empty where it may. */
function refusals(results: readonly FileResult[], document: string): string[] {
  const recorded = recordedIn(results);
  const keys = recorded.map(keyOf);
  const failed = results.flatMap(({ file, failed: names }) => names.map((name) => `failed: ${file} > ${name}`));
  const wrong = recorded.flatMap((one) => {
    const problem = problemOf(one.row);
    return problem === undefined ? [] : [`${keyOf(one)}: ${problem}`];
  });
  const twice = keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `recorded twice: ${key}`);
  const before = rowsOf(document);
  const ran = wholeFiles(results);
  // A test that ran may have other words for its fault than before. Fewer faults are no table, nor are tests that did not run.
  const missing = before
    .filter((row) => !keys.includes(keyOf(row)))
    .filter(({ test }) => recorded.length < before.length || !ran.has(test))
    .map((row) => `not recorded: ${keyOf(row)}: run its test or, where that is gone, take the row out of the table`);
  return [...failed, ...wrong, ...twice, ...missing];
}

/**
 * A line for each row that is in the table and was not recorded by the tests of `projects`, or the other way round. Of a file in which
 * tests were skipped, such as those that need root, no row is missed.
 */
export function faultDifferences(
  projects: readonly string[],
  from = FAULTS,
  path = DOCUMENT,
  root = checkout,
): string[] {
  const results = readResults(from, root).filter(({ project }) => projects.includes(project));
  const recorded = recordedIn(results).map(keyOf);
  const table = rowsOf(readFileSync(path, 'utf8'));
  const ran = wholeFiles(results);
  const gone = table.filter(({ test }) => ran.has(test)).map(keyOf);
  return [
    ...gone.filter((key) => !recorded.includes(key)).map((key) => `in the table, not recorded: ${key}`),
    ...recorded.filter((key) => !table.map(keyOf).includes(key)).map((key) => `recorded, not in the table: ${key}`),
  ];
}

if (import.meta.main) {
  const [from = FAULTS, path = DOCUMENT, root = checkout] = process.argv.slice(2);
  const results = readResults(from, root);
  const why = refusals(results, readFileSync(path, 'utf8'));
  if (why.length > 0) {
    console.error(`the table of faults is not written:\n${why.join('\n')}`);
    process.exit(1);
  }
  writeTable(path, NAME, tableOf(results));
  console.log(`${results.flatMap(({ rows }) => rows).length} faults`);
}
