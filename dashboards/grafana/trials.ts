import { AXIS_LIST } from '../../core/model/axes.ts';
import type { Identity } from '../../core/model/axis.ts';
import { TRIAL_VARIABLES } from './variables.ts';
import { columns, type Columns, names, type Query, trialLines, trialTable, where } from './influxql.ts';

/** The measurement of trials. */
export const TRIALS = 'hepbench_trial';

/** Tags that the variables of the dashboards of trials choose. */
export const TRIAL_FILTERS = TRIAL_VARIABLES.map(({ tag }) => tag);

/**
 * What the points of one curve share, in the order in which a legend names them. Tasks are not among them: they change with the
 * number of workers. Warmth is: an edited cut is counted too and is no repetition of a warm trial.
 */
const CURVE = ['site', ...tagsOf('curve'), 'process', 'page_cache', 'compiled', ...tagsOf('work')];

function tagsOf(kind: Identity): string[] {
  return AXIS_LIST.filter(({ identity }) => identity === kind).map(({ tag }) => tag);
}

/** A point of a curve. */
const POINT = [...CURVE, 'workers'] as const;

/** Tells the series of `curves` apart. */
export const CURVE_KEYS = [...CURVE, 'oversubscribed'] as const;

/** Trials that enter medians: valid, not tainted, not the first of their block. */
export const COUNTED = '"counted" = 1';

/** First trials of their block in fresh processes. The taints are text and cannot be excluded here. */
export const COLD = ['"valid" = 1', '"repeat" = 0', '"process" = \'fresh\''] as const;

const WORDS =
  '$tag_suite $tag_parameters, $tag_files files of $tag_file_bytes B, $tag_backend, $tag_runner, $tag_workers workers x $tag_threads_per_worker, $tag_start_method';

/** Names a line: in words what every point has, and after that the values of later axes, which a point has where they are not those of before. */
export const LABEL = [
  WORDS,
  ...AXIS_LIST.filter(({ before }) => before !== undefined).map(({ tag }) => `$tag_${tag}`),
].join(' ');

/**
 * Medians of fields for each point, as one flat table: x is `workers_asked`, a number where the tag `workers` is text. The tags are
 * columns of an outer query because Grafana mixes up the columns of several GROUP BY tags in a table: it walks a Go map of them
 * once for each series.
 */
export function medianTable(of: Columns, ...conditions: readonly string[]): Query {
  const shown = ['workers_asked', ...Object.keys(of), 'trials', 'oversubscribed'];
  const medians = columns(of, (field) => `median(${field})`);
  const counts = `count("workers_asked") AS "trials", mean("workers_asked") AS "workers_asked", mean("oversubscribed") AS "oversubscribed"`;
  const inner = `SELECT ${medians}, ${counts} FROM "${TRIALS}" WHERE ${where(TRIAL_FILTERS, ...conditions)} GROUP BY ${names(POINT)}`;
  // The median of a single trial keeps the time of that trial, and a query around it then makes two rows of one. A mean never does.
  const each = columns(Object.fromEntries(shown.map((name) => [name, name])), (column) => `mean(${column})`);
  const joined = `SELECT ${each} FROM (${inner}) GROUP BY ${names(POINT)}`;
  return trialTable(`SELECT ${names([...shown, ...CURVE])} FROM (${joined})`);
}

/** Means of fields for each point as a flat table, with the workers as text. */
export function meanTable(of: Columns): Query {
  const means = columns({ ...of, workers_asked: 'workers_asked' }, (field) => `mean(${field})`);
  const inner = `SELECT ${means} FROM "${TRIALS}" WHERE ${where(TRIAL_FILTERS, COUNTED)} GROUP BY ${names(POINT)}`;
  return trialTable(`SELECT ${names(['workers_asked', 'workers', ...Object.keys(of)])} FROM (${inner})`);
}

/** One number for each point: the median of a field over the time range. */
export function medianOfPoint(field: string, title: string, ...conditions: readonly string[]): Query {
  const condition = where(TRIAL_FILTERS, ...conditions);
  const text = `SELECT median("${field}") AS "median" FROM "${TRIALS}" WHERE ${condition} GROUP BY ${names(POINT)}`;
  return trialLines(text, `${title}: ${LABEL}`);
}

/** A field of each trial at the time of its start. */
export function trialValues(field: string, filters: readonly string[], ...conditions: readonly string[]): Query {
  const condition = where(filters, ...conditions);
  return trialLines(`SELECT "${field}" AS "value" FROM "${TRIALS}" WHERE ${condition} GROUP BY ${names(POINT)}`, LABEL);
}

/** A field of the trials of each day, made by `call`, one line for each `by`. */
export function daily(
  {
    field,
    call = 'median',
    by = POINT,
    alias = LABEL,
  }: { field: string; call?: string; by?: readonly string[]; alias?: string },
  ...conditions: readonly string[]
): Query {
  const condition = where([...TRIAL_FILTERS, 'workers'], ...conditions);
  const text = `SELECT ${call}("${field}") AS "value" FROM "${TRIALS}" WHERE ${condition} GROUP BY time(1d), ${names(by)} fill(none)`;
  return trialLines(text, alias);
}

/** The trials that fulfil `conditions`, with what was wrong with them. */
export function troubled(...conditions: readonly string[]): Query {
  const shown = names([
    'experiment',
    'trial',
    'state',
    'reasons',
    'taints',
    'suite',
    'backend',
    'parameters',
    'workers',
    'report_url',
  ]);
  return trialTable(`SELECT ${shown} FROM "${TRIALS}" WHERE ${where(TRIAL_FILTERS, ...conditions)}`);
}
