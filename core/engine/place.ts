import type { Suite } from '../../suites/suite.ts';
import type { EventOf } from '../model/event.ts';
import type { DataFacts, Environment } from '../model/record.ts';
import { isWatched } from '../model/watching.ts';
import type { Block, PlannedTrial } from './plan.ts';

/** What a journal says of the data of its trial. */
export type PlannedData = EventOf<'planned'>['dataset'];

/** What `experiment.json` says was decided for all trials. */
export interface Decided {
  readonly id: string;
  /** Seconds since the epoch. */
  readonly startedAt: number;
  readonly environment: Environment;
  readonly memoryLimitBytes: number | null;
  readonly watch: boolean;
  /** By id; undefined in experiments of before. */
  readonly datasets: Readonly<Record<string, DataFacts>> | undefined;
}

/** What `experiment.json` says of the trial in whose folder a journal lies. */
export interface Place {
  readonly experiment: string;
  readonly startedAt: number;
  readonly environment: Environment;
  readonly block: string;
  readonly session: number;
  readonly trial: PlannedTrial;
  /** Trials of the block before it. */
  readonly position: number;
  readonly memoryLimitBytes: number | null;
  readonly watched: boolean;
  /** Undefined where the experiment does not describe its data. */
  readonly dataset: PlannedData | undefined;
  /** Of the data that the truth was made of; undefined where there is no truth. */
  readonly contentHash: string | undefined;
}

/** What there is to read of data that are listed so many times; of the columns those that the suite reads. */
export function plannedData(
  id: string,
  { contentHash, bytes, events, columns }: DataFacts,
  read: readonly string[],
  times: number,
): NonNullable<PlannedData> {
  const columnBytes = Object.fromEntries(read.map((name) => [name, times * (columns[name] ?? 0)]));
  return { id, contentHash, bytes: times * bytes, events: times * events, columnBytes };
}

/** Where the journal of a trial of this block lies, as far as no truth is needed to say so. */
export function placeOf(
  decided: Decided,
  suite: Pick<Suite, 'columns'>,
  block: Block,
  trial: PlannedTrial,
): Omit<Place, 'contentHash'> {
  const { id: experiment, startedAt, environment, memoryLimitBytes, watch, datasets } = decided;
  const { datasetId, point } = trial;
  const facts = datasetId === null ? undefined : datasets?.[datasetId];
  const columns = suite.columns(point.parameters, facts?.columns ?? {});
  const described = datasetId === null ? null : facts && plannedData(datasetId, facts, columns, point.clone);
  return {
    experiment,
    startedAt,
    environment,
    block: block.id,
    session: block.session,
    trial,
    position: block.trials.indexOf(trial),
    memoryLimitBytes,
    watched: watch && isWatched(point),
    dataset: described,
  };
}
