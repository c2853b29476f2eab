// What it costs that clusters are encrypted and closed to others: `npm run bench:tls`. Pairs of sessions, with and without, in an order
// that alternates; writes the table of docs/trust.md. Ten minutes on an idle machine of two cores.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import { isEligible } from '../../core/stats/eligible.ts';
import { median } from '../../core/stats/quantile.ts';
import { studentInterval } from '../../core/stats/student.ts';
import { checkout } from '../house/python.ts';
import { writeTable } from '../house/written-table.ts';
import { recordsIn } from '../system/harness.ts';

const PAIRS = 5;
const CONTROL = ['--suite', 'control', '--workers', '2'];
const CASES = {
  'ADL queries with rdataframe, 2 workers': ['--backend', 'rdataframe', '--workers', '2'],
  'ADL queries with coffea, 2 workers': ['--backend', 'coffea', '--workers', '2'],
  '1,000 empty tasks on 2 workers': [...CONTROL, '--tasks', '1000'],
  '64 tasks on 2 workers, each of which hands over 10 MB': [...CONTROL, '--tasks', '64', '--param', 'merge=1e7'],
};
const SESSION = ['--no-reference', '--sessions', '1', '--repeats', '3'];

/** Of one session: median T of its warm trials, and the time to the first result, which has the start of the cluster in it. */
interface Measured {
  readonly turnaround: number;
  readonly first: number;
}

async function session(options: readonly string[], tls: boolean): Promise<Measured> {
  const results = mkdtempSync(join(tmpdir(), 'hepbench-tls-'));
  try {
    const args = [...options, ...SESSION, ...(tls ? [] : ['--no-tls']), '--results', results];
    await execa(process.execPath, [join(checkout, 'cli/program.ts'), ...args]);
    const records = recordsIn(join(results, readdirSync(results)[0] ?? ''));
    return {
      turnaround: known(records.filter(isEligible).map(({ windows }) => windows.turnaroundSeconds)),
      first: known(records.map(({ windows }) => windows.timeToResultSeconds)),
    };
  } finally {
    rmSync(results, { recursive: true });
  }
}

function known(quantities: readonly Quantity[]): number {
  const middle = median(quantities.filter(isKnown));
  if (!isKnown(middle)) throw new Error(`no trial counts: ${middle.missing}`);
  return middle;
}

function ratio(pairs: readonly { closed: Measured; open: Measured }[], of: keyof Measured): string {
  const ratios = pairs.map(({ closed, open }) => closed[of] / open[of]);
  const interval = studentInterval(ratios, 'log');
  const middle = Math.exp(ratios.reduce((sum, value) => sum + Math.log(value), 0) / ratios.length);
  return interval ? `${middle.toFixed(3)} [${interval.lo.toFixed(3)}, ${interval.hi.toFixed(3)}]` : middle.toFixed(3);
}

const lines = ['| with TLS / without, 95 % interval | pairs | T | time to the first result |', '|---|---|---|---|'];
for (const [name, options] of Object.entries(CASES)) {
  const pairs: { closed: Measured; open: Measured }[] = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    const first = await session(options, pair % 2 === 0);
    const second = await session(options, pair % 2 !== 0);
    pairs.push(pair % 2 === 0 ? { closed: first, open: second } : { closed: second, open: first });
    process.stderr.write(`${name}: pair ${pair + 1} of ${PAIRS}: ${JSON.stringify(pairs.at(-1))}\n`);
  }
  lines.push(`| ${name} | ${PAIRS} | ${ratio(pairs, 'turnaround')} | ${ratio(pairs, 'first')} |`);
}
writeTable(join(checkout, 'docs/trust.md'), 'tls', lines.join('\n'));
process.stdout.write(`${lines.join('\n')}\n`);
