// `npm run mutants`: runs `bench` with each fault of mutants.json planted into a copy of the program, and writes into docs/trust.md
// how many were caught: exit code 5, and a message that names what is wrong. Ends with 1 when one was not. About 8 s for each.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout } from '../house/python.ts';
import { writeTable } from '../house/written-table.ts';
import { bench, makePlace, mutant, type Place } from '../system/harness.ts';

const Mutants = z.array(
  z.strictObject({
    kind: z.string(),
    what: z.string(),
    backend: z.enum(['coffea', 'rdataframe']),
    file: z.string(),
    before: z.string(),
    after: z.string(),
    queries: z.string(),
  }),
);
type Mutant = z.infer<typeof Mutants>[number];

const SMALL = '--files 2 --events 16000 --workers 1 --tasks 4 --no-reference --sessions 1 --repeats 1'.split(' ');
/** A histogram with one of its bins, or a count of events, or a histogram that is not in the answer. */
const NAMED = /q\d\w+, (bin \d+ \(|underflow|overflow)|\d+ events read, \d+ planned|q\d\w+: not in the answer/;

/** What the run said of the fault; undefined when it was not caught as a wrong answer with the place named. */
async function caught(place: Place, { file, before, after, backend, queries }: Mutant): Promise<string | undefined> {
  const root = mutant(place, file, before, after);
  const run = await bench(place, [...SMALL, '--backend', backend, '--param', `queries=${queries}`], root);
  const said = NAMED.exec(run.stderr);
  if (run.exitCode === 5 && said) return said[0];
  process.stderr.write(
    `not caught: ${backend}, ${file}: ${after}\nexit ${run.exitCode}\n${run.stderr.slice(0, 2_000)}\n`,
  );
  return undefined;
}

function tableOf(all: readonly Mutant[], found: ReadonlySet<Mutant>): string {
  const kinds = [...Map.groupBy(all, ({ kind }) => kind)];
  const rows = kinds.map(
    ([kind, own]) => `| ${kind} | ${own.length} | ${own.filter((one) => found.has(one)).length} |`,
  );
  return [
    '| kind of fault | planted | caught |',
    '|---|---|---|',
    ...rows,
    `| all | ${all.length} | ${found.size} |`,
  ].join('\n');
}

const all = Mutants.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'mutants.json'), 'utf8')));
const place = makePlace();
const found = new Set<Mutant>();
try {
  for (const [index, one] of all.entries()) {
    const said = await caught(place, one);
    if (said !== undefined) found.add(one);
    process.stdout.write(`${index + 1}/${all.length} ${one.backend}, ${one.what}: ${said ?? 'NOT CAUGHT'}\n`);
  }
} finally {
  place.remove();
}
writeTable(join(checkout, 'docs/trust.md'), 'mutants', tableOf(all, found));
process.exitCode = found.size === all.length ? 0 : 1;
