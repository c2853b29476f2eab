import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { dataUnusable, interrupted } from '../errors.ts';
import { NEUTRAL_FOLDER, pythonEnvironment } from '../python/process.ts';
import { Histogram } from '../model/event.ts';
import { datasetArgsOf, type Point } from '../model/axes.ts';
import type { DataFacts } from '../model/record.ts';

const bytes = z.number().nonnegative();

/** Manifest of a generated data set. */
export const Dataset = z.object({
  id: z.string(),
  path: z.string(),
  contentHash: z.string(),
  bytes,
  events: z.int(),
  tree: z.string(),
  spec: z.object({ clusterEvents: z.int().positive() }),
  files: z.array(z.object({ name: z.string(), events: z.int(), bytes, clusters: z.int() })),
  columns: z.record(z.string(), z.object({ compressedBytes: bytes, uncompressedBytes: bytes })),
});
export type Dataset = z.infer<typeof Dataset>;

export function factsOf({ contentHash, bytes: size, events, columns }: Dataset): DataFacts {
  const compressed = Object.entries(columns).map(([name, { compressedBytes }]) => [name, compressedBytes] as const);
  return { contentHash, bytes: size, events, columns: Object.fromEntries(compressed) };
}

const Line = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.number(), total: z.number(), unit: z.string() }),
  z.object({
    type: z.literal('spec'),
    id: z.string(),
    estimatedBytes: bytes,
    eventsPerFile: z.array(z.int()),
    spec: z.object({ clusterEvents: z.int().positive() }),
    present: z.boolean(),
    path: z.string(),
  }),
  Dataset.extend({ type: z.literal('dataset') }),
  z.object({ type: z.literal('waiting'), id: z.string(), message: z.string() }),
  z.object({ type: z.literal('damaged'), id: z.string(), message: z.string() }),
  z.object({ type: z.literal('removed'), id: z.string(), bytes }),
  z.object({ type: z.literal('held') }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), hint: z.string() }),
]);
/** A line that is a result. */
export type DatasetLine = Exclude<z.infer<typeof Line>, { type: 'progress' | 'waiting' | 'error' | 'held' }>;

export interface DatasetCommand {
  readonly python: string;
  readonly store: string;
  readonly command: 'resolve' | 'generate' | 'verify' | 'list' | 'clean';
  readonly args: readonly string[];
  readonly onProgress?: (done: number, total: number, unit: string) => void;
  /** Told when it has to wait for another process. */
  readonly say?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `python -m hepbench.datasets` and gives its results; its error becomes a BenchError. */
export async function runDatasets(command: DatasetCommand): Promise<DatasetLine[]> {
  const child = start(command);
  child.stdin.end();
  const stop = () => child.kill('SIGTERM');
  command.signal?.addEventListener('abort', stop);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const lines: DatasetLine[] = [];
  for await (const text of createInterface({ input: child.stdout })) {
    const line = Line.parse(JSON.parse(text));
    if (line.type === 'progress') command.onProgress?.(line.done, line.total, line.unit);
    else if (line.type === 'waiting') command.say?.(`waiting for ${line.id}: ${line.message}`);
    else if (line.type === 'error') throw dataUnusable(line.code, line.message, wordsOfBench(line.hint));
    else if (line.type !== 'held') lines.push(line);
  }
  const code = await exit;
  command.signal?.removeEventListener('abort', stop);
  if (command.signal?.aborted) throw interrupted();
  if (code !== 0) throw new Error(`hepbench.datasets ended with ${code}:\n${errors.join('').slice(-2000)}`);
  return lines;
}

/**
 * Keeps the data sets `args` from being removed until what it gives is called, or this process ends. Rejects when one of them is no longer
 * there.
 */
export async function holdDatasets(command: Omit<DatasetCommand, 'command'>): Promise<() => Promise<void>> {
  const child = start({ ...command, command: 'hold' });
  child.stderr.resume();
  const ended = once(child, 'close');
  for await (const text of createInterface({ input: child.stdout })) {
    const line = Line.parse(JSON.parse(text));
    if (line.type === 'error') throw dataUnusable(line.code, line.message, wordsOfBench(line.hint));
    if (line.type !== 'held') continue;
    return async () => {
      child.stdin.end();
      await ended;
    };
  }
  throw new Error('hepbench.datasets ended before it held the data');
}

function start({
  python,
  command,
  store,
  args,
}: Pick<DatasetCommand, 'python' | 'store' | 'args'> & { command: string }) {
  return spawn(python, ['-m', 'hepbench.datasets', command, '--store', store, ...args], {
    env: pythonEnvironment(),
    cwd: NEUTRAL_FOLDER,
  });
}

/** What `hepbench.datasets` calls otherwise than `bench`, which has no such options. */
const WORDS = [
  ['--store', 'BENCH_CACHE'],
  ['lower --jobs', 'end other programs'],
  ['run generate first', 'run `bench datasets generate` first'],
] as const;

function wordsOfBench(hint: string): string {
  return WORDS.reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), hint);
}

/** Sizes as users think: files of a size, or a number of events in them; and what else is asked of the data. */
export type Size = { readonly files: number; readonly axes?: Partial<Point> } & (
  | { readonly fileBytes: number }
  | { readonly events: number }
);

export function sizeArgs(size: Size): string[] {
  const amount = 'fileBytes' in size ? ['--file-size', String(size.fileBytes)] : ['--events', String(size.events)];
  return ['--files', String(size.files), ...amount, ...datasetArgsOf(size.axes ?? {})];
}

const TruthFile = z.object({
  contentHash: z.string(),
  events: z.int(),
  histograms: z.record(z.string(), Histogram.omit({ name: true, title: true })),
  ambiguous: z.array(z.object({ event: z.int(), histogram: z.string(), bins: z.array(z.int()), why: z.string() })),
});

/** The truth of a suite beside a data set, as its suite's check takes it. */
export function parseTruth(text: string) {
  const { histograms, ...rest } = TruthFile.parse(JSON.parse(text));
  return {
    ...rest,
    histograms: Object.entries(histograms).map(([name, histogram]) => ({ name, title: '', ...histogram })),
  };
}

export function readTruthText(dataset: Dataset, suite: string): string {
  return readFileSync(join(dataset.path, `truth-${suite}.json`), 'utf8');
}
