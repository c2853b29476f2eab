// Runs suites of tests and counts: `node test/run.ts unit pytest lab`. A suite that runs nothing has failed.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { execa } from 'execa';

import { addCounts, Counts, countsLine, countsOfJunit, dearestLines, noTests } from './house/counts.ts';
import { faultDifferences } from './house/faults-table.ts';
import { analyses, checkout, developmentPython } from './house/python.ts';
import { influxdBuild } from './lab/influxd/server.ts';

const results = join(checkout, '.test-results');
/** Suites that measure nothing and need no servers: first of all, and at the same time. */
const SIDE_BY_SIDE: ReadonlySet<string> = new Set(['unit', 'pytest']);

interface Run {
  readonly exitCode: number | undefined;
  readonly counts: Counts;
}

async function runVitest(project: string, report: string): Promise<Run> {
  const vitest = join(checkout, 'node_modules/vitest/vitest.mjs');
  const { exitCode } = await execa(process.execPath, [vitest, 'run', '--project', project], {
    cwd: checkout,
    env: { BENCH_TEST_COUNTS: report },
    stdio: 'inherit',
    reject: false,
  });
  return { exitCode, counts: Counts.parse(JSON.parse(readFileSync(report, 'utf8'))) };
}

/** Prints at its end, as it may run beside another suite. */
async function runPytest(python: string, report: string): Promise<Run> {
  const { exitCode, all } = await execa(python, ['-m', 'pytest', '--junitxml', report], {
    cwd: analyses,
    all: true,
    reject: false,
  });
  console.log(all);
  return { exitCode, counts: countsOfJunit(readFileSync(report, 'utf8')) };
}

async function runSuite(name: string, python: string): Promise<Counts> {
  const report = join(results, `${name}.report`);
  rmSync(report, { force: true });
  try {
    const { exitCode, counts } = await (name === 'pytest' ? runPytest(python, report) : runVitest(name, report));
    if (counts.passed + counts.failed === 0) throw new Error('no test ran');
    if (exitCode !== 0 && counts.failed === 0) throw new Error(`all tests passed, yet it ended with ${exitCode}`);
    const differences = faultDifferences([name]);
    if (differences.length === 0) return counts;
    console.error(`${name}: docs/trust.md does not show the faults that were planted (npm run faults):`);
    for (const line of differences) console.error(line);
    return { ...counts, failed: counts.failed + 1 };
  } catch (error) {
    console.error(`${name}: ${String(error)}`);
    return { ...noTests, failed: 1 };
  }
}

const names = process.argv.slice(2);
if (names.length === 0) throw new Error('name the suites: unit, pytest, lab');
mkdirSync(results, { recursive: true });
// First of all, so that no test waits for it or hides its failure.
const python = await developmentPython();
// For minutes on a new machine, which is more than the first test of the lab is given.
if (names.some((name) => name.startsWith('lab'))) await execa(influxdBuild, { stdout: 'ignore', stderr: 'inherit' });
async function runAndKeep(name: string): Promise<Counts> {
  const counts = await runSuite(name, python);
  writeFileSync(join(results, `${name}.json`), JSON.stringify(counts));
  return counts;
}

const all = await Promise.all(names.filter((name) => SIDE_BY_SIDE.has(name)).map(runAndKeep));
for (const name of names) if (!SIDE_BY_SIDE.has(name)) all.push(await runAndKeep(name));
const total = addCounts(all);
for (const { name, reason } of total.skipped) console.log(`skipped: ${name}: ${reason}`);
console.log('the tests that took longest:');
for (const line of dearestLines(total)) console.log(line);
console.log(countsLine(total));
if (total.failed > 0) process.exit(1);
