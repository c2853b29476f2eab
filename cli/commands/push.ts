import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RawOptions } from '../../core/config/run-config.ts';
import { influxConfigOf } from '../../core/config/sinks.ts';
import { badOption, ExitCode } from '../../core/errors.ts';
import { sinks } from '../../results/index.ts';
import { pathsOf, readExperiment } from '../../results/store/folder.ts';
import { sinkLine } from '../sinks.ts';
import { chosenFolder, recordsOf } from './report.ts';

/** `bench push`: sends what an experiment has not sent yet; everything again is harmless, as every point has its own time. */
export async function pushCommand(folder: string | undefined, raw: RawOptions): Promise<ExitCode> {
  const influx = influxConfigOf(raw, process.env);
  if (!influx) throw badOption('--influx-url', '', 'the address of an InfluxDB, such as http://localhost:8086');
  const chosen = resolve(chosenFolder(folder, String(raw['results'])));
  const file = readExperiment(chosen);
  // Also for trials that were killed before their record was written.
  const { unreadable } = await recordsOf(chosen, file);
  if (unreadable[0]) throw unreadable[0].error;
  const paths = pathsOf(chosen);
  const [{ load }] = sinks;
  const { pushAll } = await load();
  const journals = file.blocks
    .flatMap((block) => block.trials.map((trial) => paths.journal(block.id, trial.id)))
    .filter((path) => existsSync(path));
  const begun = performance.now();
  const report = await pushAll(influx, journals, influx.waitMs);
  process.stdout.write(`${sinkLine(report, (performance.now() - begun) / 1000)}\n`);
  return report.problem === null ? ExitCode.good : ExitCode.sinkFailed;
}
