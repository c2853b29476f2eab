import { AXIS_LIST } from '../../core/model/axes.ts';
import { runners } from '../../runners/index.ts';

/** One option of `bench run`: the source of help, environment names and documentation. */
export interface RunOption {
  readonly flag: string;
  readonly summary: string;
  readonly default?: string;
  readonly group: Group;
}

/** The groups of options in help, in this order. */
export const GROUPS = ['what', 'where', 'how often', 'data', 'watching', 'limits', 'output'] as const;
type Group = (typeof GROUPS)[number];

/** The heading of a group, as help prints it. */
export function titleOf(group: string): string {
  return `${group.charAt(0).toUpperCase()}${group.slice(1)}:`;
}

/** Options that are no axis. */
const OTHERS: readonly RunOption[] = [
  { flag: '--suite <name>', summary: 'reference analysis to run', default: 'adl', group: 'what' },
  {
    flag: '--param <name=value...>',
    summary: 'suite parameter; several values with / make several points (queries=1/1..8)',
    group: 'what',
  },
  { flag: '--no-reference', summary: 'leave out the serial baseline and one worker', group: 'where' },
  {
    flag: '--sessions <n>',
    summary: 'independent sessions of each point: the unit of replication',
    default: '3',
    group: 'how often',
  },
  {
    flag: '--repeats <n>',
    summary: 'warm trials in each session, after one that no statistic uses',
    default: '1',
    group: 'how often',
  },
  {
    flag: '--seed <n>',
    summary: 'of the order of blocks (default: from the clock, recorded)',
    group: 'how often',
  },
  {
    flag: '--page-cache <state>',
    summary: 'warm, cold or uncontrolled before each trial',
    default: 'warm',
    group: 'how often',
  },
  { flag: '--events <counts>', summary: 'events in all files, instead of --file-size: 2M', group: 'data' },
  {
    flag: '--tasks <n>',
    summary: 'event-processing tasks (default: 4 per worker at the largest count)',
    group: 'data',
  },
  {
    flag: '--min-seconds <seconds>',
    summary:
      'each backend lists the files so often that a trial on the fewest workers takes as long, found by a session before the first; 0: once',
    default: '3',
    group: 'data',
  },
  { flag: '--grafana-url <url>', summary: 'the report links to its dashboards there', group: 'output' },
  {
    flag: '--reports-url <url>',
    summary: 'where the results folder is served: Grafana links to the reports there',
    group: 'output',
  },
  { flag: '--site <name>', summary: 'name of this facility in databases (default: of this machine)', group: 'output' },
  { flag: '--interval <seconds>', summary: 'between samples of the collectors', default: '1', group: 'watching' },
  { flag: '--no-watch', summary: 'no collectors and no meters: times and answers only', group: 'watching' },
  {
    flag: '--memory-limit <size>',
    summary: 'memory limit of a worker: Dask spills and pauses near it; nothing kills a worker beyond it',
    group: 'limits',
  },
  { flag: '--join-timeout <seconds>', summary: 'for all workers to join', default: '120', group: 'limits' },
  { flag: '--trial-timeout <seconds>', summary: 'for one trial', default: '900', group: 'limits' },
  { flag: '--timeout <seconds>', summary: 'for the whole experiment', default: '86400', group: 'limits' },
  { flag: '--results <folder>', summary: 'where experiments are kept', default: 'results/runs', group: 'output' },
  {
    flag: '--resume <folder>',
    summary:
      'end an interrupted experiment: its options are taken from there, but time limits, ports and the token file may be given anew',
    group: 'output',
  },
  { flag: '--dry-run', summary: 'print the plan with an estimate of time, and run nothing', group: 'output' },
  {
    flag: '--config <file>',
    summary: 'options from a YAML file; the environment (BENCH_...) and the command line go before it',
    group: 'output',
  },
  {
    flag: '--write <file>',
    summary: 'with --dry-run: what this call resolves to, as a file for --config',
    group: 'output',
  },
];

/** What only one runner takes stands beside where it runs. */
const OF_RUNNERS = runners.flatMap(({ options }) => options).map((option) => ({ ...option, group: 'where' as const }));

/** In each group the axes come first, in their own order. */
export const RUN_OPTIONS: readonly RunOption[] = [
  ...AXIS_LIST.flatMap(({ option }) => option ?? []),
  ...OTHERS,
  ...OF_RUNNERS,
];
