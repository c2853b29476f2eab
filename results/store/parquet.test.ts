import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { syntheticJournal } from '../../suites/self/synthetic.ts';
import { pathsOf } from './folder.ts';
import { writeParquet } from './parquet.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'parquet-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

async function rowsOf(folder: string, query: string): Promise<unknown> {
  // Under a plain name: DuckDB takes the name of a file for a pattern.
  symlinkSync(folder, join(parent, 'plain'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const read = await connection.runAndReadAll(query.replace('$', join(parent, 'plain')));
  connection.closeSync();
  return read.getRowObjectsJson();
}

test.each(['plain', 'a b', 'a[b]', 'a*b', 'a?b', String.raw`a\b`, "a'b", 'a{b,c}', 'a#b%20', 'a\nb', 'aü'])(
  'samples and tasks of a folder %j are those of its journals, and of no attempt that was put aside',
  async (name) => {
    const folder = join(parent, `of ${name}`);
    const lines = syntheticJournal({ workers: 2, seconds: 3, tasks: 5 }).map((event) => JSON.stringify(event));
    const { journal } = pathsOf(folder);
    for (const path of [journal('b001', 't'), journal('b001.aborted-1', 't')]) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${lines.join('\n')}\n`);
    }
    await writeParquet(folder, [journal('b001', 't')]);
    expect(readdirSync(folder).toSorted()).toEqual(['blocks', 'samples.parquet', 'tasks.parquet']);
    const samples = `SELECT count(*) AS n FROM read_parquet('$/samples.parquet') WHERE key = 'rss_bytes'`;
    expect(await rowsOf(folder, samples)).toEqual([{ n: '8' }]);
    rmSync(join(parent, 'plain'));
    expect(await rowsOf(folder, `SELECT count(*) AS n FROM read_parquet('$/tasks.parquet')`)).toEqual([{ n: '5' }]);
  },
);
