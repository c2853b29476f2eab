import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import type { Event } from '../../core/model/event.ts';
import { parseJournal } from '../../core/model/journal.ts';
import { TrialRecord } from '../../core/model/record.ts';
import { checkout } from '../house/python.ts';
import { type PlaceWatch, watchPlace } from './watch-place.ts';

const PARTS = [
  'analyses',
  'cli',
  'collectors',
  'core',
  'dashboards',
  'results',
  'runners',
  'suites',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
];

/** A folder that goes away, with a cache of its own that shares the Python environment and the data sets. */
export interface Place {
  readonly folder: string;
  readonly results: string;
  readonly cache: string;
  /** Where `bench` puts temporary files. */
  readonly temporary: string;
  readonly watch: PlaceWatch;
  remove(): void;
}

export function makePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-system-'));
  const cache = join(folder, 'cache');
  const temporary = join(folder, 'tmp');
  mkdirSync(cache);
  mkdirSync(temporary);
  symlinkSync(join(cacheFolder(), 'python'), join(cache, 'python'));
  const parts = { folder, cache, temporary, results: join(folder, 'results') };
  const watch = watchPlace(parts, async () => {
    const shortest = '--suite control --param kind=empty --workers 1 --sessions 1 --repeats 1 --no-reference';
    await benchGood(place, shortest.split(' '));
  });
  const place: Place = {
    ...parts,
    watch,
    remove() {
      watch.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return place;
}

/** What tells `bench` which place it works at. */
function environmentAt({ cache, temporary }: Place): { [name: string]: string } {
  // Tests choose their data so that trials are short; those of --min-seconds name it.
  return { BENCH_CACHE: cache, TMPDIR: temporary, NO_COLOR: '1', BENCH_MIN_SECONDS: '0' };
}

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Folder of the experiment, where one was begun. */
  readonly experiment: string;
  readonly seconds: number;
}

/** Runs `bench` as a user would and waits for its end. `root` is the checkout or a changed copy of it. */
export async function bench(
  place: Place,
  args: readonly string[],
  root = checkout,
  env: { [name: string]: string } = {},
): Promise<Outcome> {
  const start = performance.now();
  let text = '';
  const run = place.watch.begun(args, () => text);
  const done = await execa(process.execPath, [join(root, 'cli/program.ts'), ...args, ...resultsArgs(place, args)], {
    env: { ...environmentAt(place), ...env },
    reject: false,
    cleanup: true,
  });
  const { exitCode, stdout, stderr } = done;
  text = `${stderr}\n${stdout}`;
  place.watch.ended(run, exitCode);
  return { exitCode, stdout, stderr, experiment: newest(place), seconds: (performance.now() - start) / 1000 };
}

function resultsArgs(place: Place, args: readonly string[]): string[] {
  return ['datasets', 'doctor', 'influx'].includes(args[0] ?? '') ||
    args.includes('--results') ||
    args.includes('--resume')
    ? []
    : ['--results', place.results];
}

/** The same, for what a test builds on: throws unless it ends well, with all that was said. */
export async function benchGood(place: Place, args: readonly string[], root = checkout): Promise<Outcome> {
  const outcome = await bench(place, args, root);
  if (outcome.exitCode !== 0)
    throw new Error(`bench ${args.join(' ')} ended with ${outcome.exitCode}:\n${outcome.stderr}\n${outcome.stdout}`);
  return outcome;
}

/** Runs `bench`, and does `change` after the data were verified and before the first trial reads them. */
export async function benchAfterVerification(place: Place, args: readonly string[], change: (folder: string) => void) {
  const start = performance.now();
  const { ended, output } = startBench(place, args);
  await waitFor('the end of the verification', () => output.text.includes('experiment '));
  change(join(place.cache, 'datasets', /data set (\S+):/.exec(output.text)?.[1] ?? ''));
  const exitCode = await ended;
  return { exitCode, text: output.text, experiment: newest(place), seconds: (performance.now() - start) / 1000 };
}

/** The interpreter that `bench` uses. */
export function pythonOf(place: Place): string {
  const environments = join(place.cache, 'python');
  const ready = readdirSync(environments).find((name) => existsSync(join(environments, name, 'ready')));
  return join(environments, ready ?? '', 'bin/python');
}

/** Starts `bench` in a process group of its own, to be signalled; `within` is a command that starts it, such as `ip netns exec`. */
export function startBench(
  place: Place,
  args: readonly string[],
  env: { [name: string]: string } = {},
  within: readonly string[] = [],
) {
  const [command = '', ...rest] = [...within, process.execPath, join(checkout, 'cli/program.ts'), ...args];
  const child = spawn(command, [...rest, ...resultsArgs(place, args)], {
    env: { ...process.env, ...environmentAt(place), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output.text += text));
  const run = place.watch.begun(args, () => output.text);
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      place.watch.ended(run, code);
      resolve(code);
    }),
  );
  return { child, output, ended };
}

function newest(place: Place): string {
  return experimentsIn(place).at(-1) ?? '';
}

/** Folders of all experiments of a place, oldest first. */
export function experimentsIn(place: Place): string[] {
  if (!existsSync(place.results)) return [];
  return readdirSync(place.results)
    .toSorted()
    .map((name) => join(place.results, name));
}

/** Records of an experiment as they are on disk, in the order of the plan. */
export function recordsIn(experiment: string): TrialRecord[] {
  return journalsIn(experiment)
    .map((journal) => journal.replace('events.jsonl', 'record.json'))
    .filter((path) => existsSync(path))
    .map((path) => TrialRecord.parse(JSON.parse(readFileSync(path, 'utf8'))));
}

export function journalsIn(experiment: string): string[] {
  const blocks = join(experiment, 'blocks');
  if (!existsSync(blocks)) return [];
  return readdirSync(blocks)
    .filter((block) => /^b\d+$/.test(block))
    .toSorted()
    .flatMap((block) =>
      readdirSync(join(blocks, block), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(blocks, block, entry.name, 'events.jsonl')),
    )
    .filter((path) => existsSync(path))
    .toSorted();
}

export function eventsIn(journal: string): readonly Event[] {
  const content = parseJournal(readFileSync(journal, 'utf8'));
  if (!('events' in content)) throw new Error(`${journal} is corrupt`);
  return content.events;
}

/** A copy of the program, with the packages of the checkout. */
export function copyOfCheckout(place: Place): string {
  const root = join(place.folder, `copy-${readdirSync(place.folder).length}`);
  mkdirSync(root);
  for (const part of PARTS)
    cpSync(join(checkout, part), join(root, part), {
      recursive: true,
      filter: (path) => !path.includes('.cache') && path !== join(checkout, 'results/runs'),
    });
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'));
  return root;
}

/** Such a copy in which `file` has `before` replaced by `after`: a planted fault in the real program. */
export function mutant(place: Place, file: string, before: string, after: string): string {
  const root = copyOfCheckout(place);
  const path = join(root, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(before).length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(before)} exactly once`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
  return root;
}

export async function waitFor(
  what: string,
  condition: () => boolean,
  timeoutMs = 120_000,
  everyMs = 20,
): Promise<void> {
  for (const start = Date.now(); !condition(); await sleep(everyMs)) {
    if (Date.now() - start > timeoutMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
  }
}

/** Its process id, to be signalled: 0 would be this process and all of its group. */
export function pidOf({ pid }: { readonly pid?: number | undefined }): number {
  if (pid === undefined) throw new Error('the process was not started');
  return pid;
}

/** Processes of ours that work for `place`: they carry its cache folder in their environment. */
export function processesOf(place: Place): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(`BENCH_CACHE=${place.cache}`))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}

function environmentOf(pid: string): string[] {
  try {
    if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return [];
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // It ended between the listing and the reading, or is not ours to look at.
    return [];
  }
}
