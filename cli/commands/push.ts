import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RawOptions } from '../../core/config/run-config.ts';
import { influxConfigOf } from '../../core/config/sinks.ts';
import { readJournal } from '../../core/engine/journal.ts';
import {
  badOption,
  BenchError,
  ExitCode,
  journalDamaged,
  resultsUnusable,
  systemCode,
  worstExitCode,
} from '../../core/errors.ts';
import { sinks } from '../../results/index.ts';
import type { Settled } from '../../results/influx/sink.ts';
import { pathsOf, readExperiment } from '../../results/store/folder.ts';
import { isExperiment, SEGMENT } from '../../results/store/kinds.ts';
import { sinkLine } from '../sinks.ts';
import { storedOf } from '../stored.ts';
import { chosenFolder, recordsOf } from './report.ts';
import { print, tell } from '../output.ts';

/**
 * `bench push`: sends what an experiment or a monitor has not sent yet; everything again is harmless, as every point has its own time. With
 * `--verify` it reads back what the server holds.
 */
export async function pushCommand(folder: string | undefined, raw: RawOptions): Promise<ExitCode> {
  const influx = influxConfigOf(raw, process.env);
  if (!influx) throw badOption('--influx-url', '', 'the address of an InfluxDB, such as http://localhost:8086');
  const chosen = resolve(chosenFolder(folder, String(raw['results'])));
  const { paths, damaged } = isExperiment(chosen) ? await trialsIn(chosen) : monitorIn(chosen);
  const { load } = sinks.influx;
  const { forget, pushAll, saysItsRun, settledOf } = await load();
  for (const [path, error] of damaged)
    if (isReadable(error) && existsSync(path) && !(await saysItsRun(path))) damaged.set(path, headless(path));
  const again = raw['again'] === true;
  const isCut = (path: string) => isShorter(path, () => settledOf(influx, path), again);
  const cut = new Set(paths.filter((path) => !damaged.has(path) && isCut(path)));
  for (const path of cut) damaged.set(path, cutShort(path, settledOf(influx, path).offset, again));
  for (const { message, hint } of damaged.values()) tell(`bench: ${message}\n  ${hint}\n`);
  const isSent = (path: string) => isReadable(damaged.get(path)) && (again || !cut.has(path));
  const journals = paths.filter((path) => existsSync(path) && isSent(path));
  if (again) forget(influx, journals);
  const begun = performance.now();
  const unwhole = new Set(damaged.keys());
  const report = await pushAll(influx, journals, influx.waitMs, unwhole);
  print(`${sinkLine(report, (performance.now() - begun) / 1000, chosen)}\n`);
  const codes: ExitCode[] = [...damaged.values()].map(({ exitCode }) => exitCode);
  if (report.problem !== null) codes.push(ExitCode.sinkFailed);
  else if (raw['verify'] === true) {
    const { line, isAll } = await storedOf(influx, journals, chosen, unwhole);
    print(`${line}\n`);
    if (isAll !== true) codes.push(ExitCode.sinkFailed);
  }
  return worstExitCode(codes);
}

interface Journals {
  /** Where journals are, or were. */
  readonly paths: readonly string[];
  /** Why journals are not whole, by their paths. */
  readonly damaged: Map<string, BenchError>;
}

async function trialsIn(folder: string): Promise<Journals> {
  const file = readExperiment(folder);
  const paths = pathsOf(folder);
  // Also for trials that were killed before their record was written.
  const { unreadable } = await recordsOf(folder, file);
  const journals = file.blocks.flatMap((block) => block.trials.map((trial) => paths.journal(block.id, trial.id)));
  return { paths: journals, damaged: new Map(unreadable.map(({ journal, error }) => [journal, error])) };
}

/** The journal of a monitor, file by file. */
function monitorIn(folder: string): Journals {
  const names = namesIn(folder);
  const segments = names.map((name) => name.replace(/\..*$/, '.jsonl')).filter((name) => SEGMENT.test(name));
  // There is nothing of a monitor: what the folder is, is told where experiments are read.
  if (segments.length === 0) readExperiment(folder);
  const journals = [...new Set(segments)].toSorted().map((name) => join(folder, name));
  const damaged = new Map<string, BenchError>();
  for (const [index, path] of journals.entries()) {
    try {
      if (!existsSync(path)) continue;
      const { torn } = readJournal(path, RESTORE);
      // A kill cuts the last file short; after another one nothing would have been written.
      if (torn && index < journals.length - 1)
        damaged.set(path, journalDamaged(path, 'its last line is cut short', undefined, RESTORE));
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      // The monitor may be running, and has let go of a file that was sent.
      if (existsSync(path)) damaged.set(path, error);
    }
  }
  return { paths: journals, damaged };
}

const RESTORE = 'restore the file and send everything with --again; what can be read of it is sent all the same';

/** Whether the journal holds less than what was sent of it, or is gone. */
function isShorter(path: string, settledOf: () => Settled, again: boolean): boolean {
  const size = sizeOf(path);
  try {
    const { offset, unfit } = settledOf();
    // Whoever sends everything again may have restored a file of which lines could not be read, and the right ones may be shorter.
    return offset > (size ?? 0) && !(again && size !== undefined && unfit > 0);
  } catch (error) {
    // How far a journal was sent is about to be forgotten.
    if (again && error instanceof BenchError) return false;
    throw error;
  }
}

/** Not sent but with `--again`: a summary made of what is left would take the place of the right one. */
function cutShort(path: string, settled: number, again: boolean): BenchError {
  const size = sizeOf(path);
  const why = size === undefined ? 'is gone' : `holds ${size} bytes`;
  return journalDamaged(
    path,
    `${why}, and ${settled} bytes of it were sent: it was cut short, replaced or removed since`,
    undefined,
    again ? RESTORE : 'restore the file; what the server holds of it stays there',
  );
}

function headless(path: string): BenchError {
  return resultsUnusable(
    path,
    'the first lines, which say of which run and site it is, cannot be read',
    'restore the file; nothing of it is sent',
  );
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

/** Whether lines of the journal can be sent: not those of a file that the system does not read, or that a newer hepbench wrote. */
function isReadable(error: BenchError | undefined): boolean {
  return error === undefined || (error.code === 'journal-damaged' && systemCode(error.cause) === undefined);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw resultsUnusable(folder, `cannot be read: ${code}`, 'name the folder of an experiment or of a monitor', error);
  }
}
