// Where each hint of core/errors.ts is followed by a test that shows that doing it helps.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './python.ts';

/** A test by its file and its name, as it is written there. */
export interface Followed {
  readonly file: string;
  readonly test: string;
}

/** The tables of rows that go through the front door. */
const TABLE = 'test/system/hints.test.ts';
const CLUSTER_TABLE = 'test/system/hints-cluster.test.ts';
const BAD_INPUTS = 'test/system/bad-inputs.test.ts';

const inTable = (...rows: readonly string[]): Followed[] => rows.map((test) => ({ file: TABLE, test }));
const ofClusters = (...rows: readonly string[]): Followed[] => rows.map((test) => ({ file: CLUSTER_TABLE, test }));

/** For each error function of core/errors.ts the tests that follow its hint. */
export const FOLLOWED = {
  machineNotReady: inTable(
    'another Python is named, or none',
    'another cache folder is named',
    'another folder for temporary files is named',
    'more files may be open',
    'processes may have more addresses',
    'a cache folder with a plain name is named',
    'the checkout is moved to a plain name',
  ),
  noHome: inTable('HOME is set', 'BENCH_CACHE names a folder'),
  pythonSetupFailed: [
    {
      file: 'test/lab/python-environment.test.ts',
      test: 'after a failure for want of a network and kill -9 in the middle, two runs at once make one whole environment that runs ROOT and coffea',
    },
    {
      file: 'test/lab/installer.test.ts',
      test: 'a mirror whose certificate nobody here knows is refused, and the hint names what makes it known',
    },
    { file: 'test/lab/installer.test.ts', test: 'a folder of wheels is all that a machine without a network needs' },
  ],
  lockTimedOut: [
    { file: 'core/python/lock.test.ts', test: 'who waited in vain for a lock has it when its holder has finished' },
    { file: 'core/python/lock.test.ts', test: 'the lock of a holder that no longer exists is free when it is deleted' },
  ],
  interrupted: ofClusters('the same command is run again'),
  badOption: [
    ...inTable('a value that the hint names is given', 'what is missing is given', 'a forgotten value is given'),
    { file: 'core/config/run-config.test.ts', test: '%j: every value that the hint names is taken' },
  ],
  configFileWrong: [
    {
      file: 'cli/options/config-file.test.ts',
      test: 'a file with %j is refused with its place, and read when the hint is followed',
    },
  ],
  optionNotTaken: [
    ...inTable(
      'an option that would not count is left out',
      'another suite is chosen, for which an option counts',
      'one of two sizes of data is given',
    ),
    ...ofClusters('an experiment is resumed with what may change'),
  ],
  unknownName: inTable('the suggested name is taken', 'the known name is taken'),
  tooManyWorkers: inTable('fewer workers are used, with several backends'),
  resultsUnusable: [
    ...inTable(
      'an experiment is run first',
      'another folder is named with --results',
      'a folder is named that `bench list experiments` shows',
      'the folder is made writable [needs root]',
    ),
    {
      file: BAD_INPUTS,
      test: 'a full disk ends the run at once, and with room --resume ends with exactly the planned trials [needs root]',
    },
  ],
  journalDamaged: [
    {
      file: BAD_INPUTS,
      test: 'a journal with a corrupt line in the middle is named with the line, the report is made of the others, and --resume runs its block again',
    },
  ],
  tokenUnreadable: inTable('a file with the token is named', "a file with the administrator's token is named"),
  dataUnusable: inTable(
    'the number of files is one that can be',
    'the size of a file is one that can be',
    'a damaged data set is cleaned and made anew',
    'another place for the data sets is named',
    'a data set is generated first',
  ),
  childFailed: ofClusters('the log that is named says why, and the run goes on when the cause is gone'),
  portInUse: ofClusters('--resume takes another port'),
  workersMissing: ofClusters('--resume waits longer for the workers', 'fewer workers are used'),
  nothingWatched: [
    {
      file: 'test/system/monitor.test.ts',
      test: 'where no scheduler is reached it says so; one that is killed and comes back is found again, as another cluster',
    },
  ],
  driverLost: ofClusters('the log of the client says why', 'an empty log means a kill'),
  timedOut: ofClusters('a trial gets more time', '--resume gives the experiment more time'),
} satisfies Record<string, readonly Followed[]>;

export type ErrorName = keyof typeof FOLLOWED;

/** Names of the functions of `source`, the text of core/errors.ts, that make an error with a hint. */
export function errorFunctions(source: string): string[] {
  return source
    .split(/^(?=export )/m)
    .filter((part) => part.includes('return new BenchError('))
    .map((part) => /^export (?:function|const) (\w+)/.exec(part)?.[1] ?? part);
}

/** What is wrong with the table: a function without a row, a row without a function, a row whose test is not there. */
export function complaints(
  source: string,
  followed: Readonly<Record<string, readonly Followed[]>> = FOLLOWED,
  read = (file: string) => readFileSync(join(checkout, file), 'utf8'),
): string[] {
  const functions = errorFunctions(source);
  return [
    ...functions
      .filter((name) => (followed[name] ?? []).length === 0)
      .map((name) => `${name}: no test follows its hint; add one to ${TABLE} and its row to test/house/hints.ts`),
    ...Object.keys(followed)
      .filter((name) => !functions.includes(name))
      .map((name) => `${name}: is no function of core/errors.ts`),
    ...Object.entries(followed).flatMap(([name, rows]) =>
      rows
        .filter(({ file, test }) => !holds(read(file), test))
        .map(({ file, test }) => `${name}: ${file} has no test "${test}"`),
    ),
  ];
}

/** Whether a source file holds `text` as a whole string, in any quotes. */
export function holds(source: string, text: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${text}${quote}`));
}
