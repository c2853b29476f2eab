import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Experiment } from '../../core/model/record.ts';
import { report } from '../../dashboards/report/report.ts';
import { terminal } from '../../dashboards/terminal/terminal.ts';

export const here = import.meta.dirname;

/** What is compared: the page without the bundle and its hash, which change with Chart.js and esbuild. */
function withoutBundle(page: string): string {
  return page
    .replace(/<script>[^]*?<\/script>/, '<script>/* bundle */</script>')
    .replace(/script-src &#39;sha256-[^;]*;/, 'script-src &#39;sha256-bundle&#39;;')
    .replace(/(<script id="data" type="application\/json">)([^]*?)(<\/script>)/, (_all, open: string, json: string, close: string) => `${open}${JSON.stringify(JSON.parse(json), null, 1)}${close}`);
}

/** The files that the dashboards make of an experiment. */
export async function renderGolden(experiment: Experiment): Promise<ReadonlyMap<string, string>> {
  const cacheFolder = mkdtempSync(join(tmpdir(), 'hepbench-golden-'));
  try {
    const options = { cacheFolder, columns: 160, colour: false };
    const page = await report.render(experiment, options);
    const table = await terminal.render(experiment, options);
    return new Map([
      ['report.html', withoutBundle(page.body)],
      ['table.txt', table.body],
    ]);
  } finally {
    rmSync(cacheFolder, { recursive: true, force: true });
  }
}
