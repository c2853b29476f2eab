// Sentences outside core/errors.ts that tell a user what to do, each with the test that does it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Followed, holds } from './hints.ts';
import { checkout } from './python.ts';

const HINTS = 'test/system/hints.test.ts';
const CLUSTER_HINTS = 'test/system/hints-cluster.test.ts';
const BAD_INPUTS = 'test/system/bad-inputs.test.ts';
const FOLDER = 'results/store/folder.test.ts';
const MACHINE = 'core/python/machine.test.ts';
const SETUP = 'test/lab/influx-setup.test.ts';
const ACCOUNT = 'test/lab/account.test.ts';
const INFLUX = 'test/lab/influx.test.ts';
const PUSH_OF_A_MONITOR = 'bench push takes the folder of a monitor, and refuses a folder without a journal';
const DAMAGED_AFTERWARDS =
  'a journal that was damaged or cut short after it was sent is named, and keeps no other from being sent';
const COUNTED =
  'a run ends with what the server holds of its last trial; a lost bucket is seen by --verify and filled by --again';

const by = (file: string, test: string): readonly Followed[] => [{ file, test }];
const SETUP_FOLLOWED = by(SETUP, '%s: what the refusal says to do helps');
const FULL_DISK = by(
  BAD_INPUTS,
  'a full disk ends the run at once, and with room --resume ends with exactly the planned trials [needs root]',
);
const MADE_ANEW = [
  ...by(HINTS, 'a damaged data set is cleaned and made anew'),
  ...by(
    'test/system/wrong-answers.test.ts',
    'a file replaced by a longer one is no basis for the planned parts, and the data set is made anew as it says',
  ),
];
const PAGE_CACHE = 'test/system/page-cache.test.ts';

/** Why a sentence that reads like a hint needs no test: it is none, or nobody can come to it through `bench`. */
type Excuse = string;
const OWN_COMMAND =
  'of `python -m hepbench.datasets`, which is not for users: `bench` checks the same before and says it in its own words';
const OTHER_MACHINE = 'needs a machine that is another one; the words are tested in core/python/machine.test.ts';

/** By their beginning. */
export const SENTENCES: Readonly<Record<string, readonly Followed[] | Excuse>> = {
  'see {self.prog} --help': OWN_COMMAND,
  'make the dataset unless': 'a help text',
  'wait until it has ended': by(
    'test/system/two-at-once.test.ts',
    'data that a run reads are not removed until it has ended',
  ),
  'give --spec, or --files': OWN_COMMAND,
  'choose --jobs from': OWN_COMMAND,
  'see standard error; if it was SIGKILL':
    'a child of hepbench.datasets that is killed from outside; what it says of memory is a guess',
  'run `bench datasets clean {name}`': MADE_ANEW,
  'give --page-cache uncontrolled': by(
    'core/engine/experiment.test.ts',
    'a state of the page caches that a runner cannot bring about is refused, and uncontrolled ones are not',
  ),
  'give one of the two, or --min-seconds 0': by(
    'core/config/run-config.test.ts',
    'a least time of a trial and a number of listings are two answers to one question',
  ),
  'give --dry-run as well': by(
    'cli/options/config-file.test.ts',
    '--write without --dry-run is refused, and with it taken',
  ),
  'move it elsewhere': by(
    'analyses/tests/test_datasets.py',
    'test_what_somebody_else_put_beside_the_files_is_not_removed',
  ),
  'free some space, ask for fewer': by('analyses/tests/test_datasets.py', 'DISK_FULL'),
  'check that --store names': by(HINTS, 'another place for the data sets is named'),
  'choose --{name} from': by(HINTS, 'the size of a file is one that can be'),
  'choose --compression from': OWN_COMMAND,
  'choose --files from 1': by(HINTS, 'the number of files is one that can be'),
  'choose more --files, each': by(HINTS, 'more files are chosen'),
  'give an object with': OWN_COMMAND,
  'make the specification anew': OWN_COMMAND,
  'run bench --suite iobench --param': by(
    'test/system/iobench.test.ts',
    'a report of another suite says how far it is from reading alone, in the way that it says',
  ),
  'run bench --suite iobench with the same': by(
    'test/system/iobench.test.ts',
    'a floor of other data, or of other bytes, says so, and what it says helps',
  ),
  'name columns with bench --suite iobench': by(
    'test/system/iobench.test.ts',
    'a floor of other data, or of other bytes, says so, and what it says helps',
  ),
  'name an experiment of bench --suite iobench': by(
    'test/system/iobench.test.ts',
    'a report of another suite says how far it is from reading alone, in the way that it says',
  ),
  'write {where}': 'for who adds a suite: a user meets none without its reference',
  'run generate first': by(HINTS, 'a data set is generated first'),
  'check the disk that holds': 'a disk that loses what was written cannot be had in a test',
  'give a larger --memory-limit': by(
    'test/system/paused.test.ts',
    'a trial whose workers are all paused ends early, says so, and its hint helps when it is followed',
  ),
  'name a Python with the versions': by(
    'test/lab/foreign-cluster.test.ts',
    'with a Python of the cluster it samples the workers and counts their tasks, and leaves nothing',
  ),
  'run one first, or name another': by(HINTS, 'an experiment is run first'),
  'restore the file from truth-': by(
    'test/system/damaged-journals.test.ts',
    'restore the file from truth-adl.json of the data set',
  ),
  'lower --jobs': 'a part of a hint of hepbench.datasets, in other words',
  'end other programs, use less data': by(
    PAGE_CACHE,
    'data that do not stay in memory taint warm trials, and --page-cache uncontrolled claims nothing',
  ),
  'give a folder on a disk with BENCH_CACHE': by(
    PAGE_CACHE,
    'data in a file system that lies in memory taint cold trials, and another folder in BENCH_CACHE helps',
  ),
  'end other programs, or use fewer workers': by(HINTS, 'fewer workers are used, with several backends'),
  'end other programs': 'a part of a hint of hepbench.datasets, in other words',
  'run `bench datasets generate` first': by(HINTS, 'a data set is generated first'),
  'ask per worker for': 'the head of a column',
  'give --memory-limit ${': [
    ...by(
      'test/system/paused.test.ts',
      'a trial whose workers are all paused ends early, says so, and its hint helps when it is followed',
    ),
    ...by(
      'test/lab/memory-advice.test.ts',
      '%s runs with the memory that its report advises: no pause, no spill, no loss',
    ),
  ],
  'run again with --resume': FULL_DISK,
  'start the monitor again': by(
    'test/system/monitor.test.ts',
    'a full disk ends it with a clear line, nothing of it stays in the cluster, and with room it starts again [needs root]',
  ),
  'move it away, or run': by(
    'core/engine/journal.test.ts',
    'a journal that is there already is never appended to by another trial',
  ),
  'make its folder writable, or name another': [
    ...by(HINTS, 'the folder is made writable [needs root]'),
    ...by(HINTS, 'another folder is named with --results'),
  ],
  'give --tasks ${': by(HINTS, 'too few tasks by %s: no warning is left after %s'),
  'give larger files or fewer': by(HINTS, 'too few tasks by %s: no warning is left after %s'),
  'use a Linux machine': OTHER_MACHINE,
  'let BENCH_PYTHON name': by(HINTS, 'another Python is named, or none'),
  'install Python 3.11': OTHER_MACHINE,
  'install a C++ compiler': by(MACHINE, 'this machine can run the analyses'),
  'free memory unknown': 'not a hint',
  'raise the limit of open files': [
    ...by(CLUSTER_HINTS, 'too few open files: the limit is named, and a higher one helps'),
    ...by(HINTS, 'more files may be open'),
  ],
  'raise the limit of addresses': by(HINTS, 'processes may have more addresses'),
  'raise the limit of file sizes': by(HINTS, 'files may be larger'),
  'raise the limit of processes': by(ACCOUNT, 'a limit of processes is named, and fewer workers fit'),
  'name a folder without it': by(HINTS, 'a cache folder with a plain name is named'),
  'move it to a folder without it': by(HINTS, 'the checkout is moved to a plain name'),
  'make room in it, or name another folder': by(HINTS, 'another folder for temporary files is named'),
  'make room, or name another folder': by(HINTS, 'another cache folder is named'),
  'end what listens there, or give another --metrics-port': by(HINTS, 'another port for Prometheus is given'),
  'delete it: the journal is then sent again': by(
    'results/influx/follower.test.ts',
    'a position that is no position is refused by name, and without it the journal is sent again',
  ),
  'see the log of influxd': 'of answers that influxd does not give; the log is where its own reason stands',
  'give another --token-folder': SETUP_FOLLOWED,
  'give an all-access token of it': SETUP_FOLLOWED,
  'give an all-access token of the organisation': SETUP_FOLLOWED,
  'give the samples another --influx-raw-bucket': SETUP_FOLLOWED,
  'take a name without a slash': SETUP_FOLLOWED,
  'delete the mapping (influx v1': SETUP_FOLLOWED,
  'check the name of the organisation': SETUP_FOLLOWED,
  'check the address, --influx-url': SETUP_FOLLOWED,
  'change what the server does not take': SETUP_FOLLOWED,
  'name the folder of an experiment or of a monitor': by(INFLUX, PUSH_OF_A_MONITOR),
  'name a token that may read': by(INFLUX, COUNTED),
  'name the whole of it': by(HINTS, 'the whole of an experiment is named'),
  'name one of them, as': by(HINTS, 'one of the experiments in a folder is named'),
  'restore the file and send everything with --again': by(INFLUX, PUSH_OF_A_MONITOR),
  'restore the file; nothing of it': by(INFLUX, DAMAGED_AFTERWARDS),
  'restore the file; what the server holds': by(INFLUX, PUSH_OF_A_MONITOR),
  'name the folder of an experiment, as': by(HINTS, 'a folder is named that `bench list experiments` shows'),
  'delete this file: it is made again': by(FOLDER, 'a damaged record says that it can be made again'),
  'make room': FULL_DISK,
  'name the folder of the experiments': by(HINTS, 'the folder of the experiments is named'),
};

const VERBS =
  'add|allow|ask|change|check|choose|delete|end|free|give|install|let|look|lower|make|move|name|open|put|raise|restart|restore|run|see|set|start|stop|take|try|unset|use|wait|write';
/** What follows the beginning of a text, or a mark after which a sentence goes on: an imperative and its object. */
const HINT = new RegExp(String.raw`(?:^|[;:(,] )(?:or )?((?:${VERBS}) (?!of |by )[-a-zA-Z\`$\{].*)`);
const TEXT = /(['"`])((?:\\.|(?!\1).)*)\1/g;
/** Lines that hold no text for a user who is stuck: comments, imports, and help of commands and options. */
const NO_HINT = /^\s*(?:\/\/|\/?\*|#|import |""")|description\(|summary: |\.option\(|help=/;

/** The sentences in a source that tell what to do. */
export function sentencesIn(source: string): string[] {
  return source
    .split('\n')
    .filter((line) => !NO_HINT.test(line))
    .flatMap((line) => [...line.matchAll(TEXT)])
    .flatMap(([, , text = '']) => HINT.exec(text)?.[1] ?? []);
}

/** Sources whose texts reach a user; help of the command line, and tools of developers, are not among them. */
export function sourcesWithHints(): string[] {
  const folders = ['cli', 'collectors', 'core', 'dashboards', 'results', 'runners', 'suites', 'analyses/src'];
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...folders], {
    cwd: checkout,
    encoding: 'utf8',
  })
    .split('\n')
    .filter(
      (file) =>
        /\.(?:ts|py)$/.test(file) &&
        !/\.test\.ts$|\/test\/|^cli\/(?:options|program|sending)|export-|^core\/errors\.ts/.test(file),
    );
}

/** What is wrong with the table: a sentence without an entry, an entry without a sentence, a test that is not there. */
export function sentenceComplaints(
  sources: ReadonlyMap<string, string> = new Map(sourcesWithHints().map((file) => [file, text(file)])),
  table: Readonly<Record<string, readonly Followed[] | Excuse>> = SENTENCES,
  read = text,
): string[] {
  const found = [...sources].flatMap(([file, source]) => sentencesIn(source).map((sentence) => ({ file, sentence })));
  const known = Object.keys(table);
  return [
    ...found
      .filter(({ sentence }) => !known.some((beginning) => sentence.startsWith(beginning)))
      .map(
        ({ file, sentence }) =>
          `${file}: no test follows "${sentence}"; add one and its entry to test/house/hint-sentences.ts`,
      ),
    ...known
      .filter((beginning) => !found.some(({ sentence }) => sentence.startsWith(beginning)))
      .map((beginning) => `"${beginning}": nothing says this`),
    ...Object.entries(table).flatMap(([beginning, rows]) =>
      typeof rows === 'string'
        ? []
        : rows
            .filter(({ file, test }) => !(file.endsWith('.py') ? read(file).includes(test) : holds(read(file), test)))
            .map(({ file, test }) => `"${beginning}": ${file} has no test "${test}"`),
    ),
  ];
}

function text(file: string): string {
  return readFileSync(join(checkout, file), 'utf8');
}
