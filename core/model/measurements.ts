import { AXIS_LIST } from './axes.ts';
import { type Field, gauges, integers, labels, type Measurement } from './measurement.ts';
import { METRICS } from './metrics.ts';
import { SAMPLES } from './samples.ts';

/** Parts of the loss budget as fields. */
const BUDGET = {
  budget_core_seconds: 'Core-seconds of the workers during T.',
  budget_task_cpu_seconds: 'CPU of event-processing tasks without compilation, opening and handing over.',
  budget_core_wait_seconds: 'Waiting for a core.',
  budget_read_wait_seconds: 'Off CPU inside hooked read calls.',
  budget_other_wait_seconds: 'Off CPU inside tasks otherwise.',
  budget_compilation_seconds: 'Compilation and imports.',
  budget_opening_seconds: 'Opening files.',
  budget_handover_seconds: 'CPU of building graphs and handing over results inside tasks.',
  budget_preparation_seconds: 'Tasks that read no events.',
  budget_scheduling_seconds: 'Before the first task and between tasks.',
  budget_merging_seconds: 'Fetching, reducing and handing over.',
  budget_idle_tail_seconds: 'Done while others still worked.',
  budget_unexplained_seconds: 'What is left.',
} as const;

const TRIAL: Measurement = {
  name: 'hepbench_trial',
  bucket: 'lasting',
  help: 'One trial, dated by its start, so that sending it again changes nothing.',
  tags: ['site', ...AXIS_LIST.map(({ tag }) => tag), 'process', 'compiled', 'page_cache'],
  mayLack: AXIS_LIST.filter(({ before }) => before !== undefined).map(({ tag }) => tag),
  fields: [
    ...labels({
      experiment: 'Name of the experiment, which is that of its folder.',
      trial: 'Name of the trial within the experiment.',
      dataset: 'Identity of the data set.',
      state: 'valid, invalid, incomplete or failed.',
      reasons: 'Why the state is not valid.',
      taints: 'What disturbed the timing.',
      commit: 'Commit of hepbench.',
      report_url: 'Address of the report, where the results folder is served.',
    }),
    ...integers('trials', {
      valid: '1 when the answer is right and the journal is whole.',
      counted: '1 when it enters medians: valid, not tainted, not the first of its block.',
      oversubscribed: '1 when there were more workers than cores.',
    }),
    ...integers('', { session: 'Ordinal of the session.', repeat: '0 is the first trial of a block.' }),
    ...integers('workers', {
      workers_asked: 'Workers asked for.',
      workers_seen: 'Workers that were there.',
      workers_used: 'Workers that processed events.',
    }),
    ...integers('threads', { threads_seen: 'Threads of the workers that were there.' }),
    ...integers('events', { events_planned: 'Events of a right answer.', events_read: 'Events read.' }),
    ...integers('tasks', {
      tasks_planned: 'Event-processing tasks planned.',
      tasks_seen: 'Event-processing tasks seen.',
      tasks_erred: 'Tasks that failed.',
    }),
    ...gauges('seconds', {
      time_to_result_seconds: 'Cluster asked for, to merged result.',
      turnaround_seconds: 'T: computation triggered, to merged result.',
      execution_seconds: 'First to last event-processing task.',
      ...BUDGET,
    }),
    ...gauges('tasks', {
      concurrency_mean: 'Event-processing tasks that ran at once, mean over the execution window.',
    }),
    ...METRICS.map(({ name, unit, help }): Field => ({ name, type: 'float', kind: 'gauge', unit, help })),
  ],
};

/** Everything that may go to a database or a metrics page. A field is declared here before it is sent. */
export const MEASUREMENTS = [...SAMPLES, TRIAL] as const;

/** The measurement of a trial's summary. */
export const TRIAL_MEASUREMENT = TRIAL;
