// A second reading of the dashboards' queries: a small InfluxQL over rows made from journals, which shares nothing with the
// server. It knows what the dashboards use and refuses anything else.

/** A point, or a row of a result. Time in microseconds; undefined for an aggregate over all time. */
export interface Point {
  readonly measurement: string;
  readonly time: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string>>;
}

interface Item {
  readonly name: string;
  readonly call: string | undefined;
  readonly field: string;
  /** Of `sum(a) / sum(b)`. */
  readonly divisor: string | undefined;
  readonly unitMicroseconds: number;
}

interface Query {
  readonly items: readonly Item[];
  readonly from: string | Query;
  readonly conditions: readonly ((point: Point) => boolean)[];
  readonly tags: readonly string[];
  readonly intervalMicroseconds: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 };

/** Evaluates `text`, with its variables substituted, over `points`. */
export function evaluate(text: string, points: readonly Point[]): Point[] {
  return run(parse(text), points);
}

function parse(text: string): Query {
  const [, list = '', after = ''] = take(/^SELECT (.*?) FROM (.*)$/s, text);
  let from: string | Query;
  let rest: string;
  if (after.startsWith('(')) {
    const end = closing(after);
    from = parse(after.slice(1, end));
    rest = after.slice(end + 1).trim();
  } else {
    const [, name = '', others = ''] = take(/^"(\w+)"\s*(.*)$/s, after);
    from = name;
    rest = others;
  }
  const [, where = '', groups = ''] = take(/^(?:WHERE (.*?))?\s*(?:GROUP BY (.*?))?(?:\s*fill\(\w+\))?$/s, rest);
  const keys = groups === '' ? [] : groups.split(/,\s*/);
  const time = keys.find((key) => key.startsWith('time('));
  return {
    items: split(list).map(itemOf),
    from,
    conditions: where === '' ? [] : where.split(/ AND (?![^/]*\/(?: |$))/).flatMap(conditionsOf),
    tags: keys.filter((key) => key !== time).map((key) => key.replaceAll('"', '')),
    intervalMicroseconds: time === undefined ? undefined : duration(time.slice(5, -1)),
  };
}

function take(pattern: RegExp, text: string): RegExpExecArray {
  const match = pattern.exec(text.trim());
  if (!match) throw new Error(`the reference does not know ${text}`);
  return match;
}

function closing(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error(`no end of ${text}`);
}

/** At the commas that are in no parentheses. */
function split(list: string): string[] {
  return list.split(/,\s*(?![^(]*\))/);
}

function itemOf(text: string): Item {
  const [, what = '', alias] = take(/^(.*?)(?: AS "([^"]+)")?$/, text);
  const [, call, field = '', unit, divisor] = take(
    /^(?:(\w+)\()?"([^"]+)"(?:, (\w+))?\)?(?: \/ sum\("([^"]+)"\))?$/,
    what,
  );
  return { name: alias ?? field, call, field, divisor, unitMicroseconds: unit === undefined ? 0 : duration(unit) };
}

function duration(text: string): number {
  const [, count = '', unit = ''] = take(/^(\d+)([smhd])$/, text);
  return Number(count) * (UNITS[unit] ?? Number.NaN);
}

function conditionsOf(text: string): ((point: Point) => boolean)[] {
  const range = /^time >= (\d+)ms and time <= (\d+)ms$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]) * 1000, Number(range[2]) * 1000];
    return [({ time }) => time === undefined || (time >= from && time <= to)];
  }
  const [, name = '', operator, value = ''] = take(/^"(\w+)" (=~|=) (.*)$/, text);
  const of = ({ tags, fields }: Point) => tags[name] ?? fields[name];
  if (operator === '=') {
    const wanted = value.startsWith("'") ? value.slice(1, -1) : Number(value);
    return [(point) => of(point) === wanted];
  }
  const pattern = new RegExp(value.slice(1, -1));
  return [(point) => of(point) !== undefined && pattern.test(String(of(point)))];
}

function run(query: Query, points: readonly Point[]): Point[] {
  const { from } = query;
  const source =
    typeof from === 'string' ? points.filter(({ measurement }) => measurement === from) : run(from, points);
  const kept = source.filter((point) => query.conditions.every((holds) => holds(point)));
  const groups = Map.groupBy(kept, ({ tags }) => JSON.stringify(query.tags.map((tag) => tags[tag] ?? '')));
  return [...groups].flatMap(([key, group]) => {
    const values: string[] = JSON.parse(key);
    const tags = Object.fromEntries(query.tags.map((tag, index) => [tag, values[index] ?? '']));
    return rowsOf(
      query,
      group.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0)),
    ).map((row) => ({ ...row, tags }));
  });
}

type Row = Omit<Point, 'tags'>;

function rowsOf(query: Query, group: readonly Point[]): Row[] {
  const calls = new Set(query.items.map(({ call }) => call));
  if (calls.has('non_negative_derivative')) return derivatives(query.items, group);
  if (calls.has(undefined)) return group.flatMap((point) => rowOf(point.time, selected(query.items, point)));
  const { intervalMicroseconds: interval } = query;
  if (interval === undefined) return rowOf(undefined, aggregated(query.items, group));
  const bins = Map.groupBy(group, ({ time = 0 }) => Math.floor(time / interval) * interval);
  return [...bins].flatMap(([time, bin]) => rowOf(time, aggregated(query.items, bin)));
}

type Values = Readonly<Record<string, number | string | undefined>>;

/** No row at all where every value is missing. */
function rowOf(time: number | undefined, values: Values): Row[] {
  const fields: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) fields[name] = value;
  return Object.keys(fields).length === 0 ? [] : [{ measurement: '', time, fields }];
}

/** A point without any of the chosen fields is not in the result, whatever tags are chosen beside them. */
function selected(items: readonly Item[], { tags, fields }: Point): Values {
  if (!items.some(({ field }) => fields[field] !== undefined)) return {};
  return Object.fromEntries(items.map(({ name, field }) => [name, fields[field] ?? tags[field]]));
}

function numbers(group: readonly Point[], field: string): number[] {
  return group.map(({ fields }) => fields[field]).filter((value) => typeof value === 'number');
}

function aggregated(items: readonly Item[], group: readonly Point[]): Values {
  return Object.fromEntries(
    items.map(({ name, call, field, divisor }) => {
      const value = AGGREGATES[call ?? '']?.(numbers(group, field));
      if (divisor === undefined) return [name, value];
      const below = AGGREGATES['sum']?.(numbers(group, divisor));
      return [name, value === undefined || below === undefined ? undefined : below === 0 ? 0 : value / below];
    }),
  );
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const AGGREGATES: Readonly<Record<string, (values: readonly number[]) => number | undefined>> = {
  sum: (values) => (values.length > 0 ? sum(values) : undefined),
  mean: (values) => (values.length > 0 ? sum(values) / values.length : undefined),
  count: (values) => (values.length > 0 ? values.length : undefined),
  max: (values) => (values.length > 0 ? Math.max(...values) : undefined),
  min: (values) => (values.length > 0 ? Math.min(...values) : undefined),
  median(values) {
    const sorted = values.toSorted((a, b) => a - b);
    const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
    return low === undefined || high === undefined ? undefined : (low + high) / 2;
  },
};

function derivatives(items: readonly Item[], group: readonly Point[]): Row[] {
  const rows = new Map<number, Record<string, number>>();
  for (const { name, field, unitMicroseconds } of items) {
    let before: { time: number; value: number } | undefined;
    for (const { time = 0, fields } of group) {
      const value = fields[field];
      if (typeof value !== 'number') continue;
      const rate = before && ((value - before.value) / (time - before.time)) * unitMicroseconds;
      if (rate !== undefined && rate >= 0) rows.set(time, { ...rows.get(time), [name]: rate });
      before = { time, value };
    }
  }
  return [...rows].flatMap(([time, values]) => rowOf(time, values));
}
