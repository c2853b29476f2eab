import { z } from 'zod';
import { badOption, optionNotTaken } from '../errors.ts';
import { AXES, AXIS_LIST, type AxisOfPoint, type Point } from '../model/axes.ts';
import type { AxisOption } from '../model/axis.ts';
import { parseBytes, parseCount } from '../model/sizes.ts';

/** Texts as commander, the environment or a file give them. */
export const RawOptions = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string()), z.undefined()]));
export type RawOptions = z.infer<typeof RawOptions>;

export interface RunConfig {
  readonly suite: string;
  /** Where the workers run, by the name of the runner. */
  readonly runner: string;
  readonly backends: readonly string[] | undefined;
  /** Values by parameter; several values make several points. */
  readonly parameters: ReadonlyMap<string, readonly string[]>;
  readonly workers: readonly number[];
  readonly reference: boolean;
  readonly serialThreads: readonly number[];
  readonly startMethods: readonly ('spawn' | 'fork-server')[];
  readonly sessions: number;
  readonly repeats: number;
  readonly seed: number | undefined;
  readonly pageCache: 'warm' | 'cold' | 'uncontrolled';
  readonly files: readonly number[];
  readonly fileBytes: readonly number[];
  readonly events: readonly number[] | undefined;
  /** Every combination of the values of the other axes of the data; one, without values, where none was named. */
  readonly dataAxes: readonly Partial<Point>[];
  /** The same of the axes that are neither named here nor axes of the data. */
  readonly otherAxes: readonly Partial<Point>[];
  /** The least that a trial is to take: so often are the files listed. 0: nobody asks for it. */
  readonly minSeconds: number;
  readonly tasks: number | undefined;
  readonly intervalSeconds: number;
  readonly watch: boolean;
  readonly memoryLimitBytes: number | null;
  readonly joinTimeoutSeconds: number;
  readonly trialTimeoutSeconds: number;
  readonly timeoutSeconds: number;
  readonly results: string;
  /** Undefined: the name of the machine. */
  readonly site: string | undefined;
  readonly grafanaUrl: string | undefined;
  readonly reportsUrl: string | undefined;
}

const SPAWN_UP_TO_WORKERS = 8;
/** 23 days: a longer timer of Node ends at once, or is refused. */
const LONGEST_SECONDS = 2_000_000;

/** Checks every option; throws a BenchError that names the flag, the value and what is valid. */
export function resolveRunConfig(raw: RawOptions): RunConfig {
  const workers = valuesOf(raw, AXES.workers.option) ?? [];
  const spawn = Math.max(...workers) <= SPAWN_UP_TO_WORKERS;
  return {
    suite: text(raw, 'suite') ?? 'adl',
    runner: valuesOf(raw, AXES.runner.option)?.[0] ?? AXES.runner.option.default,
    backends:
      raw['backend'] === undefined ? undefined : list(raw, 'backend', (name) => name.trim(), AXES.backend.option.valid),
    parameters: parametersOf(raw['param']),
    workers,
    reference: raw['reference'] !== false,
    serialThreads: valuesOf(raw, AXES.threadsPerWorker.option) ?? [1],
    startMethods: valuesOf(raw, AXES.startMethod.option) ?? [spawn ? 'spawn' : 'fork-server'],
    sessions: count(raw, 'sessions', 1, 1000) ?? 3,
    repeats: count(raw, 'repeats', 1, 1000) ?? 2,
    seed: count(raw, 'seed', 0, 2 ** 32 - 1),
    pageCache: oneOf(raw, 'pageCache', ['warm', 'cold', 'uncontrolled'], 'warm'),
    files: valuesOf(raw, AXES.files.option) ?? [],
    fileBytes: valuesOf(raw, AXES.fileBytes.option) ?? [],
    events: raw['events'] === undefined ? undefined : list(raw, 'events', parseCount, 'numbers such as 500k,2M'),
    dataAxes: combined(raw, ({ option }) => option?.group === 'data'),
    otherAxes: combined(raw, ({ option }) => option?.group !== 'data'),
    minSeconds: minSecondsOf(raw),
    tasks: count(raw, 'tasks', 1, 1e6),
    intervalSeconds: seconds(raw, 'interval', 0.05),
    watch: raw['watch'] !== false,
    memoryLimitBytes: memoryLimit(raw),
    joinTimeoutSeconds: seconds(raw, 'joinTimeout', 0.1),
    trialTimeoutSeconds: seconds(raw, 'trialTimeout', 0.1),
    timeoutSeconds: seconds(raw, 'timeout', 1),
    results: text(raw, 'results') ?? 'results/runs',
    site: text(raw, 'site'),
    grafanaUrl: webAddress(raw, 'grafanaUrl'),
    reportsUrl: webAddress(raw, 'reportsUrl'),
  };
}

function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function text(raw: RawOptions, name: string): string | undefined {
  const value = raw[name];
  return typeof value === 'string' ? value : undefined;
}

function webAddress(raw: RawOptions, name: string): string | undefined {
  const value = text(raw, name);
  if (value === undefined || /^https?:\/\/[^/]/.test(value)) return value;
  throw badOption(flagOf(name), value, 'an address such as https://grafana.example');
}

function count(raw: RawOptions, name: string, least: number, most: number): number | undefined {
  const value = text(raw, name);
  if (value === undefined) return undefined;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw badOption(flagOf(name), value, `a whole number from ${least} to ${most}`);
}

/** The name under which commander keeps what an option was given: `fileSize` of `--file-size <sizes>`. */
export function keyOf(flag: string): string {
  const [words = ''] = flag.replace(/^--/, '').split(' ');
  return words.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** The values that the option of an axis was given; undefined where it was not given. */
function valuesOf<T>(raw: RawOptions, { flag, parse, valid }: AxisOption<T>): readonly T[] | undefined {
  const value = text(raw, keyOf(flag));
  if (value === undefined) return undefined;
  const parsed = parse?.(value);
  if (parsed) return parsed;
  throw badOption(flag.split(' ')[0] ?? '', value, valid);
}

/** Every combination of the values that were given for some of the axes that are no part of {@link RunConfig} by name: all that have a value of before. */
export function combined(raw: RawOptions, isMeant: (axis: AxisOfPoint) => boolean): Partial<Point>[] {
  let combinations: Partial<Point>[] = [{}];
  for (const axis of AXIS_LIST) {
    const { name, before, option } = axis;
    const values = before !== undefined && option && isMeant(axis) ? valuesOf(raw, option) : undefined;
    if (values) combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, [name]: value })));
  }
  return combinations;
}

function list<T>(raw: RawOptions, name: string, parse: (part: string) => T | undefined, valid: string): T[] {
  const value = text(raw, name) ?? '';
  const parsed = value.split(',').map((part) => {
    const item = parse(part);
    if (item === undefined) throw badOption(flagOf(name), value, valid);
    return item;
  });
  // The same value twice would be the same point twice.
  return [...new Set(parsed)];
}

/** A worker with its libraries does not fit into less; Dask takes a limit of 1 for the whole of the machine. */
const LEAST_MEMORY_LIMIT = 32e6;

function memoryLimit(raw: RawOptions): number | null {
  const value = text(raw, 'memoryLimit');
  if (value === undefined) return null;
  const limit = parseBytes(value);
  if (limit === undefined || limit < LEAST_MEMORY_LIMIT)
    throw badOption(flagOf('memoryLimit'), value, 'a size from 32MB, such as 2GB');
  return limit;
}

function seconds(raw: RawOptions, name: string, least: number): number {
  const value = text(raw, name) ?? '';
  const number = value.trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= least && number <= LONGEST_SECONDS) return number;
  throw badOption(flagOf(name), value, `seconds, at least ${least} and at most ${LONGEST_SECONDS}`);
}

/** Experiments of before had no such option. */
function minSecondsOf(raw: RawOptions): number {
  const least = raw['minSeconds'] === undefined ? 0 : seconds(raw, 'minSeconds', 0);
  if (least > 0 && raw['clone'] !== undefined)
    throw optionNotTaken(
      '--min-seconds',
      '--clone already says how often the files are listed',
      'give one of the two, or --min-seconds 0',
    );
  return least;
}

function oneOf<T extends string>(raw: RawOptions, name: string, values: readonly T[], otherwise: T): T {
  const value = text(raw, name);
  if (value === undefined) return otherwise;
  const found = values.find((known) => known === value);
  if (found === undefined) throw badOption(flagOf(name), value, values.join(' or '));
  return found;
}

function parametersOf(given: RawOptions[string]): Map<string, readonly string[]> {
  const parameters = new Map<string, readonly string[]>();
  for (const pair of Array.isArray(given) ? given : []) {
    const match = /^([\w-]+)=(.+)$/.exec(pair);
    if (!match?.[1] || !match[2]) throw badOption('--param', pair, 'name=value');
    parameters.set(match[1], [...new Set([...(parameters.get(match[1]) ?? []), ...match[2].split('/')])]);
  }
  return parameters;
}
