import { join, resolve } from 'node:path';
import type { Collector } from '../../collectors/collector.ts';
import { collectors } from '../../collectors/index.ts';
import type { RawOptions, RunConfig } from '../../core/config/run-config.ts';
import { resolveRunConfig } from '../../core/config/run-config.ts';
import { sinksConfigOf } from '../../core/config/sinks.ts';
import { type ExperimentSpec, runBlocks } from '../../core/engine/experiment.ts';
import { type Block, plan, planWarnings, type Request } from '../../core/engine/plan.ts';
import { BenchError, ExitCode, optionNotTaken, timedOut, worstExitCode } from '../../core/errors.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import { checkCompiler, checkTemporaryFolder, requireMachine } from '../../core/python/machine.ts';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { NEUTRAL_FOLDER, pythonEnvironment } from '../../core/python/process.ts';
import { filesIn } from '../../results/store/files.ts';
import { type ExperimentFile, makeFolder, pathsOf, writeWhole } from '../../results/store/folder.ts';
import { runners } from '../../runners/index.ts';
import type { Runner, RunnerMember } from '../../runners/runner.ts';
import type { Suite } from '../../suites/suite.ts';
import { refuseUseless, uselessVariables, withoutUseless } from '../options/given.ts';
import { pick } from '../options/names.ts';
import { type Data, holdData, prepareData, suiteOf } from '../prepare/data.ts';
import { experimentFile, inFile } from '../prepare/experiment-file.ts';
import { decidedOf } from '../prepare/decided.ts';
import { refuseLowLimits } from '../prepare/limits.ts';
import { refuseWhatCannotFit } from '../prepare/memory.ts';
import { nameOfRun } from '../prepare/name-of-run.ts';
import { cardinalityLine } from '../prepare/cardinality.ts';
import { calibrate, listingsIn } from '../prepare/calibrate.ts';
import { calibrates } from '../prepare/calibration.ts';
import { describePlan } from '../prepare/estimate.ts';
import { refuseUnknownNames, requestOf, workersOf } from '../prepare/request.ts';
import { resumed, resumedOptions } from '../prepare/resume.ts';
import { liveObserver } from '../live.ts';
import { openSinks, type Sinks } from '../sinks.ts';
import { studyOf } from '../studies.ts';
import type { Study } from '../study.ts';
import { codeOfState, finish } from './report.ts';
import { print, tell } from '../output.ts';

/** `bench run`: plans, prepares, runs and reports; gives the exit code. `given` are the names of the options on the command line. */
export async function runCommand(raw: RawOptions, given: readonly string[], signal: AbortSignal): Promise<number> {
  const say = (line: string) => tell(`${line}\n`);
  const resume = typeof raw['resume'] === 'string' ? resumed(raw['resume'], say) : undefined;
  const options = resume ? resumedOptions(resume.file, raw) : raw;
  const config = resolveRunConfig(options);
  const writeTo = options['write'];
  if (typeof writeTo === 'string') return await writePlan(raw, given, writeTo, signal);
  const sinksConfig = sinksConfigOf(options, process.env);
  const suite = await suiteOf(config.suite);
  const { runner, member } = await runnerOf(config.runner, options);
  const study = await studyOf(config.suite);
  const planned = study.configOf(config);
  const blocksOf = (request: Request) => study.arrange(plan(request), request.seed);
  refuseUnknownNames(config, suite);
  const calibrating = !resume && calibrates(config, suite);
  if (!resume) refuseUseless(given, suite, member);
  for (const variable of resume ? [] : uselessVariables(process.env, given, suite, member))
    say(`note: ${variable} does not count: suite ${suite.name} on runner ${runner.name} has no use for it`);
  const left = resume?.file.blocks.filter((block) => !resume.complete.has(block.id));
  if (raw['dryRun'] === true) {
    const notesOf = (blocks: readonly Block[]) => (sinksConfig.influx ? [cardinalityLine(blocks)] : []);
    print(await describePlan(planned, suite, runner, { blocksOf, left }, notesOf, signal));
    return ExitCode.good;
  }
  for (const note of runner.notes) say(`note: ${note}`);
  if (!resume) makeFolder(config.results);
  const environment = await ensurePythonEnvironment({ cacheDir: cacheFolder(), onProgress: say, signal });
  // Making the environment looks for it, too, but the environment may be there from before.
  requireMachine([await checkCompiler(process.env), await checkTemporaryFolder(process.env)]);
  const seed = resume?.file.seed ?? config.seed ?? Date.now() % 2 ** 32;
  if (runner.onThisMachine) {
    refuseLowLimits(Math.max(...workersOf(planned, suite)));
    refuseWhatCannotFit(planned, suite);
  }
  const data = await prepareData(config, suite, environment.python, signal, say);
  const folder = resume?.folder ?? newFolder(config);
  const draft = resume?.file ?? experimentFile({ folder, raw, config, runner, seed, data, environment });
  const prepared = { folder, file: draft, options, config, suite, study, data, python: environment.python };
  const letGo = await holdData(data, environment.python);
  try {
    const asked = requestOf(planned, suite, runner, data, seed);
    const calibration = calibrating
      ? await calibrate(asked, suite, config, await specOf(prepared, []), { signal, say })
      : draft.calibration;
    const request = { ...asked, listings: listingsIn(calibration) };
    for (const warning of planWarnings(request)) say(`note: ${warning}`);
    const file = resume ? draft : { ...draft, ...(calibration && { calibration }), blocks: inFile(blocksOf(request)) };
    if (!resume) start(folder, file, suite, data);
    const sinks = await openSinks(sinksConfig, folder, say);
    return await executeAndSend({ ...prepared, file, sinks }, left ?? file.blocks, signal);
  } finally {
    await letGo();
  }
}

async function executeAndSend(run: Run, blocks: readonly Block[], signal: AbortSignal): Promise<ExitCode> {
  let ended: ExitCode = ExitCode.good;
  let sent: ExitCode;
  try {
    ended = await execute(run, blocks, signal);
  } finally {
    // Whatever went wrong: an open one would keep this process alive.
    sent = await run.sinks.close();
  }
  return worstExitCode([ended, sent]);
}

/** `--dry-run --write`: the options of a plan that is shown, with the seed that orders it. */
async function writePlan(
  raw: RawOptions,
  given: readonly string[],
  path: string,
  signal: AbortSignal,
): Promise<number> {
  if (raw['dryRun'] !== true)
    throw optionNotTaken('--write', 'it writes what a run would do instead of running', 'give --dry-run as well');
  const { config: _config, write: _write, ...options } = raw;
  const seeded = { ...options, seed: raw['seed'] ?? String(Date.now() % 2 ** 32) };
  const exitCode = await runCommand(seeded, given, signal);
  const { writeConfigFile } = await import('../options/config-file.ts');
  const suite = await suiteOf(String(raw['suite']));
  writeConfigFile(path, withoutUseless(seeded, suite, memberOf(String(raw['runner']))));
  print(`written: ${path}; bench --config ${path} runs it\n`);
  return exitCode;
}

/** The runners that a user chooses: the serial baseline belongs to every run unless it is declined. */
const CHOSEN = runners.filter(({ name }) => name !== 'serial');

function memberOf(name: string): RunnerMember {
  return pick('runner', CHOSEN, name, name === 'serial' ? 'to choose: it is the baseline of every run' : '');
}

/** The runner that was asked for, with its own options resolved. */
async function runnerOf(name: string, options: RawOptions): Promise<{ runner: Runner; member: RunnerMember }> {
  const member = memberOf(name);
  const make = await member.load();
  return { runner: make(options), member };
}

interface Prepared {
  readonly folder: string;
  readonly file: ExperimentFile;
  readonly options: RawOptions;
  readonly config: RunConfig;
  readonly suite: Suite;
  readonly study: Study;
  readonly data: Data;
  readonly python: string;
}

interface Run extends Prepared {
  readonly sinks: Sinks;
}

async function execute(run: Run, blocks: readonly Block[], signal: AbortSignal): Promise<ExitCode> {
  const timeout = AbortSignal.timeout(run.config.timeoutSeconds * 1000);
  const { sinks } = run;
  const observer = sinks.observing(liveObserver(run.file, blocks), filesIn(run.folder));
  let failure: unknown;
  try {
    await runBlocks(await specOf(run, sinks.collectors), blocks, observer, AbortSignal.any([signal, timeout]));
  } catch (error) {
    failure =
      timeout.aborted && !signal.aborted ? timedOut('the experiment', run.config.timeoutSeconds, '--timeout') : error;
    if (!(failure instanceof BenchError)) throw failure;
  } finally {
    observer.close();
  }
  if (failure === undefined)
    writeWhole(pathsOf(run.folder).experiment, json({ ...run.file, finishedAt: new Date().toISOString() }));
  const { records, exitCode } = await finish(run.folder).catch((error: unknown) => {
    // Most often the same cause once more, such as a full disk: what ended the run is told, with how to go on.
    if (failure === undefined || !(error instanceof BenchError)) throw error;
    return { records: [], exitCode: error.exitCode };
  });
  if (failure === undefined) await run.study.conclude(run.folder, run.file, records, signal);
  if (failure instanceof BenchError) {
    // Who pressed Ctrl-C needs no other advice.
    const hint = failure.code === 'interrupted' ? '' : `  ${failure.hint}\n`;
    tell(`bench: ${failure.message}\n${hint}  to go on: bench --resume ${run.folder}\n`);
  }
  return worstExitCode([
    exitCode,
    ...records.map(exitCodeOf),
    ...(failure instanceof BenchError ? [failure.exitCode] : []),
  ]);
}

/** Wrong answers are told one by one: they are what a reader must see first. */
function exitCodeOf(record: TrialRecord): ExitCode {
  const { state, trial, reasons } = record;
  if (state === 'valid') return ExitCode.good;
  tell(
    `bench: trial ${trial} ${state === 'failed' ? state : `is ${state}`}\n${reasons
      .slice(0, 5)
      .map(({ message }) => `  ${message}\n`)
      .join('')}`,
  );
  if (reasons.length > 5) tell(`  and ${reasons.length - 5} more\n`);
  return codeOfState(record);
}

async function specOf(
  { folder, file, options, config, suite, data, python }: Prepared,
  others: readonly Collector[],
): Promise<ExperimentSpec> {
  return {
    decided: decidedOf(file),
    suite,
    runnerOf: async (name) => (await pick('runner', runners, name).load())(options),
    collectors: config.watch
      ? [...(await Promise.all(collectors.map(async ({ load }) => await load()))), ...others]
      : [],
    datasets: data.datasets,
    truths: data.truths,
    files: filesIn(folder),
    python: { executable: python, environment: pythonEnvironment(), folder: NEUTRAL_FOLDER },
    watch: { sampling: config.watch, hook: config.watch, intervalSeconds: config.intervalSeconds },
    joinTimeoutMs: config.joinTimeoutSeconds * 1000,
    trialTimeoutMs: config.trialTimeoutSeconds * 1000,
  };
}

function newFolder(config: RunConfig): string {
  return resolve(join(config.results, nameOfRun(config.suite)));
}

function start(folder: string, file: ExperimentFile, suite: Suite, data: Data): void {
  makeFolder(folder);
  writeWhole(pathsOf(folder).experiment, json(file));
  for (const [id, text] of data.truthTexts) writeWhole(pathsOf(folder).truth(id, suite.name), text);
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}
