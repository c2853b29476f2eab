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

export const RUN_OPTIONS = [
  { flag: '--suite <name>', summary: 'reference analysis to run', default: 'adl', group: 'what' },
  { flag: '--backend <names>', summary: 'backends, comma-separated (default: all of the suite)', group: 'what' },
  {
    flag: '--param <name=value...>',
    summary: 'suite parameter; several values with / make several points (queries=1/1..8)',
    group: 'what',
  },
  {
    flag: '--workers <counts>',
    summary: 'worker counts: 1,2,4 or 2..4 or ..64 (powers of two)',
    default: '1,2',
    group: 'where',
  },
  { flag: '--no-reference', summary: 'leave out the serial baseline and one worker', group: 'where' },
  { flag: '--serial-threads <counts>', summary: 'threads of the serial baseline', default: '1', group: 'where' },
  {
    flag: '--start-method <method>',
    summary: 'spawn or fork-server (default: fork-server beyond 8 workers)',
    group: 'where',
  },
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
  { flag: '--files <counts>', summary: 'number of files', default: '4', group: 'data' },
  { flag: '--file-size <sizes>', summary: 'size of a file: 16MB,64MB', default: '64MB', group: 'data' },
  { flag: '--events <counts>', summary: 'events in all files, instead of --file-size: 2M', group: 'data' },
  {
    flag: '--cluster-events <n>',
    summary: 'events in a cluster of the files: a task never splits a cluster',
    group: 'data',
  },
  {
    flag: '--tasks <n>',
    summary: 'event-processing tasks (default: 4 per worker at the largest count)',
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
  {
    flag: '--scheduler-port <port>',
    summary: 'port of the local scheduler, 0 for any free one',
    default: '0',
    group: 'limits',
  },
  {
    flag: '--no-tls',
    summary: 'the cluster is neither encrypted nor closed: any user of this machine can then run code as you',
    group: 'limits',
  },
  { flag: '--results <folder>', summary: 'where experiments are kept', default: 'results/runs', group: 'output' },
  {
    flag: '--resume <folder>',
    summary:
      'end an interrupted experiment: its options are taken from there, but time limits, ports and the token file may be given anew',
    group: 'output',
  },
  { flag: '--dry-run', summary: 'print the plan with an estimate of time, and run nothing', group: 'output' },
] as const satisfies readonly RunOption[];
