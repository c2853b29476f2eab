import { keyOf } from '../../core/config/run-config.ts';
import { badOption } from '../../core/errors.ts';
import { nearest } from './names.ts';
import { RUN_OPTIONS, type RunOption } from './run-options.ts';
import { EXPOSITION_OPTIONS, SINK_OPTIONS } from './sink-options.ts';

/** An option of `bench run` that a file may give, too. */
export interface FileOption {
  /** Its key in the file: the flag without its dashes, `tls` for `--no-tls`. */
  readonly name: string;
  /** Its key among the options that commander gives. */
  readonly key: string;
  readonly flag: string;
  readonly summary: string;
  readonly default: string | undefined;
  /** The environment variable that gives it. */
  readonly env: string;
  readonly group: string;
  /** `switch`: true or false; `map`: values by name; `value`: a text, or a list of them. */
  readonly kind: 'switch' | 'map' | 'value';
}

/** What only a command line can say: it is about this one call. */
const OF_A_CALL = ['--resume', '--dry-run', '--config', '--write'];

/** The environment variable of an option: `BENCH_FILE_SIZE` for `--file-size <sizes>`. */
export function envOf(flag: string): string {
  return `BENCH_${wordsOf(flag).toUpperCase().replaceAll('-', '_')}`;
}

/** Whether a file and the environment may give an option as well as a command line. */
export function isOfFile(flag: string): boolean {
  return !OF_A_CALL.includes(`--${wordsOf(flag)}`);
}

function wordsOf(flag: string): string {
  return flag.replace(/^--/, '').split(' ')[0] ?? '';
}

interface AnyOption extends Omit<RunOption, 'group'> {
  readonly group: string;
  readonly env?: string;
}

function fileOption({ flag, summary, group, ...option }: AnyOption): FileOption {
  const isSwitch = !flag.includes(' ');
  const name = wordsOf(flag).replace(/^no-/, '');
  return {
    name,
    key: keyOf(`--${name}`),
    flag,
    summary,
    default: isSwitch ? 'true' : option.default,
    env: option.env ?? envOf(flag),
    group,
    kind: isSwitch ? 'switch' : flag.includes('...') ? 'map' : 'value',
  };
}

/**
 * Takes switches out of an environment that says no to them, and gives the keys of their options: no file may say otherwise. Commander takes any value of a
 * variable for a yes, also `BENCH_NO_TLS=0`, which would leave a cluster open. Throws a BenchError that names the variable for a value that is neither.
 */
export function dropDeclinedSwitches(environment: NodeJS.ProcessEnv): ReadonlySet<string> {
  const declined = new Set<string>();
  for (const { key, kind, env } of FILE_OPTIONS) {
    const value = environment[env];
    if (kind !== 'switch' || value === undefined || ['1', 'true'].includes(value)) continue;
    if (!['0', 'false', ''].includes(value)) throw badOption(env, value, '1 or 0');
    if (value !== '') declined.add(key);
    delete environment[env];
  }
  return declined;
}

/** Variables that are no option. */
const OTHER_VARIABLES = [
  'BENCH_CACHE',
  'BENCH_PYTHON',
  'BENCH_INFLUX_TOKEN',
  'BENCH_INFLUX_ADMIN_TOKEN',
  'BENCH_PARENT_PID',
];

/** Variables of the environment that no option has, each with the name that was probably meant. */
export function mistypedVariables(environment: NodeJS.ProcessEnv): readonly (readonly [string, string])[] {
  const known = [...FILE_OPTIONS.map(({ env }) => env), ...OTHER_VARIABLES];
  const strange = Object.keys(environment).filter((name) => name.startsWith('BENCH_') && !known.includes(name));
  return strange.flatMap((name) =>
    nearest(name, known)
      .slice(0, 1)
      .map((near) => [name, near] as const),
  );
}

/** Every option that a file and the environment may give, in the order of help. */
export const FILE_OPTIONS: readonly FileOption[] = [
  ...RUN_OPTIONS.filter(({ flag }) => isOfFile(flag)).map(fileOption),
  ...SINK_OPTIONS.map((option) => fileOption({ ...option, group: 'InfluxDB' })),
  ...EXPOSITION_OPTIONS.map((option) => fileOption({ ...option, group: 'Prometheus' })),
];
