import { join } from 'node:path';
import type { RunConfig } from '../../core/config/run-config.ts';
import { formatBytes } from '../../core/model/sizes.ts';
import {
  type Dataset,
  holdDatasets,
  parseTruth,
  readTruthText,
  runDatasets,
  type Size,
  sizeArgs,
} from '../../core/datasets/datasets.ts';
import { clustersOf } from '../../core/engine/parts.ts';
import { type DataSize, listed } from '../../core/engine/plan.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { suites } from '../../suites/index.ts';
import type { Suite, Truth } from '../../suites/suite.ts';
import { pick } from '../options/names.ts';
import { studies } from '../studies.ts';

export interface Data {
  readonly sizes: readonly DataSize[];
  readonly datasets: ReadonlyMap<string, Dataset>;
  readonly truths: ReadonlyMap<string, Truth>;
  /** The truth files as they are, to be kept with the experiment. */
  readonly truthTexts: ReadonlyMap<string, string>;
}

const NO_DATA: DataSize = { datasetId: null, files: 0, fileBytes: 0, events: 0, clusters: [] };
const JOBS = 2;

/** The suite of that name, or whose trials the study of that name runs. */
export async function suiteOf(name: string): Promise<Suite> {
  const chosen = pick('suite', [...suites, ...studies], name);
  return await pick('suite', suites, 'suite' in chosen ? chosen.suite : chosen.name).load();
}

export function storeFolder(): string {
  return join(cacheFolder(), 'datasets');
}

/** Every combination of numbers of files, sizes and other axes of the data that the user asked for. */
export function sizesOf(config: RunConfig): Size[] {
  const sizes = config.files.flatMap((files): Size[] =>
    config.events
      ? config.events.map((events) => ({ files, events }))
      : config.fileBytes.map((fileBytes) => ({ files, fileBytes })),
  );
  return sizes.flatMap((size) => config.dataAxes.map((axes) => ({ ...size, axes })));
}

/** Sizes that differ only in what is done with the same files, such as how often they are listed, together: neighbours in `sizesOf`. */
export function ofSameData(sizes: readonly Size[]): (readonly [Size, ...Size[]])[] {
  return [...Map.groupBy(sizes, (size) => sizeArgs(size).join(' ')).values()].flatMap(([first, ...others]) =>
    first ? [[first, ...others] as const] : [],
  );
}

/** Keeps the data of a run from being removed meanwhile; what it gives ends that. */
export async function holdData({ datasets }: Data, python: string): Promise<() => Promise<void>> {
  if (datasets.size === 0) return async () => {};
  return await holdDatasets({ python, store: storeFolder(), args: [...datasets.keys()] });
}

/** Makes what is missing and verifies the rest; a truncated or altered file ends the run here, by name. */
export async function prepareData(
  config: RunConfig,
  suite: Suite,
  python: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Data> {
  const datasets = new Map<string, Dataset>();
  const truths = new Map<string, Truth>();
  const truthTexts = new Map<string, string>();
  const sizes: DataSize[] = [];
  if (!suite.readsData) return { sizes: [NO_DATA], datasets, truths, truthTexts };
  for (const same of ofSameData(sizesOf(config))) {
    const dataset = await ensureDataset(same[0], suite.name, python, signal, say);
    datasets.set(dataset.id, dataset);
    const text = readTruthText(dataset, suite.name);
    truthTexts.set(dataset.id, text);
    truths.set(dataset.id, parseTruth(text));
    const { id: datasetId, events } = dataset;
    const clusters = clustersOf(dataset);
    for (const size of same) {
      const fileBytes = 'fileBytes' in size ? size.fileBytes : Math.round(dataset.bytes / dataset.files.length);
      sizes.push(listed({ datasetId, files: size.files, fileBytes, events, clusters, axes: size.axes ?? {} }));
    }
  }
  return { sizes, datasets, truths, truthTexts };
}

async function ensureDataset(
  size: Size,
  suite: string,
  python: string,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Dataset> {
  let shown = -1;
  const lines = await runDatasets({
    python,
    store: storeFolder(),
    command: 'generate',
    args: [...sizeArgs(size), '--jobs', String(JOBS), '--truth', suite],
    signal,
    say,
    onProgress: (done, total, unit) => {
      const tenth = Math.floor((10 * done) / total);
      if (tenth === shown) return;
      shown = tenth;
      say(`generating data: ${Math.round((100 * done) / total)} % of ${total} ${unit}`);
    },
  });
  const dataset = lines.find((line) => line.type === 'dataset');
  if (!dataset) throw new Error('hepbench.datasets gave no data set');
  say(`data set ${dataset.id}: ${dataset.files.length} files, ${formatBytes(dataset.bytes)}, ${dataset.events} events`);
  return dataset;
}
