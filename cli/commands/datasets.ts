import { formatBytes, parseBytes, parseCount } from '../../core/model/sizes.ts';
import { type DatasetLine, runDatasets, type Size, sizeArgs } from '../../core/datasets/datasets.ts';
import { combined, keyOf, type RawOptions } from '../../core/config/run-config.ts';
import { DATASET_OPTIONS } from '../../core/model/axes.ts';
import { badOption, ExitCode, optionNotTaken } from '../../core/errors.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import { refuseUnused } from '../options/given.ts';
import { pick } from '../options/names.ts';
import { storeFolder } from '../prepare/data.ts';
import { print, tell } from '../output.ts';

interface Options extends RawOptions {
  readonly files: string;
  readonly fileSize: string;
  readonly events?: string;
  readonly seed: string;
  readonly full?: boolean;
}

interface Action {
  readonly name: 'list' | 'generate' | 'verify' | 'clean';
  /** Those that count for it. */
  readonly options: readonly string[];
}

const ACTIONS: readonly Action[] = [
  { name: 'list', options: [] },
  {
    name: 'generate',
    options: ['files', 'fileSize', 'events', 'seed', ...DATASET_OPTIONS.map(({ flag }) => keyOf(flag))],
  },
  { name: 'verify', options: ['full'] },
  { name: 'clean', options: [] },
];

/** `bench datasets`: the store of generated files. `given` are the names of the options on the command line. */
export async function datasetsCommand(
  action: string,
  ids: readonly string[],
  options: Options,
  given: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { name, options: known } = pick('action', ACTIONS, action);
  refuseUnused(given, known, `datasets ${name}`);
  if (ids[0] !== undefined && (name === 'list' || name === 'generate'))
    throw optionNotTaken(ids[0], `${name} takes no data set`, `leave it out; what to ${name} is said by options`);
  const wanted = name === 'generate' ? wantedOf(options) : [name === 'list' ? [] : ids];
  const say = (line: string) => tell(`${line}\n`);
  const { python } = await ensurePythonEnvironment({ cacheDir: cacheFolder(), onProgress: say, signal });
  const run = async (command: typeof name, args: readonly string[]) =>
    await runDatasets({
      python,
      store: storeFolder(),
      command,
      args,
      signal,
      say,
      onProgress: (done, total, unit) => say(`${Math.round((100 * done) / total)} % of ${total} ${unit}`),
    });
  if (name === 'verify') {
    const all = ids.length > 0 ? ids : (await run('list', [])).flatMap((line) => ('id' in line ? [line.id] : []));
    for (const id of all) printLines(await run('verify', options.full ? [id, '--full'] : [id]), 'good');
    return ExitCode.good;
  }
  for (const args of wanted) printLines(await run(name, args), '');
  return ExitCode.good;
}

/** The arguments that make each data set. */
function wantedOf(options: Options): string[][] {
  const [size, seed] = [sizeOf(options), seedOf(options)];
  return combined(options, ({ datasetArgs }) => datasetArgs !== undefined).map((axes) => [
    ...sizeArgs({ ...size, axes }),
    '--seed',
    seed,
    '--jobs',
    '2',
  ]);
}

function seedOf({ seed }: Options): string {
  if (!/^\d{1,15}$/.test(seed)) throw badOption('--seed', seed, 'a whole number of at most 15 digits');
  return seed;
}

function sizeOf({ files, fileSize, events }: Options): Size {
  const count = parseCount(files);
  if (count === undefined) throw badOption('--files', files, 'a number of files');
  if (events !== undefined) {
    const parsed = parseCount(events);
    if (parsed === undefined) throw badOption('--events', events, 'a number such as 500k or 2M');
    return { files: count, events: parsed };
  }
  const fileBytes = parseBytes(fileSize);
  if (fileBytes === undefined) throw badOption('--file-size', fileSize, 'a size such as 64MB');
  return { files: count, fileBytes };
}

function printLines(lines: readonly DatasetLine[], note: string): void {
  for (const line of lines) {
    if (line.type === 'dataset') {
      print(
        `${line.id}  ${line.files.length} files  ${formatBytes(line.bytes)}  ${line.events} events  ${line.path}${note ? `  ${note}` : ''}\n`,
      );
    } else if (line.type === 'removed') print(`${line.id}  removed, ${formatBytes(line.bytes)} freed\n`);
    else if (line.type === 'damaged') print(`${line.id}  damaged: ${line.message}\n`);
  }
}
