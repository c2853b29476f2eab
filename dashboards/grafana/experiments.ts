import type { Board, Section } from './board.ts';
import { barsPanel, curvesPanel, pointsPanel, rankingPanel, tablePanel } from './panels.ts';
import {
  COLD,
  COUNTED,
  meanTable,
  medianOfPoint,
  medianTable,
  TRIAL_FILTERS,
  trialValues,
  troubled,
} from './trials.ts';
import { TRIAL_VARIABLES } from './variables.ts';

/** One figure against workers: medians of the counted trials, points on too few cores as curves of their own. */
function curve(id: number, title: string, field: string, unit: string, axis: string, says: string) {
  return curvesPanel({
    id,
    title: `${title} against workers`,
    description: `${says} Median of ${field} over the counted trials of each point (valid, not tainted, not the first of their block). Curves with oversubscribed=1 had more workers than cores and stand apart.`,
    unit,
    axis,
    y: ['median'],
    queries: [medianTable({ median: field }, COUNTED)],
  });
}

const SCALING: Section = {
  id: 100,
  title: 'Scaling',
  panels: [
    curve(1, 'Event rate', 'event_rate', 'eps', 'events/s (T)', 'Events read per second of T.'),
    curve(
      2,
      'Event rate per core',
      'event_rate_per_core',
      'eps',
      'events/s per core (T)',
      'Level when scaling is ideal; window T.',
    ),
    curve(
      3,
      'CPU per million events',
      'cpu_seconds_per_mevent',
      's',
      'CPU-seconds per Mevent (T)',
      'CPU-seconds of the event-processing tasks per million events; window T. It grows when workers disturb each other.',
    ),
    curve(
      4,
      'CPU occupancy',
      'cpu_occupancy_ratio',
      'percentunit',
      'CPU / core time (execution)',
      'CPU-seconds of the workers divided by their core time in the execution window.',
    ),
    curve(5, 'T', 'turnaround_seconds', 's', 'T (s)', 'Computation triggered, to merged result.'),
    curvesPanel({
      id: 6,
      title: 'Time to result against workers',
      description:
        'Cluster asked for, to merged result: known for the first trial of a session only. Median of time_to_result_seconds over valid first trials; tainted ones are included, as their taints are text.',
      unit: 's',
      axis: 'time to result (s)',
      y: ['median'],
      queries: [medianTable({ median: 'time_to_result_seconds' }, ...COLD)],
    }),
  ],
};

const RESOURCES: Section = {
  id: 101,
  title: 'Memory and reading',
  panels: [
    curvesPanel({
      id: 10,
      title: 'Peak memory of a worker against workers',
      description:
        'Largest resident set of any worker during T (rss_peak_bytes), and largest proportional set during the trial, in which shared pages are divided among their users (pss_peak_bytes). Medians over the counted trials.',
      unit: 'bytes',
      axis: 'bytes of one worker',
      y: ['rss', 'pss'],
      queries: [medianTable({ rss: 'rss_peak_bytes', pss: 'pss_peak_bytes' }, COUNTED)],
    }),
    curve(
      11,
      'Read rate',
      'read_rate',
      'Bps',
      'bytes/s (execution)',
      'Compressed bytes that ROOT or uproot asked for, per second of the execution window.',
    ),
    curve(
      12,
      'Bytes per event',
      'bytes_per_event',
      'bytes',
      'bytes per event (T)',
      'Compressed bytes that ROOT or uproot asked for during T, per event. Level unless workers read the same data again.',
    ),
  ],
};

/** Parts of the loss budget in the order in which they are stacked. */
const PARTS = {
  'task CPU': 'budget_task_cpu_seconds',
  'opening files': 'budget_opening_seconds',
  'building and handing over': 'budget_handover_seconds',
  compilation: 'budget_compilation_seconds',
  'waiting for a core': 'budget_core_wait_seconds',
  'waiting for data': 'budget_read_wait_seconds',
  'other waiting': 'budget_other_wait_seconds',
  preparation: 'budget_preparation_seconds',
  scheduling: 'budget_scheduling_seconds',
  merging: 'budget_merging_seconds',
  'idle tail': 'budget_idle_tail_seconds',
  unexplained: 'budget_unexplained_seconds',
} as const;

const LOSSES: Section = {
  id: 102,
  title: 'Where the core-seconds went, and cold against warm',
  panels: [
    rankingPanel({
      id: 21,
      title: 'Cold against warm',
      description:
        'For each point: time to the first histogram (time_to_result_seconds) and T (turnaround_seconds) of the first trial in fresh processes, and T of the counted trials. Medians over the time range; the cold ones include tainted trials.',
      unit: 's',
      width: 24,
      height: 12,
      queries: [
        medianOfPoint('time_to_result_seconds', 'first histogram, cold', ...COLD),
        medianOfPoint('turnaround_seconds', 'T, cold', ...COLD),
        medianOfPoint('turnaround_seconds', 'T, warm', COUNTED),
      ],
    }),
    barsPanel({
      id: 20,
      title: 'Loss budget, $backend',
      description:
        'Core-seconds of the workers during T by what they were spent on (budget_*_seconds): mean over the counted trials of each number of workers. Choose one suite, one set of parameters and one size of data, or bars of several stand side by side.',
      unit: 's',
      width: 24,
      height: 11,
      axis: 'core-seconds (T)',
      queries: [meanTable(PARTS)],
    }),
  ],
};

const TRIALS_SECTION: Section = {
  id: 103,
  title: 'Trials',
  panels: [
    pointsPanel({
      id: 30,
      title: 'Event rate of each valid trial',
      description:
        'event_rate of every valid trial, the first of a block and tainted ones included, at its start. Marks show where experiments begin.',
      unit: 'eps',
      width: 24,
      queries: [trialValues('event_rate', TRIAL_FILTERS, '"valid" = 1')],
    }),
    tablePanel({
      id: 31,
      title: 'Trials that do not count',
      description:
        'Trials that are invalid, incomplete or failed, with the reasons, and valid ones that something disturbed, with the taints. They are stored and shown, and enter no median.',
      unit: 'short',
      width: 24,
      // Two queries: with an OR, InfluxQL drops points that do not have the field taints.
      queries: [troubled('"valid" = 0'), troubled('"valid" = 1', '"taints" =~ /./')],
    }),
  ],
};

/** How analyses scale: curves against workers, from one point for each trial. */
export const EXPERIMENTS: Board = {
  uid: 'hepbench-experiments',
  title: 'hepbench: experiments',
  description: 'Scaling curves, loss budget and cold starts from the lasting measurement hepbench_trial.',
  from: 'now-30d',
  variables: TRIAL_VARIABLES,
  sections: [SCALING, RESOURCES, LOSSES, TRIALS_SECTION],
};
