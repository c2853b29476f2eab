import http from 'node:http';
import https from 'node:https';
import { Command, CommanderError, Option } from 'commander';
import type { RawOptions } from '../core/config/run-config.ts';
import { badOption, BenchError, ExitCode } from '../core/errors.ts';
import { DATASET_OPTIONS } from '../core/model/axes.ts';
import { dropRival, refuseTwoSizes, RESUMABLE } from './options/given.ts';
import { pick } from './options/names.ts';
import { GROUPS, RUN_OPTIONS, titleOf } from './options/run-options.ts';
import { dropDeclinedSwitches, envOf, isOfFile, mistypedVariables } from './options/table.ts';
import { addExpositionOptions, addSinkOptions } from './options/sink-options.ts';
import { addSending } from './sending.ts';
import { defaultsOf } from './studies.ts';
import { outputs, print, tell } from './output.ts';

const stop = new AbortController();

/** Reads the command line, runs one command, and ends with its exit code. */
async function main(argv: readonly string[]): Promise<void> {
  // The second Ctrl-C is left to Node: it ends us at once, and the kernel ends our children.
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  process.once('SIGHUP', () => stop.abort());
  writeForNobodyElse();
  keepLoopbackFromProxies();
  outliveReaders();
  // An error that is thrown in a callback reaches no `catch`: it is told here like any other, such as a full disk with what to do.
  process.on('uncaughtException', (error) => process.exit(explain(error)));
  try {
    // Before anything else: git is asked, which no other command needs to wait for.
    if (argv[2] === '--version' || argv[2] === '-V') {
      const { versionText } = await import('./version.ts');
      print(`${versionText()}\n`);
      return;
    }
    const declined = dropDeclinedSwitches(process.env);
    for (const [name, near] of mistypedVariables(process.env))
      tell(`note: ${name} of the environment is no option and does not count; did you mean ${near}?\n`);
    const bench = program(declined);
    refuseUnknownCommand(bench, argv[2]);
    refuseForgottenValues(argv);
    await bench.parseAsync([...argv]);
  } catch (error) {
    process.exitCode = explain(error);
    // What a bug left open, such as the page for Prometheus, would keep us.
    if (process.exitCode === ExitCode.bug) process.exit();
  }
}

/** What the user's umask gives to others it may read, never write: whoever could write a lock or a journal could stop or forge a run. */
function writeForNobodyElse(): void {
  const given = process.umask(0o077);
  process.umask(given | 0o002);
}

/**
 * With `NODE_USE_ENV_PROXY` Node sends its requests to the proxy of the site, also those to our own processes on this machine, which no
 * proxy can reach.
 */
function keepLoopbackFromProxies(): void {
  const { env } = process;
  // The first of the two that is set counts.
  const name = env['no_proxy'] === undefined ? 'NO_PROXY' : 'no_proxy';
  // Which keeps everything from them, and only by itself.
  if (env[name]?.trim() === '*') return;
  env[name] = [env[name], 'localhost', '127.0.0.1', '[::1]'].filter(Boolean).join(',');
  if (env['NODE_USE_ENV_PROXY'] !== '1') return;
  // `fetch` looks at the variable each time, agents when they are made.
  http.globalAgent = new http.Agent({ keepAlive: true, proxyEnv: env });
  https.globalAgent = new https.Agent({ keepAlive: true, proxyEnv: env });
}

/**
 * A terminal that was closed, or `head` that has read enough, ends no run: its journals matter more than who reads along. Nor does a full disk under
 * the output, but that is told.
 */
function outliveReaders(): void {
  for (const [name, stream] of Object.entries(outputs)) {
    const told = new Set<string>();
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      if (code === undefined) throw error;
      if (code === 'EPIPE' || code === 'EIO' || told.has(code)) return;
      told.add(code);
      tell(`bench: ${name} cannot be written: ${code}\n`);
      process.once('exit', () => (process.exitCode ||= ExitCode.sinkFailed));
    });
  }
}

/** `run` is the default, so that commander would take any other word for a superfluous argument of it. */
function refuseUnknownCommand(bench: Command, word: string | undefined): void {
  if (word === undefined || word.startsWith('-')) return;
  pick('command', [...bench.commands.map((command) => ({ name: command.name() })), { name: 'help' }], word);
}

/** Commander would take the next flag for the value, and the value of that one for a superfluous argument. */
function refuseForgottenValues(argv: readonly string[]): void {
  for (const { flag } of RUN_OPTIONS) {
    const [name = '', value] = flag.split(' ');
    const next = argv[argv.indexOf(name, 2) + 1];
    if (value?.startsWith('<') && argv.includes(name, 2) && next?.startsWith('--')) throw badOption(name, next, value);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.good : ExitCode.usage;
  if (error instanceof BenchError) {
    tell(`bench: ${error.message}\n  ${error.hint.replaceAll('\n', '\n  ')}\n`);
    return error.exitCode;
  }
  tell(`bench: this is a bug, please report it\n${error instanceof Error ? error.stack : String(error)}\n`);
  return ExitCode.bug;
}

/** `declined` are the keys of switches that the environment says no to. */
function program(declined: ReadonlySet<string>): Command {
  const bench = new Command('bench')
    .description(
      'How High Energy Physics analyses scale on Dask: rates, speed-up, CPU and I/O, with answers that were checked.',
    )
    .option('-V, --version', 'print version and commit')
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: tell })
    .showHelpAfterError('(bench --help shows commands and examples)')
    .showSuggestionAfterError();
  bench.addHelpText(
    'after',
    `
Examples:
  bench                                       serial baseline, 1 and 2 workers, both backends, checked and reported
  bench --workers ..8 --files 16              scaling from 1 to 8 workers on 16 files
  bench --file-size 16MB,64MB --files 4,8     how rates depend on data and file size
  bench --backend coffea --param queries=6    one query, one backend
  bench --suite self                          what hepbench itself costs: watching, and its own hot paths
  bench --dry-run --workers 64                the plan and its time, without running it
  bench report results/runs/<experiment>      the report again, without a cluster
  bench doctor                                what this machine lacks`,
  );
  addRun(bench, declined);
  addSending(bench, stop.signal);
  addOthers(bench);
  return bench;
}

function addRun(bench: Command, declined: ReadonlySet<string>): void {
  const run = bench.command('run', { isDefault: true }).description('run an experiment (the default command)');
  for (const group of GROUPS) {
    for (const option of RUN_OPTIONS.filter((one) => one.group === group)) {
      const { flag, summary } = option;
      const made = new Option(flag, summary).helpGroup(titleOf(group));
      if (isOfFile(flag)) made.env(envOf(flag));
      // `--tls` for what a file says no to; nobody needs to be told of it otherwise.
      if (flag.startsWith('--no-')) {
        const yes = new Option(`--${flag.slice('--no-'.length)}`).helpGroup(titleOf(group)).default(true).hideHelp();
        run.addOption(yes);
      }
      run.addOption(option.default === undefined ? made : made.default(option.default));
    }
  }
  addSinkOptions(run);
  addExpositionOptions(run);
  run.action(async (options: RawOptions) => {
    const { runCommand } = await import('./commands/run.ts');
    const given = givenTo(run);
    if (options['resume'] !== undefined) {
      const raw = { ...fromEnvironment(run, RESUMABLE), ...given };
      process.exitCode = await runCommand(raw, Object.keys(given), stop.signal);
      return;
    }
    const file = typeof options['config'] === 'string' ? await fileOf(options['config']) : undefined;
    const isDefault = (name: string) =>
      (run.getOptionValueSource(name) ?? 'default') === 'default' && !declined.has(name);
    // A size of files on the command line, or in the environment, goes before the events of the file, and the other way round.
    const rivalOf: Readonly<Record<string, string>> = { events: 'fileSize', fileSize: 'events' };
    const counts = (name: string) => isDefault(name) && isDefault(rivalOf[name] ?? name);
    const fromFile = Object.fromEntries(Object.entries(file?.options ?? {}).filter(([name]) => counts(name)));
    const suite = fromFile['suite'] ?? options['suite'];
    const ofStudy = Object.entries(defaultsOf(suite)).filter(([name]) => isDefault(name));
    const raw = { ...options, ...Object.fromEntries(ofStudy), ...fromFile };
    // So does one on the command line before the events of the environment.
    if ('fileSize' in given && run.getOptionValueSource('events') === 'env') delete raw['events'];
    const placeOf = (name: string) => (isDefault(name) ? Number(name in fromFile) : name in given ? 3 : 2);
    dropRival(raw, placeOf);
    try {
      process.exitCode = await runCommand(raw, [...Object.keys(given), ...Object.keys(fromFile)], stop.signal);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      const { namedByEnvironment } = await import('./options/config-file.ts');
      const located = file?.located(error, (name) => name in fromFile) ?? error;
      throw namedByEnvironment(located, (name) => run.getOptionValueSource(name) === 'env');
    }
  });
}

async function fileOf(path: string) {
  const { readConfigFile } = await import('./options/config-file.ts');
  return readConfigFile(path);
}

/** Options without the defaults, which are no wish of the user. */
function givenTo(command: Command): RawOptions {
  return Object.fromEntries(
    Object.entries(command.opts<RawOptions>()).filter(([name]) => command.getOptionValueSource(name) === 'cli'),
  );
}

/** Those of the named options that the environment gives. */
function fromEnvironment(command: Command, names: readonly string[]): RawOptions {
  return Object.fromEntries(
    Object.entries(command.opts<RawOptions>()).filter(
      ([name]) => names.includes(name) && command.getOptionValueSource(name) === 'env',
    ),
  );
}

function addOthers(bench: Command): void {
  bench
    .command('report')
    .description('make the report of an experiment again, from its journals')
    .argument('[folder]', 'folder of the experiment (default: the newest)')
    .option('--results <folder>', 'where experiments are kept', 'results/runs')
    .option('--floor <folder>', 'an experiment of suite iobench, whose rates are those of reading alone')
    .action(async (folder: string | undefined, options: { results: string; floor?: string }) => {
      const { reportCommand } = await import('./commands/report.ts');
      process.exitCode = await reportCommand(folder, options.results, options.floor);
    });
  const datasets = bench
    .command('datasets')
    .description('list, generate, verify or clean the generated data sets')
    .argument('<action>', 'list, generate, verify or clean')
    .argument('[ids...]', 'data sets to verify or to clean (default: all)')
    .option('--files <n>', 'number of files', '4')
    .option('--file-size <size>', 'size of a file', '32MB')
    .option('--events <n>', 'events in all files, instead of --file-size')
    .option('--seed <n>', 'generate: of the random numbers', '1')
    .option('--full', 'verify: read every byte')
    .action(async (action: string, ids: string[], options, command: Command) => {
      const given = Object.keys(givenTo(command));
      refuseTwoSizes(given);
      const { datasetsCommand } = await import('./commands/datasets.ts');
      process.exitCode = await datasetsCommand(action, ids, options, given, stop.signal);
    });
  for (const { flag, summary, default: otherwise } of DATASET_OPTIONS) datasets.option(flag, summary, otherwise);
  bench
    .command('list')
    .description('list suites with their backends, runners, collectors, dashboards or experiments')
    .argument('[what]', 'suites, runners, collectors, dashboards, experiments (default: all)')
    .option('--results <folder>', 'where experiments are kept', 'results/runs')
    .action(async (what: string | undefined, options: { results: string }) => {
      const { listCommand } = await import('./commands/list.ts');
      process.exitCode = await listCommand(what, options.results);
    });
  bench
    .command('doctor')
    .description('check what this machine needs')
    .action(async () => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      process.exitCode = await doctorCommand(stop.signal);
    });
}

await main(process.argv);
