import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../../core/config/run-config.ts';
import { fold } from '../../core/engine/fold.ts';
import { openJournal } from '../../core/engine/journal.ts';
import { clusterEdges } from '../../core/engine/parts.ts';
import { type Block, plan, type Request } from '../../core/engine/plan.ts';
import { badOption, interrupted } from '../../core/errors.ts';
import { Event } from '../../core/model/event.ts';
import { parseJournal } from '../../core/model/journal.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { isEligible } from '../../core/stats/eligible.ts';
import { estimate } from '../../core/stats/estimate.ts';
import { mixSeed } from '../../core/stats/random.ts';
import { summarise } from '../../core/stats/summarise.ts';
import { formatSi } from '../../dashboards/format.ts';
import { type ExperimentFile, writeWhole } from '../../results/store/folder.ts';
import { type Subject, timeHotPaths } from '../../suites/self/hot-paths.ts';
import { inPairs, watchingCost } from '../../suites/self/pairs.ts';
import type { SelfFile } from '../../suites/self/result.ts';
import { syntheticExperiment, syntheticJournal } from '../../suites/self/synthetic.ts';
import { selfText } from '../../suites/self/text.ts';
import { print, tell } from '../output.ts';
import type { Study } from '../study.ts';

const TIME_MS = 1000;

/** What hepbench itself costs: the trials of `adl` in pairs, with and without watching. */
export const self: Study = { configOf: pairedConfig, arrange: pairedBlocks, conclude: finishSelf };

/** Options of a paired experiment: twice the trials, no baselines. */
function pairedConfig(config: RunConfig): RunConfig {
  if (!config.watch)
    throw badOption('--suite', 'self', 'another suite, or leave out --no-watch: self runs with and without');
  return { ...config, reference: false, repeats: 2 * config.repeats };
}

/** The planned blocks with their trials in pairs; which of the first pair is watched is drawn for each block. */
function pairedBlocks(blocks: readonly Block[], seed: number): Block[] {
  return blocks.map((block) => ({
    ...block,
    trials: inPairs(block.trials, mixSeed(seed, 'watch', block.id) % 2 === 0),
  }));
}

/** Times our hot paths, writes `self.json`, prints both. */
async function finishSelf(
  folder: string,
  file: ExperimentFile,
  records: readonly TrialRecord[],
  signal: AbortSignal,
): Promise<void> {
  const watching = watchingCost(records, {
    counts: isEligible,
    estimate: (observations, what) => estimate(observations, what === 'cpu' ? 'linear' : 'log'),
  });
  tell('timing the hot paths\n');
  const hotPaths = await timedIn(folder, signal);
  if (signal.aborted) throw interrupted();
  const { id: experiment, seed, environment } = file;
  const result: SelfFile = { schemaVersion: 1, experiment, seed, environment, watching, hotPaths };
  const path = join(folder, 'self.json');
  writeWhole(path, `${JSON.stringify(result, undefined, 1)}\n`);
  const format = (value: number, unit: string) => formatSi(value, unit).replaceAll('\u202f', ' ');
  print(`\n${selfText(result, format)}self: ${path}\n`);
}

async function timedIn(folder: string, signal: AbortSignal) {
  const scratch = join(folder, 'appended.jsonl');
  const journal = openJournal(scratch, 'self');
  try {
    return await timeHotPaths(
      subjectsOf((event) => journal.append([event])),
      TIME_MS,
      signal,
    );
  } finally {
    journal.close();
    rmSync(scratch);
  }
}

function subjectsOf(append: (event: Event) => void): Subject[] {
  const events = syntheticJournal({ workers: 64, seconds: 60, tasks: 256 });
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  const sample = events.find(({ type }) => type === 'sample');
  const record = fold(syntheticJournal({ workers: 8, seconds: 60, tasks: 64 }));
  if (!sample || !record) throw new Error('the synthetic journal has no sample or no plan');
  const experiment = syntheticExperiment(record, 200);
  const line = JSON.stringify(sample);
  const size = `${events.length} lines, ${formatSi(text.length, 'B').replaceAll('\u202f', ' ')}`;
  return [
    { name: `read a journal of 64 workers, 60 s, 256 tasks (${size})`, run: () => parseJournal(text) },
    { name: 'fold the same journal', run: () => fold(events) },
    { name: 'parse and validate one line, a sample', run: () => Event.parse(JSON.parse(line)) },
    { name: 'append one sample to a journal, without fsync', run: () => append(sample) },
    { name: 'plan 2 backends, 7 worker counts, 10 sessions, 10 repeats', run: () => plan(REQUEST) },
    { name: 'summarise an experiment of 200 trials', run: () => summarise(experiment) },
  ];
}

const REQUEST: Request = {
  suite: 'adl',
  runner: 'local',
  backends: ['rdataframe', 'coffea'],
  parameterSets: [{ queries: '1', loops: 'one' }],
  loopsOf: () => 1,
  workers: [1, 2, 4, 8, 16, 32, 64],
  serial: true,
  serialThreads: [1],
  startMethods: ['spawn'],
  axes: [{}],
  data: [
    {
      datasetId: 'd',
      files: 16,
      fileBytes: 64e6,
      events: 1_600_000,
      clusters: Array(16).fill(clusterEdges(100_000, 2_000)),
    },
  ],
  sessions: 10,
  repeats: 10,
  pageCache: 'warm',
  seed: 1,
  cores: 64,
  tasks: undefined,
};
