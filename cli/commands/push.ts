import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RawOptions } from '../../core/config/run-config.ts';
import { influxConfigOf } from '../../core/config/sinks.ts';
import { badOption, type BenchError, ExitCode, resultsUnusable, systemCode, worstExitCode } from '../../core/errors.ts';
import { sinks } from '../../results/index.ts';
import { pathsOf, readExperiment } from '../../results/store/folder.ts';
import { SEGMENT } from '../monitor/segments.ts';
import { sinkLine } from '../sinks.ts';
import { storedOf } from '../stored.ts';
import { chosenFolder, recordsOf } from './report.ts';

/**
 * `bench push`: sends what an experiment or a monitor has not sent yet; everything again is harmless, as every point has its own time. With
 * `--verify` it reads back what the server holds.
 */
export async function pushCommand(folder: string | undefined, raw: RawOptions): Promise<ExitCode> {
  const influx = influxConfigOf(raw, process.env);
  if (!influx) throw badOption('--influx-url', '', 'the address of an InfluxDB, such as http://localhost:8086');
  const chosen = resolve(chosenFolder(folder, String(raw['results'])));
  const { journals, damaged } = await journalsIn(chosen);
  for (const { message, hint } of damaged) process.stderr.write(`bench: ${message}\n  ${hint}\n`);
  const [{ load }] = sinks;
  const { forget, pushAll } = await load();
  if (raw['again'] === true) forget(influx, journals);
  const begun = performance.now();
  const report = await pushAll(influx, journals, influx.waitMs);
  process.stdout.write(`${sinkLine(report, (performance.now() - begun) / 1000, chosen)}\n`);
  const codes: ExitCode[] = damaged.map(({ exitCode }) => exitCode);
  if (report.problem !== null) codes.push(ExitCode.sinkFailed);
  else if (raw['verify'] === true) {
    const { line, isAll } = await storedOf(influx, journals, chosen);
    process.stdout.write(`${line}\n`);
    if (isAll !== true) codes.push(ExitCode.sinkFailed);
  }
  return worstExitCode(codes);
}

interface Journals {
  readonly journals: readonly string[];
  /** Why journals cannot be read whole; what can be read of them is sent all the same. */
  readonly damaged: readonly BenchError[];
}

async function journalsIn(folder: string): Promise<Journals> {
  const segments = segmentsIn(folder);
  const paths = pathsOf(folder);
  if (segments.length > 0 && !existsSync(paths.experiment)) return { journals: segments, damaged: [] };
  const file = readExperiment(folder);
  // Also for trials that were killed before their record was written.
  const { unreadable } = await recordsOf(folder, file);
  return {
    journals: file.blocks
      .flatMap((block) => block.trials.map((trial) => paths.journal(block.id, trial.id)))
      .filter((path) => existsSync(path)),
    damaged: unreadable.map(({ error }) => error),
  };
}

/** The journals of a monitor. */
function segmentsIn(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => SEGMENT.test(name));
    return names.toSorted().map((name) => join(folder, name));
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw resultsUnusable(folder, `cannot be read: ${code}`, 'name the folder of an experiment or of a monitor', error);
  }
}
