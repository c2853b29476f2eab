// `npm run calibrate`: simulated experiments of known truth, through the statistics that reports use. Writes the tables of
// docs/statistics.md and docs/trust.md; ends with 1 when an interval or a statement holds less than it promises.
import { join } from 'node:path';
import { checkout } from '../house/python.ts';
import { writeTable } from '../house/written-table.ts';
import { broken } from './calibrate/bounds.ts';
import { coverageCells, coverageTable } from './calibrate/coverage.ts';
import { headlineCells, headlineTable } from './calibrate/headline.ts';

const SIMULATIONS = 2_000;
/** Of the experiment that the truth of a figure is taken from. */
const TRUTH_SESSIONS = 4_000;

const coverage = coverageCells({ simulations: SIMULATIONS, truthSessions: TRUTH_SESSIONS });
const headlines = headlineCells(SIMULATIONS / 2);
const trust = join(checkout, 'docs/trust.md');
writeTable(join(checkout, 'docs/statistics.md'), 'coverage', coverageTable(coverage));
writeTable(trust, 'coverage', coverageTable(coverage.filter(({ kind }) => kind.includes('5 %'))));
writeTable(trust, 'headline', headlineTable(headlines));
process.stdout.write(`${coverageTable(coverage)}\n\n${headlineTable(headlines)}\n`);
const bad = broken(coverage, headlines);
for (const line of bad) process.stderr.write(`calibrate: out of bounds: ${line}\n`);
process.exitCode = bad.length === 0 ? 0 : 1;
