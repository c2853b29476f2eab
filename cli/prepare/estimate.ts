import type { RunConfig } from '../../core/config/run-config.ts';
import { runDatasets, sizeArgs } from '../../core/datasets/datasets.ts';
import { clusterEdges } from '../../core/engine/parts.ts';
import {
  type Block,
  type DataSize,
  type Listings,
  listed,
  planWarnings,
  type Request,
} from '../../core/engine/plan.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import { plural } from '../../dashboards/format.ts';
import type { Runner } from '../../runners/runner.ts';
import { placeText } from '../../dashboards/view/labels.ts';
import type { Suite } from '../../suites/suite.ts';
import { calibrates, estimatedListings, secondsOfTrial } from './calibration.ts';
import { ofSameData, sizesOf, storeFolder } from './data.ts';
import { requestOf } from './request.ts';
import { tell } from '../output.ts';

/** Starting and ending a cluster and importing the libraries. */
const SESSION_SECONDS = 3;
/** Hygiene before a trial and the probe after it. */
const BESIDE_TRIAL_SECONDS = 0.4;
/** A session with its first trial, and two warm ones. */
const CALIBRATION_SECONDS = 12;
const EVENTS_GENERATED_PER_SECOND = 12_000;
/** Opening, closing and verifying each of them. */
const SECONDS_PER_FILE = 1.5;

interface Plan {
  readonly blocksOf: (request: Request) => Block[];
  /** What an experiment that is resumed still has to run. */
  readonly left: readonly Block[] | undefined;
}

/** The plan as text with an estimate of its time, which is rough: from the suite's costs on a core of today. */
export async function describePlan(
  config: RunConfig,
  suite: Suite,
  runner: Pick<Runner, 'name' | 'onThisMachine'>,
  { blocksOf, left }: Plan,
  notesOf: (blocks: readonly Block[]) => readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { sizes, generating } = suite.readsData
    ? await resolveSizes(config, signal)
    : { sizes: [emptySize()], generating: 0 };
  const asked = requestOf(config, suite, runner, { sizes }, config.seed ?? 0);
  const listings = !left && calibrates(config, suite) ? estimatedListings(asked, suite, config) : undefined;
  const request = { ...asked, listings };
  const blocks = left ?? blocksOf(request);
  if (blocks.length === 0) return 'Nothing is left to run: every trial has a complete journal.\n';
  const calibrating = Object.keys(listings ?? {}).length * CALIBRATION_SECONDS;
  const running = blocks.reduce((sum, block) => sum + secondsOf(block, suite, request.cores), calibrating);
  const trials = blocks.reduce((sum, block) => sum + block.trials.length, 0);
  const order = blocks.flatMap(({ id, session, trials: [first, ...others] }) =>
    first ? `  ${id}  session ${session}  ${placeText(first.point)}, ${plural(1 + others.length, 'trial')}` : [],
  );
  return [
    `${left ? 'left: ' : ''}${plural(trials, 'trial')} in ${plural(blocks.length, 'block')}, about ${minutes(running)}${generating > 0 ? ` after about ${minutes(generating)} of making data` : ''} (a rough estimate)`,
    ...order,
    ...planWarnings(request).map((warning) => `note: ${warning}`),
    ...listingsNotes(config, listings),
    ...notesOf(blocks),
    orderText(config, left !== undefined),
    '',
  ].join('\n');
}

function listingsNotes({ minSeconds }: RunConfig, listings: Listings | undefined): string[] {
  if (!listings) return [];
  const numbers = Object.entries(listings).map(([backend, times]) => `${backend} ${times}`);
  return [
    `--min-seconds ${minSeconds}: a session of each backend before the first finds how often it lists the files; for this estimate ${numbers.join(', ')}`,
  ];
}

function orderText({ seed }: RunConfig, resumed: boolean): string {
  if (resumed) return 'In the order in which it was planned.';
  return seed === undefined ? 'The order is drawn anew for each run; --seed fixes it.' : `Order by seed ${seed}.`;
}

function emptySize(): DataSize {
  return { datasetId: null, files: 0, fileBytes: 0, events: 0, clusters: [] };
}

async function resolveSizes(config: RunConfig, signal: AbortSignal) {
  const { python } = await ensurePythonEnvironment({
    cacheDir: cacheFolder(),
    onProgress: (line) => tell(`${line}\n`),
    signal,
  });
  let generating = 0;
  const sizes: DataSize[] = [];
  for (const same of ofSameData(sizesOf(config))) {
    const [size] = same;
    const lines = await runDatasets({
      python,
      store: storeFolder(),
      command: 'resolve',
      args: sizeArgs(size),
      signal,
    });
    const spec = lines.find((line) => line.type === 'spec');
    if (!spec) throw new Error('hepbench.datasets resolved nothing');
    const events = spec.eventsPerFile.reduce((sum, count) => sum + count, 0);
    if (!spec.present) generating += events / EVENTS_GENERATED_PER_SECOND + size.files * SECONDS_PER_FILE;
    const clusters = spec.eventsPerFile.map((count) => clusterEdges(count, spec.spec.clusterEvents));
    const data = { datasetId: spec.id, fileBytes: spec.estimatedBytes / size.files, events, clusters };
    sizes.push(...same.map(({ files, axes = {} }) => listed({ ...data, files, axes })));
  }
  return { sizes, generating };
}

function secondsOf({ trials }: Block, suite: Suite, cores: number): number {
  let seconds = SESSION_SECONDS;
  for (const trial of trials) {
    const { point, warmth } = trial;
    const { coldSeconds } = suite.cost(point.backend, point.parameters);
    const cold = warmth.process === 'fresh' ? coldSeconds * Math.max(1, point.workers / cores) : 0;
    seconds += BESIDE_TRIAL_SECONDS + cold + secondsOfTrial(trial, suite, cores);
  }
  return seconds;
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
