import { defineConfig } from 'vitest/config';

import { countsReporter } from './test/house/counts.ts';
import { FAULTS, faultsReporter } from './test/house/fault-results.ts';

/** Of the lab: files that compare times or CPU, or start 64 workers. */
const LAB_ALONE = ['events-advice', 'influx', 'many-workers', 'monitor'].map((name) => `test/lab/${name}.test.ts`);

/** Of the system: files that measure something, which nothing else may disturb. */
const ALONE = ['loss-budget', 'page-cache', 'paused', 'probe', 'self', 'watching'].map(
  (name) => `test/system/${name}.test.ts`,
);

const counts = process.env['BENCH_TEST_COUNTS'];

export default defineConfig({
  test: {
    reporters: ['default', faultsReporter(FAULTS), ...(counts ? [countsReporter(counts)] : [])],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['node_modules/**', 'test/lab/**', 'test/system/**', 'results/runs/**'],
          // Checks that start compilers, browsers or Python take seconds on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          // The real command line on real clusters of this machine, two files at a time: while one waits for its processes the other computes.
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          name: 'system-alone',
          include: ALONE,
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        test: {
          // Real servers and real installations: while one waits for its server or for packages others compute.
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          exclude: LAB_ALONE,
          maxWorkers: 3,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'lab-alone',
          include: LAB_ALONE,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
