import type { RawOptions } from '../../core/config/run-config.ts';
import { setupConfigOf } from '../../core/config/setup-config.ts';
import { ExitCode } from '../../core/errors.ts';
import { sinks } from '../../results/index.ts';
import { print } from '../output.ts';

/** `bench influx setup`: makes buckets, tokens and the downsampling task where they are missing. */
export async function influxSetupCommand(raw: RawOptions): Promise<ExitCode> {
  const config = setupConfigOf(raw, process.env);
  const { load } = sinks.influx;
  const { setupInflux } = await load();
  const say = (line: string) => print(`${line}\n`);
  const { writerFile, readerFile } = await setupInflux({ ...config, say });
  const { url, org, bucket, rawBucket } = config;
  say(`\nbench --influx-url ${quoted(url)} --influx-org ${quoted(org)} --influx-bucket ${quoted(bucket)} \\`);
  say(`  --influx-raw-bucket ${quoted(rawBucket)} --influx-token-file ${quoted(writerFile)} \\`);
  say(`  --influx-read-token-file ${quoted(readerFile)}`);
  say(`Grafana reads with the second token, too (docs/grafana.md)`);
  return ExitCode.good;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
