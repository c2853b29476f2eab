import type { Query } from './influxql.ts';
import { DATA_SOURCE_TYPE, DATA_SOURCE_UIDS, type Source } from './sources.ts';

/** A rule that tells people when a number leaves its range. */
export interface Alert {
  /** Fixed for ever: Grafana keeps the state of the rule by it. */
  readonly uid: string;
  readonly title: string;
  readonly summary: string;
  readonly description: string;
  readonly source: Source;
  /** Names its time range itself: a `$` in a provisioned file would be taken for a variable of the environment. */
  readonly query: string;
  readonly range: { readonly seconds: number };
  readonly fires: { readonly when: 'above' | 'below'; readonly than: number };
  readonly for: string;
  /** What no answer at all means. */
  readonly noData: 'OK' | 'Alerting';
  readonly severity: 'warning' | 'critical';
}

const HOUR = 3600;
/** A nightly run and two hours to spare. */
const NIGHT_HOURS = 26;

/** The rules that are provisioned. */
export const ALERTS: readonly Alert[] = [
  {
    uid: 'hepbench-invalid-trials',
    title: 'Trials are not valid',
    summary: 'Some trial of the last day is not valid.',
    description:
      'Its answer is wrong, its journal is cut short or its workload failed. The dashboard of experiments lists such trials with their reasons.',
    source: 'lasting',
    query:
      'SELECT count("valid") AS "invalid" FROM "hepbench_trial" WHERE time > now() - 1d AND "valid" = 0 GROUP BY "site", "suite", "backend"',
    range: { seconds: 24 * HOUR },
    fires: { when: 'above', than: 0 },
    for: '0s',
    noData: 'OK',
    severity: 'critical',
  },
  {
    uid: 'hepbench-backlog',
    title: 'The sink does not keep up',
    summary: 'More than 10 MB of journals have waited for ten minutes.',
    description:
      'The server is slow or refuses. Nothing is lost: the journals keep everything and bench push sends the rest. When the server is away altogether, this rule sees nothing until it is back.',
    source: 'raw',
    // Half an hour: with a backlog the newest samples are late themselves.
    query:
      'SELECT last("sink_backlog_bytes") AS "backlog" FROM "hepbench_sink" WHERE time > now() - 30m GROUP BY "site", "run"',
    range: { seconds: HOUR / 2 },
    fires: { when: 'above', than: 10e6 },
    for: '10m',
    noData: 'OK',
    severity: 'warning',
  },
  {
    uid: 'hepbench-no-trial',
    title: 'No trial has come',
    summary: `No trial in ${NIGHT_HOURS} hours: the nightly run was missed.`,
    description:
      'No summary of a trial reached the lasting bucket, from any site. Either nothing ran, or nothing could be sent.',
    source: 'lasting',
    query: `SELECT count("valid") AS "trials" FROM "hepbench_trial" WHERE time > now() - ${NIGHT_HOURS}h`,
    range: { seconds: NIGHT_HOURS * HOUR },
    fires: { when: 'below', than: 1 },
    for: '10m',
    noData: 'Alerting',
    severity: 'warning',
  },
  {
    uid: 'hepbench-lost-events',
    title: 'Events were lost',
    summary: 'A source numbered events that never came into the journal.',
    description:
      'This must not happen. The trials concerned are incomplete; their journals say which numbers are missing.',
    source: 'raw',
    query:
      'SELECT max("sink_missing_events_total") AS "lost" FROM "hepbench_sink" WHERE time > now() - 1d GROUP BY "site", "run"',
    range: { seconds: 24 * HOUR },
    fires: { when: 'above', than: 0 },
    for: '0s',
    noData: 'OK',
    severity: 'critical',
  },
];

const EXPRESSION = { type: '__expr__', uid: '__expr__' } as const;

/** A node of Grafana's pipeline of expressions. */
function expression(refId: string, model: Readonly<Record<string, unknown>>) {
  return { refId, datasourceUid: EXPRESSION.uid, model: { refId, datasource: EXPRESSION, expression: 'A', ...model } };
}

function queryNode({ source, query, range }: Alert) {
  const uid = DATA_SOURCE_UIDS[source];
  const resultFormat: Query['format'] = 'time_series';
  return {
    refId: 'A',
    relativeTimeRange: { from: range.seconds, to: 0 },
    datasourceUid: uid,
    model: { refId: 'A', datasource: { type: DATA_SOURCE_TYPE, uid }, rawQuery: true, query, resultFormat },
  };
}

/** A rule in Grafana's format: query, last value of each series, threshold. */
export function ruleOf(alert: Alert) {
  const { uid, title, summary, description, fires, noData, severity } = alert;
  const evaluator = { type: fires.when === 'above' ? 'gt' : 'lt', params: [fires.than] };
  return {
    uid,
    title,
    condition: 'C',
    data: [
      queryNode(alert),
      expression('B', { type: 'reduce', reducer: 'last', settings: { mode: 'dropNN' } }),
      expression('C', { type: 'threshold', expression: 'B', conditions: [{ evaluator }] }),
    ],
    noDataState: noData,
    execErrState: 'Error',
    for: alert.for,
    annotations: { summary, description },
    labels: { project: 'hepbench', severity },
    isPaused: false,
  };
}
