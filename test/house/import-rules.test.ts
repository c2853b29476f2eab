import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const config = join(checkout, '.dependency-cruiser.cjs');

const Cruise = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function cruise(folder: string) {
  const depcruise = join(checkout, 'node_modules/.bin/depcruise');
  const args = ['--config', join(folder, '.dependency-cruiser.cjs'), '--output-type', 'json', '.'];
  const { stdout } = await execa(depcruise, args, { cwd: folder, reject: false });
  return Cruise.parse(JSON.parse(stdout)).summary;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-imports-'));
  cpSync(config, join(folder, '.dependency-cruiser.cjs'));
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies: {}, devDependencies: { vitest: '*' } }));
});
afterEach(() => rmSync(folder, { recursive: true }));

function plant(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The names of the rules that the planted files break. */
async function brokenRules(files: Record<string, string>): Promise<string[]> {
  plant(files);
  const { violations } = await cruise(folder);
  return [...new Set(violations.map(({ rule }) => rule.name))].toSorted();
}

const leaf = 'export const leaf = 1;';

test('the checkout keeps all rules, and its modules were really read', async () => {
  const { totalCruised, violations } = await cruise(checkout);
  expect(violations).toEqual([]);
  expect(totalCruised).toBeGreaterThan(10);
});

test('what the table allows breaks no rule', async () => {
  const files = {
    'core/errors.ts': leaf,
    'core/model/record.ts': `import { z } from 'zod'; export const record = z.string();`,
    'core/stats/fit.ts': `import { record } from '../model/record.ts'; export const fit = record;`,
    'runners/runner.ts': `import type { record } from '../core/model/record.ts'; export type Runner = typeof record;`,
    'core/engine/trial.ts': `import type { Runner } from '../../runners/runner.ts'; export type Trial = Runner;`,
    'runners/local/runner.ts': `import type { Runner } from '../runner.ts'; import { leaf } from '../../core/errors.ts'; export const runner = [leaf] as unknown as Runner;`,
    'runners/index.ts': `export const runners = [{ load: () => import('./local/runner.ts') }];`,
    'dashboards/charts/scaling.ts': `import { Chart } from 'chart.js'; import { fit } from '../../core/stats/fit.ts'; export const chart = [Chart, fit];`,
    'dashboards/explorer/server.ts': `import { createServer } from 'node:http'; export const serve = createServer;`,
    'cli/program.ts': `import { Command } from 'commander'; import { runners } from '../runners/index.ts'; export const program = [Command, runners];`,
    'core/stats/fit.test.ts': `import { test } from 'vitest'; import { readFileSync } from 'node:fs'; import { fit } from './fit.ts'; test('x', () => [readFileSync, fit]);`,
  };
  expect(await brokenRules(files)).toEqual([]);
});

const violations: [rule: string, files: Record<string, string>][] = [
  [
    'no-cycles',
    {
      'core/a.ts': `import { b } from './b.ts'; export const a = () => b;`,
      'core/b.ts': `import { a } from './a.ts'; export const b = () => a;`,
    },
  ],
  ['no-unresolved-imports', { 'core/a.ts': `export * from './nowhere.ts';` }],
  ['families-stay-apart', { 'runners/a.ts': `export * from '../collectors/b.ts';`, 'collectors/b.ts': leaf }],
  [
    'families-stay-apart',
    { 'runners/a.ts': `export const load = () => import('../collectors/b.ts');`, 'collectors/b.ts': leaf },
  ],
  ['families-stay-apart', { 'runners/a.ts': `export type * from '../collectors/b.ts';`, 'collectors/b.ts': leaf }],
  [
    'families-import-only-model-and-errors',
    { 'suites/a.ts': `export * from '../core/stats/b.ts';`, 'core/stats/b.ts': leaf },
  ],
  [
    'dashboards-import-only-model-stats-and-errors',
    { 'dashboards/a.ts': `export * from '../core/engine/b.ts';`, 'core/engine/b.ts': leaf },
  ],
  ['dashboards-without-network', { 'dashboards/report/a.ts': `export { request } from 'node:http';` }],
  ['model-imports-only-zod', { 'core/model/a.ts': `export { readFile } from 'node:fs';` }],
  ['model-imports-only-zod', { 'core/model/a.ts': `export * from '../errors.ts';`, 'core/errors.ts': leaf }],
  ['stats-without-io', { 'core/stats/a.ts': `export { readFile } from 'node:fs/promises';` }],
  ['stats-import-only-model', { 'core/stats/a.ts': `export * from '../config/b.ts';`, 'core/config/b.ts': leaf }],
  [
    'engine-knows-contracts-only',
    { 'core/engine/a.ts': `export * from '../../results/store/b.ts';`, 'results/store/b.ts': leaf },
  ],
  [
    'contracts-are-types-in-engine',
    { 'core/engine/a.ts': `export * from '../../results/sink.ts';`, 'results/sink.ts': leaf },
  ],
  ['core-below-families', { 'core/config/a.ts': `export * from '../../results/sink.ts';`, 'results/sink.ts': leaf }],
  ['only-cli-reads-the-lists', { 'runners/a.ts': `export * from './index.ts';`, 'runners/index.ts': leaf }],
  ['nobody-imports-cli', { 'core/a.ts': `export * from '../cli/b.ts';`, 'cli/b.ts': leaf }],
  ['no-test-code-in-the-program', { 'core/a.ts': `export * from '../test/b.ts';`, 'test/b.ts': leaf }],
  ['no-development-packages-in-the-program', { 'core/a.ts': `export { test } from 'vitest';` }],
  ['home-of-chart-js', { 'cli/a.ts': `export { Chart } from 'chart.js';` }],
  ['home-of-commander', { 'suites/a.ts': `export { Command } from 'commander';` }],
  ['home-of-duckdb', { 'results/influx/a.ts': `export * from '@duckdb/node-api';` }],
  [
    'grafana-is-made-beforehand',
    { 'cli/a.ts': `export * from '../dashboards/grafana/b.ts';`, 'dashboards/grafana/b.ts': leaf },
  ],
  ['home-of-prom-client', { 'results/influx/a.ts': `export { Registry } from 'prom-client';` }],
  ['home-of-influxdata-influxdb-client', { 'cli/a.ts': `export { InfluxDB } from '@influxdata/influxdb-client';` }],
  ['home-of-tinybench', { 'core/a.ts': `export { Bench } from 'tinybench';` }],
];

test.each(violations)('%s sees a planted violation (%#)', async (rule, files) => {
  expect(await brokenRules(files)).toEqual([rule]);
});

test('a package that is not installed yet is seen, too', async () => {
  const rules = await brokenRules({ 'core/a.ts': `export * from '@kubernetes/client-node';` });
  expect(rules).toContain('home-of-kubernetes-client-node');
});
