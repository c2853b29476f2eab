import type { Board } from './board.ts';
import { pointsPanel } from './panels.ts';
import { COUNTED, daily } from './trials.ts';
import { TRIAL_VARIABLES, WORKERS_VARIABLE } from './variables.ts';

const BY_BACKEND = { by: ['site', 'suite', 'backend'], alias: '$tag_suite $tag_backend $tag_site' } as const;
const MEDIAN =
  'Median over the counted trials of each UTC day, one series for each point. More workers than cores are left out.';
/** Oversubscribed points scatter with whatever else the machine does. */
const STEADY = [COUNTED, '"oversubscribed" = 0'] as const;

function median(id: number, title: string, field: string, unit: string) {
  return pointsPanel({
    id,
    title: `${title}, median of each day`,
    description: `${MEDIAN} From ${field}; window T.`,
    unit,
    width: 24,
    queries: [daily({ field }, ...STEADY)],
  });
}

/** Whether analyses become slower from day to day. */
export const HISTORY: Board = {
  uid: 'hepbench-history',
  title: 'hepbench: history',
  description: 'Medians of each day from the lasting measurement hepbench_trial.',
  from: 'now-90d',
  variables: [...TRIAL_VARIABLES, WORKERS_VARIABLE],
  sections: [
    {
      id: 100,
      title: 'Speed',
      panels: [
        median(1, 'Event rate', 'event_rate', 'eps'),
        median(2, 'CPU per million events', 'cpu_seconds_per_mevent', 's'),
        median(3, 'T', 'turnaround_seconds', 's'),
      ],
    },
    {
      id: 101,
      title: 'Trials',
      panels: [
        pointsPanel({
          id: 10,
          title: 'Share of valid trials of each day',
          description:
            'Trials with the right answer and a whole journal, divided by all trials of a UTC day. From valid.',
          unit: 'percentunit',
          queries: [daily({ field: 'valid', call: 'mean', ...BY_BACKEND })],
        }),
        pointsPanel({
          id: 11,
          title: 'Trials of each day',
          description: 'All trials of a UTC day, whatever their state: how many values of valid there are.',
          unit: 'short',
          queries: [daily({ field: 'valid', call: 'count', ...BY_BACKEND })],
        }),
      ],
    },
  ],
};
