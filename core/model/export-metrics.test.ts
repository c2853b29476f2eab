import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricsPage } from './export-metrics.ts';

const PAGE = new URL('../../docs/metrics.md', import.meta.url);

test('docs/metrics.md is that of the catalogue; if not: npm run generate', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(metricsPage());
});

test('a page with one metric less is not taken for it', () => {
  const page = metricsPage();
  expect(page.replace(/\| `event_rate` .*\n/, '')).not.toBe(page);
});
