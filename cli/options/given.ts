import { keyOf, type RawOptions } from '../../core/config/run-config.ts';
import { AXIS_LIST } from '../../core/model/axes.ts';
import { type BenchError, optionNotTaken } from '../../core/errors.ts';
import { runners } from '../../runners/index.ts';
import type { RunnerMember, RunnerOption } from '../../runners/runner.ts';
import type { Suite } from '../../suites/suite.ts';
import { FILE_OPTIONS, type FileOption } from './table.ts';

/** How an option is spelled on the command line, from its name and value as commander gives them: `fileSize` is `--file-size`. */
export function flagOf(name: string, value: unknown): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return value === false ? `--no-${words}` : `--${words}`;
}

/** The name under which commander keeps the value of an option that may be a switch: `tls` of `--no-tls`. */
function nameOf({ flag }: RunnerOption): string {
  return keyOf(flag.replace(/^--no-/, '--'));
}

const MEMBERS: readonly RunnerMember[] = runners;

/** Options that say how long one waits, where one listens and how one is let in: they change nothing of what is measured. */
export const RESUMABLE: readonly string[] = [
  'joinTimeout',
  'trialTimeout',
  'timeout',
  'influxTokenFile',
  'influxReadTokenFile',
  'influxWait',
  'metricsPort',
  'metricsHost',
  ...MEMBERS.flatMap(({ options }) => options.filter(({ resumable }) => resumable === true).map(nameOf)),
];

/** Options about data, in the order in which they are named. */
const DATA = [
  ...AXIS_LIST.flatMap(({ option }) => (option?.group === 'data' ? keyOf(option.flag) : [])),
  'events',
  'minSeconds',
  'pageCache',
];

/** Refuses options of the command line that would not count; `given` are the names of those that stand there. */
export function refuseUseless(
  given: readonly string[],
  suite: Pick<Suite, 'name' | 'readsData'>,
  runner: RunnerMember,
): void {
  const useless = suite.readsData ? undefined : DATA.find((name) => given.includes(name));
  if (useless !== undefined) throw noData(flagOf(useless, ''), suite.name);
  refuseTwoSizes(given);
  for (const option of ofOtherRunners(runner)) {
    if (!given.includes(nameOf(option))) continue;
    const [flag = ''] = option.flag.split(' ');
    throw optionNotTaken(flag, `runner ${runner.name} has no use for it`, 'leave it out, or choose another --runner');
  }
}

/** Variables of the environment that would not count; `given` are the options of the command line and of the file, which go before them. */
export function uselessVariables(
  environment: NodeJS.ProcessEnv,
  given: readonly string[],
  { readsData }: Pick<Suite, 'readsData'>,
  runner: RunnerMember,
): string[] {
  const others = ofOtherRunners(runner).map(nameOf);
  const useless = FILE_OPTIONS.filter(({ key }) => (!readsData && DATA.includes(key)) || others.includes(key));
  // That nobody asks for a least time suits every suite.
  const isSet = ({ key, env }: FileOption) =>
    environment[env] && !(key === 'minSeconds' && Number(environment[env]) === 0);
  return useless.filter((option) => !given.includes(option.key) && isSet(option)).map(({ env }) => env);
}

/** Options of runners that are not taken part in this run. */
function ofOtherRunners(runner: RunnerMember): RunnerOption[] {
  const own = runner.options.map(({ flag }) => flag);
  return MEMBERS.flatMap(({ options }) => options).filter(({ flag }) => !own.includes(flag));
}

/** The options without those that would not count, such as the default size of files beside a number of events. */
export function withoutUseless(
  raw: RawOptions,
  { readsData }: Pick<Suite, 'readsData'>,
  runner: RunnerMember,
): RawOptions {
  const others = ofOtherRunners(runner).map(nameOf);
  const counts = (name: string) =>
    (readsData || !DATA.includes(name)) && (name !== 'fileSize' || !raw['events']) && !others.includes(name);
  return Object.fromEntries(Object.entries(raw).filter(([name]) => counts(name)));
}

/** Refuses a size of files beside a number of events: one of them would not count. */
export function refuseTwoSizes(given: readonly string[]): void {
  if (given.includes('events') && given.includes('fileSize'))
    throw optionNotTaken(
      '--file-size',
      '--events already says how much data the files hold',
      'give one of the two: the size of a file, or the events of all files',
    );
}

/**
 * Leaves one of `--clone` and `--min-seconds`, which both say how often files are listed: the one from the place that counts more. `placeOf` gives that of an option,
 * larger where it counts more and 0 for a default. From one place both stay, and are refused later. A default of `--min-seconds` goes where no trial may take as long.
 */
export function dropRival(raw: { [name: string]: RawOptions[string] }, placeOf: (name: string) => number): void {
  if (placeOf('minSeconds') === 0 && Number(raw['trialTimeout']) <= Number(raw['minSeconds'])) delete raw['minSeconds'];
  if (raw['clone'] === undefined || Number(raw['minSeconds'] ?? 0) === 0) return;
  const difference = placeOf('clone') - placeOf('minSeconds');
  if (difference > 0) delete raw['minSeconds'];
  if (difference < 0) delete raw['clone'];
}

/** Refuses options that a command knows and has no use for as it is called. */
export function refuseUnused(given: readonly string[], used: readonly string[], command: string): void {
  const unused = given.find((name) => !used.includes(name));
  if (unused !== undefined) throw optionNotTaken(flagOf(unused, ''), `${command} has no use for it`, 'leave it out');
}

function noData(flag: string, suite: string): BenchError {
  return optionNotTaken(flag, `suite ${suite} reads no data`, 'leave it out, or choose another --suite');
}
