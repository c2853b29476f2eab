import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../core/config/run-config.ts';
import { firstInRow, listingsFor } from '../../core/engine/calibration.ts';
import type { Calibration, Calibrations } from '../../core/model/calibration.ts';
import { type ExperimentSpec, type Observer, runBlocks } from '../../core/engine/experiment.ts';
import type { Block, Listings, PlannedTrial, Request } from '../../core/engine/plan.ts';
import { isKnown } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { filesIn } from '../../results/store/files.ts';
import type { Suite } from '../../suites/suite.ts';
import { type Subject, subjectOf } from './calibration.ts';

/** By the suite's costs, which are rough, trials of so many times the wanted time need no calibration. */
const SURELY = 4;
/** Listings of the longer trial: enough to tell its slope, and not long where the suite's costs are wrong. */
const MOST_TIMED = 8;

export function listingsIn(calibrations: Calibrations | undefined): Listings | undefined {
  return (
    calibrations && Object.fromEntries(Object.entries(calibrations).map(([backend, { clone }]) => [backend, clone]))
  );
}

/**
 * Finds for each backend how often it lists the files so that a trial on the fewest workers takes `minSeconds`: one session with a first trial, a warm one, and a
 * warm one of more listings. Nothing of it counts or is kept but the times. A trial that fails here fails in the experiment, too, which says why.
 */
export async function calibrate(
  request: Request,
  suite: Suite,
  config: RunConfig,
  spec: ExperimentSpec,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (line: string) => void },
): Promise<Calibrations> {
  const found: { [backend: string]: Calibration } = {};
  for (const backend of request.backends) {
    const one = await calibrateOne(subjectOf(request, suite, backend), config, spec, signal);
    const because = one.timed.map(({ clone, seconds }) => `${seconds.toFixed(2)} s with ${clone}`).join(', ');
    say(`${backend}: files are listed ${one.clone} times (${[because, one.note].filter(Boolean).join('; ')})`);
    found[backend] = one;
  }
  return found;
}

async function calibrateOne(
  subject: Subject,
  config: RunConfig,
  spec: ExperimentSpec,
  signal: AbortSignal,
): Promise<Calibration> {
  const { workers, estimate, most } = subject;
  const { minSeconds } = config;
  const base = { clone: 1, minSeconds, workers, timed: [] };
  if (estimate(1) >= SURELY * minSeconds)
    return { ...base, note: `by the suite's costs a trial takes far longer than ${minSeconds} s` };
  const wished = firstInRow((clone) => estimate(clone) >= minSeconds);
  const more = Math.min(MOST_TIMED, Math.max(2, wished));
  const [, warm, longer] = await runCalibration(blockOf(subject, more, config), spec, signal);
  const [once, several] = [secondsOf(warm), secondsOf(longer)];
  if (once === undefined || several === undefined) {
    const bad = [warm, longer].find((record) => record && record.state !== 'valid');
    return { ...base, note: `no time was measured: ${bad?.reasons[0]?.message ?? 'the trial has no time'}` };
  }
  const timed = [
    { clone: 1, seconds: once },
    { clone: more, seconds: several },
  ] as const;
  const wanted = once >= minSeconds ? 1 : listingsFor(minSeconds, ...timed);
  const allowed = most(several / estimate(more), config);
  return wanted <= allowed
    ? { ...base, clone: wanted, timed: [...timed] }
    : { ...base, clone: allowed, timed: [...timed], note: `${wanted} would make the longest trials too long` };
}

function secondsOf(record: TrialRecord | undefined): number | undefined {
  const seconds = record?.state === 'valid' ? record.windows.turnaroundSeconds : undefined;
  return seconds !== undefined && isKnown(seconds) ? seconds : undefined;
}

function blockOf({ backend, shortest }: Subject, more: number, { pageCache }: RunConfig): Block {
  const { startMethod } = shortest(1).point;
  const cold = startMethod === 'fork-server' ? 'parent-warmed' : 'cold';
  const trials = [1, 1, more].map((clone, index): PlannedTrial => ({
    ...shortest(clone),
    id: `${backend}-t${index}`,
    repeat: index,
    warmth: {
      process: index === 0 ? 'fresh' : 'reused',
      compiled: index === 0 ? cold : 'warm',
      pageCache,
      storage: 'local',
    },
  }));
  return { id: backend, session: 1, trials };
}

const QUIET: Observer = {
  sessionOpening: () => undefined,
  trialStarting: () => undefined,
  trialEnded: () => undefined,
};

async function runCalibration(block: Block, spec: ExperimentSpec, signal: AbortSignal): Promise<TrialRecord[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-calibration-'));
  try {
    return await runBlocks({ ...spec, collectors: [], files: filesIn(folder) }, [block], QUIET, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
