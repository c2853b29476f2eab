import { parseBytes } from '../../core/model/sizes.ts';
import type { Decided } from '../../core/engine/place.ts';
import type { ExperimentFile } from '../../results/store/folder.ts';

/** What `experiment.json` says of all trials, for those who run and those who judge them. */
export function decidedOf({ id, startedAt, environment, options, datasets }: ExperimentFile): Decided {
  const limit = options['memoryLimit'];
  return {
    id,
    startedAt: Date.parse(startedAt) / 1000,
    environment,
    memoryLimitBytes: typeof limit === 'string' ? (parseBytes(limit) ?? null) : null,
    watch: options['watch'] !== false,
    datasets,
  };
}
