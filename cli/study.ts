import type { RunConfig } from '../core/config/run-config.ts';
import type { Block } from '../core/engine/plan.ts';
import type { TrialRecord } from '../core/model/record.ts';
import type { ExperimentFile } from '../results/store/folder.ts';

/** What an experiment does beyond running the plan of its suite and reporting it. */
export interface Study {
  /** What is planned of what the user asked for. Throws a BenchError for an option that does not go with it. */
  configOf(config: RunConfig): RunConfig;
  /** The planned trials in the way in which they run. */
  arrange(blocks: readonly Block[], seed: number): Block[];
  /** Called when all trials have run and are reported. */
  conclude(folder: string, file: ExperimentFile, records: readonly TrialRecord[], signal: AbortSignal): Promise<void>;
}
