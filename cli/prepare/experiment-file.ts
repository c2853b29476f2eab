import type { RawOptions, RunConfig } from '../../core/config/run-config.ts';
import { factsOf } from '../../core/datasets/datasets.ts';
import { onClockOfRun } from '../../core/engine/clock.ts';
import { environmentFacts } from '../../core/engine/environment.ts';
import type { Block } from '../../core/engine/plan.ts';
import { RECORD_VERSION } from '../../core/model/record.ts';
import type { ExperimentFile } from '../../results/store/folder.ts';
import type { Runner } from '../../runners/runner.ts';
import type { Data } from './data.ts';

interface Start {
  readonly folder: string;
  readonly raw: RawOptions;
  readonly config: RunConfig;
  readonly runner: Runner;
  readonly seed: number;
  readonly data: Data;
  readonly environment: { readonly python: string; readonly key: string };
}

/** `experiment.json` as far as it is decided before there is a plan: without blocks. */
export function experimentFile({ folder, raw, config, runner, seed, data, environment }: Start): ExperimentFile {
  return {
    schemaVersion: RECORD_VERSION,
    id: folder.split('/').at(-1) ?? folder,
    // On the clock of the run, as the times of its sessions.
    startedAt: new Date(onClockOfRun(performance.now() / 1000) * 1000).toISOString(),
    finishedAt: null,
    command: ['bench', ...process.argv.slice(2)].join(' '),
    seed,
    sessions: config.sessions,
    repeats: config.repeats,
    options: givenOf(raw),
    environment: environmentFacts(environment.python, environment.key, { ...config, facts: runner.facts }),
    datasets: Object.fromEntries([...data.datasets].map(([id, dataset]) => [id, factsOf(dataset)])),
    blocks: [],
  };
}

/** Planned blocks as the file holds them. */
export function inFile(blocks: readonly Block[]): ExperimentFile['blocks'] {
  return blocks.map((block) => ({ ...block, trials: [...block.trials] }));
}

/** Options that have a value, as they are kept for `--resume`. */
function givenOf(raw: RawOptions): ExperimentFile['options'] {
  return Object.fromEntries(
    Object.entries(raw).flatMap(([name, value]) => (value === undefined || name === 'config' ? [] : [[name, value]])),
  );
}
