import type { Source } from './sources.ts';

/** One InfluxQL query of a panel. */
export interface Query {
  readonly source: Source;
  readonly text: string;
  /** `time_series`: one line for each series and column. `table`: one frame for all. */
  readonly format: 'time_series' | 'table';
  /** Names a line; Grafana knows `$tag_x` and `$col`. */
  readonly alias?: string;
}

/** Lines of samples. */
export function lines(text: string, alias: string): Query {
  return { source: 'raw', format: 'time_series', text, alias };
}

/** Lines of trials. */
export function trialLines(text: string, alias: string): Query {
  return { source: 'lasting', format: 'time_series', text, alias };
}

/** A table of trials. */
export function trialTable(text: string): Query {
  return { source: 'lasting', format: 'table', text };
}

/** A measurement as the panels see it. */
export interface Origin {
  readonly measurement: string;
  /** Tags that tell apart the things whose counters grow. */
  readonly tags: readonly string[];
  /** Tags that have a variable of the dashboard. */
  readonly filters: readonly string[];
}

/** Columns by their names in the result, with the field each is made from. */
export type Columns = Readonly<Record<string, string>>;

/** Names in quotes, separated by commas. */
export function names(list: readonly string[]): string {
  return list.map((name) => `"${name}"`).join(', ');
}

/** The condition of a query: the time range, the variables for `filters`, and `more`. */
export function where(filters: readonly string[], ...more: readonly string[]): string {
  // The format is named: without it Grafana versions differ in what they escape.
  const chosen = filters.map((tag) => `"${tag}" =~ /^\${${tag}:regex}$/`);
  return ['$timeFilter', ...chosen, ...more].join(' AND ');
}

/** Columns made by `call` from their fields. */
export function columns(of: Columns, call: (field: string) => string): string {
  return Object.entries(of)
    .map(([name, field]) => `${call(`"${field}"`)} AS "${name}"`)
    .join(', ');
}

function again(of: Columns): Columns {
  return Object.fromEntries(Object.keys(of).map((name) => [name, name]));
}

/**
 * Growth of counters per second (or `unit`) for each thing of the origin. Taken between neighbouring samples and their own times:
 * differences between intervals would carry the jitter of the sampling. A counter that begins again gives no point.
 */
function growth({ measurement, tags, filters }: Origin, of: Columns, unit: string): string {
  const rates = columns(of, (field) => `non_negative_derivative(${field}, ${unit})`);
  return `SELECT ${rates} FROM "${measurement}" WHERE ${where(filters)} GROUP BY ${names(tags)}`;
}

/** Mean over the samples of an interval, for each `by`. */
function meanOf(query: string, of: Columns, by: readonly string[]): string {
  const means = columns(again(of), (column) => `mean(${column})`);
  return `SELECT ${means} FROM (${query}) WHERE $timeFilter GROUP BY time($__interval), ${names(by)} fill(null)`;
}

/**
 * A value of each thing of the origin, summed over those that share `by`. `call` makes it of two neighbouring samples of one thing, and it
 * stands for the time between them, or for the interval where that is shorter: whoever came or left within an interval counts for the
 * time that it was there. A counter that begins again gives no value; the rows must have both columns, or InfluxQL pairs those of different things.
 */
function sumOfPresent(
  { measurement, tags, filters }: Origin,
  name: string,
  field: string,
  call: string,
  by: readonly string[],
): string {
  const pairs = `SELECT ${call} AS "value", elapsed("${field}", 1u) AS "lasted" FROM "${measurement}" WHERE ${where(filters)} GROUP BY ${names(tags)}`;
  const whole = '$__interval_ms * 1000';
  const areas = `SELECT "value" * ("lasted" + ${whole} - abs("lasted" - ${whole})) / 2 AS "area" FROM (${pairs}) WHERE $timeFilter AND "value" >= 0 GROUP BY ${names(tags)}`;
  return `SELECT sum("area") / 1000 / $__interval_ms AS "${name}" FROM (${areas}) WHERE $timeFilter GROUP BY time($__interval), ${names(by)} fill(null)`;
}

/** Counters as rates, one line for each `by`, which defaults to each thing of the origin. */
export function rates(origin: Origin, of: Columns, by: readonly string[] = origin.tags, unit = '1s'): string {
  return meanOf(growth(origin, of, unit), of, by);
}

/** A counter as a rate, summed over the things of the origin that share `by`. */
export function summedRate(origin: Origin, field: string, by: readonly string[]): string {
  return sumOfPresent(origin, 'rate', field, `derivative("${field}", 1s)`, by);
}

/** Share of two counters in what both grew by within an interval. */
export function shareOfGrowth(origin: Origin, part: string, whole: string, by: readonly string[]): string {
  const query = growth(origin, { part, whole }, '1s');
  return `SELECT sum("part") / sum("whole") AS "share" FROM (${query}) WHERE $timeFilter GROUP BY time($__interval), ${names(by)} fill(null)`;
}

/** Gauges, made by `call` from the samples of an interval. */
export function gauges({ measurement, filters }: Origin, of: Columns, by: readonly string[], call = 'mean'): string {
  const values = columns(of, (field) => `${call}(${field})`);
  return `SELECT ${values} FROM "${measurement}" WHERE ${where(filters)} GROUP BY time($__interval), ${names(by)} fill(null)`;
}

/** How many samples of a field each thing of the origin has in an interval, where it has any. */
export function counts({ measurement, tags, filters }: Origin, field: string): string {
  // With fill(null) a count is 0 wherever there is no sample, also before a worker came.
  return `SELECT count("${field}") AS "samples" FROM "${measurement}" WHERE ${where(filters)} GROUP BY time($__interval), ${names(tags)} fill(none)`;
}

/** A gauge, summed over the things of the origin that share `by`. */
export function summedGauge(origin: Origin, field: string, by: readonly string[]): string {
  return sumOfPresent(origin, 'size', field, `moving_average("${field}", 2)`, by);
}
