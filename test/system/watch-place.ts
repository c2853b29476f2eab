// What a fault cost at a place of tests: what `bench` began there is counted when the test has ended, and what is still there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type FaultCounter, type FaultWatch, watches } from '../house/fault-watches.ts';

/** One `bench` that was started, and what came of it. */
export interface Ran {
  readonly args: readonly string[];
  /** Both streams, as far as they have come. */
  readonly text: () => string;
  /** Undefined while it runs, null after a signal. */
  exitCode?: number | null | undefined;
}

/** A folder of tests with cache and results in it; what `bench` keeps for the moment goes into `temporary`. */
interface Place {
  readonly folder: string;
  readonly cache: string;
  readonly results: string;
  readonly temporary: string;
}

/** Who watches a place: told of each `bench` that starts there and of each that has ended. */
export interface PlaceWatch {
  begun(args: readonly string[], text: () => string): Ran;
  ended(run: Ran, exitCode: number | null | undefined): void;
  stop(): boolean;
}

/**
 * Has each fault counted that is planted while the place is there. `again` is one more run at it; what was ended may take `endMs` to be
 * gone.
 */
export function watchPlace(place: Place, again: () => Promise<void>, endMs = END_MS): PlaceWatch {
  let runs: Ran[] = [];
  let losses = new Map<string, Loss>();
  let before = segmentsIn(place);
  const look = (experiment: string) => {
    const own = runs.filter((run) => experimentOf(place, run) === experiment);
    if (existsSync(experiment)) losses.set(experiment, lossOf(experiment, own));
  };
  const lookAtMonitors = () => {
    for (const [folder, segments] of Map.groupBy(segmentsSince(place, before), dirname))
      losses.set(folder, monitorLossOf(segments));
  };
  const watch: FaultWatch = () => {
    [runs, losses, before] = [[], new Map(), segmentsIn(place)];
    const known = experimentsIn(place.results);
    return async (counter) => {
      for (const experiment of experimentsIn(place.results)) if (!known.includes(experiment)) look(experiment);
      for (const run of runs) {
        const experiment = experimentOf(place, run);
        if (experiment !== undefined) look(experiment);
      }
      lookAtMonitors();
      countLosses(counter, [...losses.values()]);
      await countRest(counter, place, endMs, runs.some(({ exitCode }) => exitCode === null) ? again : undefined);
    };
  };
  watches.add(watch);
  return {
    begun(args, text) {
      const run: Ran = { args, text };
      runs.push(run);
      return run;
    },
    ended(run, exitCode) {
      run.exitCode = exitCode;
      const experiment = experimentOf(place, run);
      // What is elsewhere, such as on a small disk, may be gone when the test has ended.
      if (experiment !== undefined && !experiment.startsWith(place.results)) look(experiment);
      if (run.args[0] === 'monitor') lookAtMonitors();
    },
    stop: () => watches.delete(watch),
  };
}

function countLosses(counter: FaultCounter, losses: readonly Loss[]): void {
  counter.begun(losses.reduce((sum, { journals }) => sum + journals, 0));
  for (const { trials, trialsMissing, lines, linesMissing } of losses) {
    counter.lost('trials', trials, trialsMissing);
    counter.lost('lines', lines, linesMissing);
  }
}

/** Counts what is there when all has ended; where `bench` was killed with -9, after the next run, which takes away what that one could not. */
async function countRest(
  counter: FaultCounter,
  place: Place,
  endMs: number,
  again?: () => Promise<void>,
): Promise<void> {
  for (const start = Date.now(); processesAt(place.folder).length > 0 && Date.now() - start < endMs;) await sleep(20);
  counter.left('processes', processesAt(place.folder).length);
  if (again && filesLeft(place) > 0) await again();
  counter.left('files', filesLeft(place));
  counter.left('locks', locksHeld(place));
}

/** Temporary files, and parts of data sets that were being made or removed. Dask keeps two locks for the folder that all share. */
function filesLeft({ temporary, cache }: Place): number {
  const names = readdirSync(temporary, { recursive: true, encoding: 'utf8' });
  const data = join(cache, 'datasets');
  const parts = existsSync(data) ? readdirSync(data).filter((name) => /^\.(new|old)-/.test(name)) : [];
  return names.filter((name) => !/^dask-scratch-space(\/(global|purge)\.lock)?$/.test(name)).length + parts.length;
}

/** Locks of data sets that somebody holds. */
function locksHeld({ cache }: Place): number {
  const folder = join(cache, 'datasets/.locks');
  if (!existsSync(folder)) return 0;
  const held = new Set(
    [...readFileSync('/proc/locks', 'utf8').matchAll(/:(\d+) \d+ (?:\d+|EOF)$/gm)].map(([, inode]) => inode),
  );
  return readdirSync(folder).filter((name) => held.has(String(statSync(join(folder, name)).ino))).length;
}

interface Loss {
  readonly journals: number;
  readonly trials: number;
  readonly trialsMissing: number;
  readonly lines: number;
  readonly linesMissing: number;
}

/** So long may what was ended take to be gone. */
const END_MS = 30_000;
/** Exit codes after which every planned trial must be there, as far as `bench` does not say that some are left. */
const TO_THE_END = [0, 4, 5, 6, 7];

const Line = z.object({
  source: z.string(),
  seq: z.number(),
  type: z.string(),
  counts: z.record(z.string(), z.number()).optional(),
});
const Plan = z.object({ blocks: z.array(z.object({ trials: z.array(z.unknown()) })) });

/** Lines of a journal by what sources numbered, not by what the product reads: a last one that is cut short was never whole. */
function linesOf(path: string): z.infer<typeof Line>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        return [Line.parse(JSON.parse(line))];
      } catch {
        // Its number is missing, and that counts.
        return [];
      }
    });
}

/**
 * How many numbers each source had given by its last line, or by what the end of the journal says, and how many of them are not there. A
 * source goes on in the next file of a journal, or begins with 1 again.
 */
function gapsIn(files: readonly (readonly z.infer<typeof Line>[])[]): { of: number; missing: number } {
  const sum = { of: 0, missing: 0 };
  const before = new Map<string, number>();
  for (const lines of files) {
    const seen = new Map<string, Set<number>>();
    const last = new Map<string, number>();
    for (const { source, seq, type, counts } of lines) {
      seen.set(source, (seen.get(source) ?? new Set()).add(seq));
      const said = type === 'done' ? Object.entries(counts ?? {}) : [];
      for (const [name, count] of [[source, seq] as const, ...said])
        last.set(name, Math.max(last.get(name) ?? 0, count));
    }
    for (const [source, count] of last) {
      const numbers = seen.get(source) ?? new Set();
      const of = count - (numbers.has(1) ? 0 : (before.get(source) ?? 0));
      sum.of += of;
      sum.missing += of - numbers.size;
      before.set(source, count);
    }
  }
  return sum;
}

/** What is there of an experiment against what `runs` of it said: a trial that ended is whole, and no line between two others is gone. */
function lossOf(experiment: string, runs: readonly Ran[]): Loss {
  const blocks = join(experiment, 'blocks');
  const journals = (existsSync(blocks) ? readdirSync(blocks, { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => /^b\d+\/[^/]+\/events\.jsonl$/.test(name))
    .map((name) => linesOf(join(blocks, name)));
  const gaps = journals.map((lines) => gapsIn([lines]));
  const whole = journals.filter((lines) => lines.at(-1)?.type === 'done' && lines.at(-1)?.source === 'engine').length;
  const due = Math.max(0, ...runs.map((run) => trialsDue(experiment, run)));
  return {
    journals: journals.length,
    trials: due,
    trialsMissing: Math.max(0, due - whole),
    lines: gaps.reduce((sum, { of }) => sum + of, 0),
    linesMissing: gaps.reduce((sum, { missing }) => sum + missing, 0),
  };
}

function monitorLossOf(segments: readonly string[]): Loss {
  const { of, missing } = gapsIn(segments.map(linesOf));
  return { journals: segments.length, trials: 0, trialsMissing: 0, lines: of, linesMissing: missing };
}

/** How many trials must be whole after `run`: all that are planned, or if it did not come to its end as many as it said. */
function trialsDue(experiment: string, { exitCode, text }: Ran): number {
  if (!TO_THE_END.includes(exitCode ?? -1) || text().includes('bench --resume'))
    return Math.max(0, ...[...text().matchAll(/^ *(\d+)\/\d+ {2}/gm)].map(([, done]) => Number(done)));
  const plan = Plan.parse(JSON.parse(readFileSync(join(experiment, 'experiment.json'), 'utf8')));
  return plan.blocks.flatMap(({ trials }) => trials).length;
}

/** The experiment that a run began or went on with. */
function experimentOf({ results }: Place, { args, text }: Ran): string | undefined {
  const after = (flag: string) => (args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined);
  const resumed = after('--resume');
  if (resumed !== undefined) return args.includes('--dry-run') ? undefined : resumed;
  const begun = /^experiment (\S+): /m.exec(text())?.[1];
  return begun === undefined ? undefined : join(after('--results') ?? results, begun);
}

function experimentsIn(results: string): string[] {
  return existsSync(results) ? readdirSync(results).map((name) => join(results, name)) : [];
}

/** Segments of monitors at the place, with when they were written last. */
function segmentsIn({ folder, cache }: Place): Map<string, number> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /segment-\d+\.jsonl$/.test(name))
    .map((name) => join(folder, name))
    .filter((path) => !path.startsWith(cache));
  return new Map(paths.map((path) => [path, statSync(path).mtimeMs]));
}

function segmentsSince(place: Place, before: ReadonlyMap<string, number>): string[] {
  return [...segmentsIn(place)]
    .filter(([path, time]) => before.get(path) !== time)
    .map(([path]) => path)
    .toSorted();
}

/** Processes with the folder of the place in their command or their environment. */
function processesAt(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAt(folder, pid));
}

function isAt(folder: string, pid: number): boolean {
  try {
    if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return false;
    return ['environ', 'cmdline'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder));
  } catch {
    // It ended between the listing and the reading, or is not ours to look at.
    return false;
  }
}
