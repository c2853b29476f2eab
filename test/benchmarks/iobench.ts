// How near suite iobench comes to a plain loop over the same columns, in both backends: `npm run bench:iobench [-- --events 160000 --pairs 9]`.
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { pythonEnvironment } from '../../core/python/process.ts';
import { analyses, developmentPython } from '../house/python.ts';

const Line = z.object({
  backend: z.string(),
  columns: z.int(),
  events: z.int(),
  pairs: z.int(),
  rateRatio: z.number(),
  rateRatios: z.array(z.number()),
  cpuRateRatio: z.number(),
  cpuRateRatios: z.array(z.number()),
});
const PLAIN: Readonly<Record<string, string>> = { rdataframe: 'TTreeReader', coffea: 'uproot.arrays' };

const { stdout } = await execa(
  await developmentPython(),
  ['-W', 'ignore', join(analyses, 'benchmarks/iobench_ratio.py'), ...process.argv.slice(2)],
  { env: pythonEnvironment(), stderr: 'inherit' },
);
console.log('read rate of iobench on Dask with one worker / rate of a plain loop, medians of pairs (all pairs)');
for (const text of stdout.split('\n').filter((line) => line.startsWith('{'))) {
  const line = Line.parse(JSON.parse(text));
  const of = (median: number, all: readonly number[]) => `${median.toFixed(2)} (${all.join(', ')})`;
  console.log(
    `${line.backend} / ${PLAIN[line.backend]}, ${line.columns} columns of ${line.events} events: ` +
      `by wall clock ${of(line.rateRatio, line.rateRatios)}, by CPU ${of(line.cpuRateRatio, line.cpuRateRatios)}`,
  );
}
