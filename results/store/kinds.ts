import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type BenchError, resultsUnusable, systemCode } from '../../core/errors.ts';

/** Names of the files of a monitor's journal. */
export const SEGMENT = /^segment-\d+\.jsonl$/;
/** What a monitor writes even where it finds no cluster. */
export const MONITOR_LOG = 'monitor.log';

const EXPERIMENT = 'experiment.json';
/** Of a trial below its experiment. */
const DEPTH = 3;

export function isExperiment(folder: string): boolean {
  return existsSync(join(folder, EXPERIMENT));
}

/** The refusal of a folder without an experiment: what it is instead, and who takes that. */
export function noExperiment(folder: string): BenchError {
  const names = namesIn(folder);
  const isWatched = names.some((name) => SEGMENT.test(name));
  if (!isWatched && names.includes(MONITOR_LOG)) {
    const what = 'is the folder of a monitor that found no scheduler: it has no journal';
    return resultsUnusable(folder, what, 'start the monitor again where a scheduler runs');
  }
  if (isWatched) {
    const hint = `\`bench push ${folder}\` sends it to InfluxDB; reports are made of experiments, which \`bench list experiments\` shows`;
    return resultsUnusable(folder, 'is the journal of a monitor, not an experiment', hint);
  }
  let above = resolve(folder);
  for (let level = 0; level < DEPTH; level += 1) {
    above = dirname(above);
    if (isExperiment(above))
      return resultsUnusable(folder, `is a part of an experiment`, `name the whole of it, ${above}`);
  }
  if (names.some((name) => isExperiment(join(folder, name)))) {
    const hint = `name one of them, as \`bench list experiments --results ${folder}\` shows them`;
    return resultsUnusable(folder, 'holds experiments, and is none itself', hint);
  }
  if (names.some((name) => namesIn(join(folder, name)).includes(MONITOR_LOG))) {
    const hint = `\`bench push ${join(folder, '<monitor>')}\` sends one of them to InfluxDB; reports are made of experiments`;
    return resultsUnusable(folder, 'holds journals of monitors, and no experiment', hint);
  }
  const hint = 'name the folder of an experiment, as `bench list experiments` shows them';
  return resultsUnusable(join(folder, EXPERIMENT), 'does not exist', hint);
}

/** What the folder holds; nothing where it is none, or cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return [];
  }
}
