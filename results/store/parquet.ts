import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const SAMPLES = `
  SELECT trial, collector, target, t, unnest(map_entries(values), recursive := true)
  FROM events WHERE type = 'sample' ORDER BY trial, t`;

const TASKS = `
  SELECT trial, key, kind, worker, status, start, stop, len(transfers) AS transfers, unnest(meter)
  FROM events WHERE type = 'task' ORDER BY trial, start`;

const COLUMNS = `{
  trial: 'VARCHAR', type: 'VARCHAR', t: 'DOUBLE', collector: 'VARCHAR', target: 'VARCHAR', values: 'MAP(VARCHAR, DOUBLE)',
  key: 'VARCHAR', kind: 'VARCHAR', worker: 'VARCHAR', status: 'VARCHAR', start: 'DOUBLE', stop: 'DOUBLE', transfers: 'JSON[]',
  meter: 'STRUCT("wallSeconds" DOUBLE, "cpuSeconds" DOUBLE, "processCpuSeconds" DOUBLE, "runQueueSeconds" DOUBLE,
    "readSeconds" DOUBLE, "readCpuSeconds" DOUBLE, "compileSeconds" DOUBLE, "compileCpuSeconds" DOUBLE,
    "openSeconds" DOUBLE, "openCpuSeconds" DOUBLE, "handoverCpuSeconds" DOUBLE,
    "bytesRead" DOUBLE, "readCalls" DOUBLE, "rcharBytes" DOUBLE, "blockReadBytes" DOUBLE)'
}`;

/** A path below the folder of an experiment as they all are, without a letter that a pattern has. */
const PLAIN = /^blocks\/[\w-]+\/[\w-]+\/events\.jsonl$/;

/**
 * Writes `samples.parquet` (trial, collector, target, t, key, value) and `tasks.parquet` (a row for each task) of these journals into the
 * folder.
 */
export async function writeParquet(folder: string, journals: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  // DuckDB takes every name for a pattern: these are plain, whatever the folder is called.
  const links = mkdtempSync(join(tmpdir(), 'hepbench-tables-'));
  try {
    const whole = join(links, 'experiment');
    symlinkSync(resolve(folder), whole);
    const names = journals.map((journal, index) => {
      const inside = relative(folder, journal);
      if (PLAIN.test(inside)) return quoted(join(whole, inside));
      const link = join(links, `${index}.jsonl`);
      symlinkSync(resolve(journal), link);
      return quoted(link);
    });
    await connection.run(
      `CREATE VIEW events AS SELECT * FROM read_json([${names.join(', ')}], format = 'newline_delimited', columns = ${COLUMNS}, ignore_errors = true)`,
    );
    for (const [name, query] of [
      ['samples', SAMPLES],
      ['tasks', TASKS],
    ] as const) {
      await connection.run(
        `COPY (${query}) TO ${quoted(join(folder, `${name}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`,
      );
    }
  } finally {
    rmSync(links, { recursive: true });
    connection.closeSync();
    instance.closeSync();
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
