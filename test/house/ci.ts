// Everything that must hold before a merge; .ci/run calls it. The last line is the sum of all tests and checks.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { execa } from 'execa';

import packageJson from '../../package.json' with { type: 'json' };
import { addCounts, Counts, countsLine, noTests } from './counts.ts';
import { influxdBuild } from '../lab/influxd/server.ts';
import { checkout } from './python.ts';

const { scripts } = packageJson;
const results = join(checkout, '.test-results');
rmSync(results, { recursive: true, force: true });

/** Runs a script of package.json; whether it succeeded. */
async function succeeds(script: string): Promise<boolean> {
  console.log(`\n== npm run ${script}`);
  const { failed } = await execa('npm', ['run', '--silent', script], {
    cwd: checkout,
    stdio: 'inherit',
    reject: false,
  });
  return !failed;
}

/** The suites that a script names: `node test/run.ts unit pytest`. A list of its own would forget the next one. */
function suitesOf(script: 'test' | 'test:lab'): string[] {
  return scripts[script].split(' ').slice(2);
}

/** A suite that left no counts did not run, and that is a failure. */
function countsOf(suite: string): Counts {
  try {
    return Counts.parse(JSON.parse(readFileSync(join(results, `${suite}.json`), 'utf8')));
  } catch (error) {
    console.log(`${suite} did not run: ${String(error)}`);
    return { ...noTests, failed: 1 };
  }
}

// What the lab needs takes minutes to build on a new machine: beside the first tests, and only with what they leave. Whether it worked
// is seen when the lab asks for it, which waits for this build or repeats it.
void execa('nice', ['-n', '19', influxdBuild], { stdio: 'ignore', reject: false });
const parts: Record<string, Counts> = {};
parts['check'] = (await succeeds('check')) ? { ...noTests, passed: 1 } : { ...noTests, failed: 1 };
for (const script of ['test', 'test:lab'] as const) {
  await succeeds(script);
  for (const suite of suitesOf(script)) parts[suite] = countsOf(suite);
}

console.log();
const total = addCounts(Object.values(parts));
for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
for (const [name, counts] of Object.entries(parts)) console.log(`${name}: ${countsLine(counts)}`);
console.log(countsLine(total));
if (total.failed > 0) process.exit(1);
