import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemCode } from '../../core/errors.ts';
import { makeFolders } from '../../core/make-folders.ts';

const here = import.meta.dirname;
const entry = join(here, 'browser/main.ts');

/** Everything of ours that ends up in the bundle, and what pins the packages. */
function sources(): readonly string[] {
  const dashboards = join(here, '..');
  const folders = ['charts', 'report/browser', 'view'].map((folder) => join(dashboards, folder));
  const own = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const code = own.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
  return [
    ...code.toSorted(),
    join(dashboards, 'format.ts'),
    join(here, 'bundle.ts'),
    join(dashboards, '../package-lock.json'),
  ];
}

function contentHash(): string {
  const hash = createHash('sha256');
  for (const path of sources()) hash.update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

async function build(): Promise<string> {
  const { build: bundle } = await import('esbuild');
  const { outputFiles } = await bundle({
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'ascii',
    legalComments: 'none',
    // Chart.js asks its licence to be kept with copies.
    banner: { js: '/* contains Chart.js, https://www.chartjs.org, (c) Chart.js Contributors, MIT License */' },
  });
  const text = outputFiles[0]?.text;
  if (text === undefined) throw new Error('esbuild returned no output');
  return text.replaceAll(/<\/(script)/gi, String.raw`<\/$1`).replaceAll('<!--', String.raw`<\!--`);
}

function cached(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // Whatever the reason: it is built again.
    if (systemCode(error) !== undefined) return undefined;
    throw error;
  }
}

/** The browser script with Chart.js, built once for each state of the sources and kept in `cacheFolder`, where that can be written. */
export async function browserBundle(cacheFolder: string): Promise<string> {
  const path = join(cacheFolder, `report-${contentHash()}.js`);
  const known = cached(path);
  if (known !== undefined) return known;
  const built = await build();
  keep(path, built);
  return built;
}

function keep(path: string, built: string): void {
  try {
    makeFolders(dirname(path));
    // Another process may build at the same time; a rename never shows half a file.
    const partial = `${path}.${process.pid}`;
    writeFileSync(partial, built);
    renameSync(partial, path);
  } catch (error) {
    // It only saves time, and the next report builds it again.
    if (systemCode(error) === undefined) throw error;
  }
}
