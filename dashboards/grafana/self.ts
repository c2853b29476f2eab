import type { Board, Section } from './board.ts';
import { counts, gauges, lines, rates, shareOfGrowth } from './influxql.ts';
import { RUN, SINKS, WORKERS } from './origins.ts';
import { linesPanel, pointsPanel } from './panels.ts';
import { trialValues } from './trials.ts';
import { PLACE_FILTERS, SAMPLE_VARIABLES } from './variables.ts';

const SINK_LABEL = '$tag_site $tag_suite $tag_runner $tag_run';
const GROWTH = 'Growth between neighbouring samples, mean over the samples of each interval.';
const SINCE_OPENED = 'Counted since the sink was opened; largest sample of the interval.';

/** A counter of the sink, shown as it stands: what matters is whether it is zero. */
function count(id: number, title: string, field: string, says: string) {
  return linesPanel({
    id,
    title,
    description: `${says} From ${field}. ${SINCE_OPENED}`,
    unit: 'short',
    queries: [lines(gauges(SINKS, { count: field }, SINKS.tags, 'max'), SINK_LABEL)],
  });
}

/** A counter of the sink as a rate. */
function rate(id: number, title: string, field: string, unit: string, says: string, per = '1s') {
  return linesPanel({
    id,
    title,
    description: `${says} From ${field}. ${GROWTH}`,
    unit,
    queries: [lines(rates(SINKS, { rate: field }, SINKS.tags, per), SINK_LABEL)],
  });
}

const SENDING: Section = {
  id: 100,
  title: 'The sink',
  panels: [
    count(
      1,
      'Lost events: must be 0',
      'sink_missing_events_total',
      'Events that a source numbered and that never came into the journal.',
    ),
    linesPanel({
      id: 2,
      title: 'Backlog',
      description:
        'Bytes of the journals that are not settled yet (sink_backlog_bytes): largest sample of the interval. These samples travel in the same journal, so a backlog is seen here once it shrinks.',
      unit: 'bytes',
      queries: [lines(gauges(SINKS, { backlog: 'sink_backlog_bytes' }, SINKS.tags, 'max'), SINK_LABEL)],
    }),
    rate(3, 'Lines sent', 'sink_sent_lines_total', 'cps', 'Lines per second that the server acknowledged.'),
    rate(4, 'Failed requests', 'sink_failed_requests_total', 'cpm', 'Requests per minute that are tried again.', '1m'),
    count(
      5,
      'Lines set aside',
      'sink_set_aside_lines_total',
      'Lines that the server refused for good, or that are not fit to be sent; they are kept beside the journal.',
    ),
    count(
      6,
      'Samples left out as too old',
      'sink_too_old_lines_total',
      'Samples older than the retention of the raw bucket.',
    ),
    linesPanel({
      id: 7,
      title: 'Duration of a request',
      description:
        'Duration of the last request at each sample (sink_request_seconds): mean and largest of the interval.',
      unit: 's',
      queries: [
        lines(gauges(SINKS, { mean: 'sink_request_seconds' }, SINKS.tags), `mean ${SINK_LABEL}`),
        lines(gauges(SINKS, { largest: 'sink_request_seconds' }, SINKS.tags, 'max'), `largest ${SINK_LABEL}`),
      ],
    }),
    rate(
      8,
      'CPU of the sink',
      'sink_cpu_seconds_total',
      'percentunit',
      "Share of one core that the sink's thread takes.",
    ),
  ],
};

const WATCHING: Section = {
  id: 101,
  title: 'The watching of the workers',
  panels: [
    linesPanel({
      id: 10,
      title: 'CPU of the instruments, share of the workers',
      description:
        'Growth of agent_cpu_seconds_total divided by that of cpu_seconds_total, both summed over the workers and samples of each interval.',
      unit: 'percentunit',
      queries: [
        lines(
          shareOfGrowth(WORKERS, 'agent_cpu_seconds_total', 'cpu_seconds_total', RUN),
          '$tag_site $tag_suite $tag_backend $tag_run',
        ),
      ],
    }),
    pointsPanel({
      id: 11,
      title: 'Samples of each worker in an interval',
      description:
        'How many samples came (count of cpu_seconds_total); at one sample a second it is the interval in seconds, five or more. Less is a gap: the process could not run its sampling thread. The first and the last interval of a worker are cut.',
      unit: 'short',
      queries: [
        lines(
          counts(WORKERS, 'cpu_seconds_total'),
          '$tag_worker $tag_suite $tag_backend $tag_site $tag_run $tag_cluster',
        ),
      ],
    }),
    pointsPanel({
      id: 12,
      title: 'Largest gap between samples of each trial',
      description:
        'Largest distance between two samples of one worker during T (sampling_gap_max_seconds), all trials.',
      unit: 's',
      queries: [trialValues('sampling_gap_max_seconds', PLACE_FILTERS)],
    }),
    pointsPanel({
      id: 13,
      title: 'CPU of the instruments in each trial',
      description:
        'Thread CPU of the instruments divided by CPU-seconds of the worker processes, window T (watching_cpu_ratio), all trials.',
      unit: 'percentunit',
      queries: [trialValues('watching_cpu_ratio', PLACE_FILTERS)],
    }),
  ],
};

/** What measuring costs, and whether all that was measured arrived. */
export const SELF: Board = {
  uid: 'hepbench-self',
  title: 'hepbench: self',
  description: 'The sink and the samplers of hepbench themselves.',
  from: 'now-6h',
  refresh: '30s',
  variables: SAMPLE_VARIABLES,
  sections: [SENDING, WATCHING],
};
