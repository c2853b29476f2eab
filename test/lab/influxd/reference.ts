// A second reading of the dashboards' queries: a small InfluxQL over rows made from journals, which shares nothing with the
// server. It knows what the dashboards use and refuses anything else.

/** A point, or a row of a result. Time in microseconds; undefined for an aggregate over all time. */
export interface Point {
  readonly measurement: string;
  readonly time: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string>>;
}

/** A call over many rows, with what stands beside the field in it. */
interface Call {
  readonly call: string;
  readonly field: string;
  readonly unitMicroseconds: number;
}

type Expression =
  | { readonly number: number }
  | { readonly column: string }
  | { readonly absolute: Expression }
  | { readonly operator: string; readonly left: Expression; readonly right: Expression }
  | Call;

interface Item {
  readonly name: string;
  readonly of: Expression;
}

interface Query {
  readonly items: readonly Item[];
  readonly from: string | Query;
  readonly conditions: readonly ((point: Point) => boolean)[];
  readonly tags: readonly string[];
  readonly intervalMicroseconds: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { u: 1, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 };

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
  const tokens = what.match(/"[^"]+"|\d+[a-z]+|\d+|\w+|[-+*/(),]/g) ?? [];
  const of = sumIn(tokens);
  if (tokens.length > 0) throw new Error(`the reference does not know ${what}`);
  return { name: alias ?? ('column' in of ? of.column : what), of };
}

function sumIn(tokens: string[]): Expression {
  let left = productIn(tokens);
  while (tokens[0] === '+' || tokens[0] === '-')
    left = { operator: tokens.shift() ?? '', left, right: productIn(tokens) };
  return left;
}

function productIn(tokens: string[]): Expression {
  let left = operandIn(tokens);
  while (tokens[0] === '*' || tokens[0] === '/')
    left = { operator: tokens.shift() ?? '', left, right: operandIn(tokens) };
  return left;
}

function operandIn(tokens: string[]): Expression {
  const token = tokens.shift() ?? '';
  if (token.startsWith('"')) return { column: token.slice(1, -1) };
  if (/^\d+$/.test(token)) return { number: Number(token) };
  const call = token === '(' ? '' : token;
  if (call !== '' && tokens.shift() !== '(') throw new Error(`the reference does not know ${token}`);
  const inside = sumIn(tokens);
  const unit = tokens[0] === ',' ? tokens.splice(0, 2)[1] : undefined;
  tokens.shift();
  if (call === '') return inside;
  if (call === 'abs') return { absolute: inside };
  if (!('column' in inside)) throw new Error(`the reference does not know ${call} of more than a field`);
  return { call, field: inside.column, unitMicroseconds: /[a-z]$/.test(unit ?? '') ? duration(unit ?? '') : 0 };
}

function duration(text: string): number {
  const [, count = '', unit = ''] = take(/^(\d+)([usmhd])$/, text);
  return Number(count) * (UNITS[unit] ?? Number.NaN);
}

function conditionsOf(text: string): ((point: Point) => boolean)[] {
  const range = /^time >= (\d+)ms and time <= (\d+)ms$/.exec(text);
  if (range) {
    const [from, to] = [Number(range[1]) * 1000, Number(range[2]) * 1000];
    return [({ time }) => time === undefined || (time >= from && time <= to)];
  }
  const [, name = '', operator, value = ''] = take(/^"(\w+)" (=~|=|>=) (.*)$/, text);
  const of = ({ tags, fields }: Point) => tags[name] ?? fields[name];
  if (operator === '>=') return [(point) => Number(of(point)) >= Number(value)];
  if (operator === '=') {
    const wanted = value.startsWith("'") ? value.slice(1, -1) : Number(value);
    return [(point) => of(point) === wanted];
  }
  const pattern = new RegExp(value.slice(1, -1));
  // A point without a tag has an empty one.
  return [(point) => pattern.test(String(of(point) ?? ''))];
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
  const calls = new Set(query.items.flatMap(({ of }) => callsIn(of)));
  if (calls.has('non_negative_derivative') || calls.has('elapsed')) return differences(query.items, group);
  if (calls.size === 0) return group.flatMap((point) => rowOf(point.time, selected(query.items, point)));
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

function callsIn(of: Expression): string[] {
  if ('operator' in of) return [...callsIn(of.left), ...callsIn(of.right)];
  return 'call' in of ? [of.call] : [];
}

type Value = number | string | undefined;

/** What an expression is worth where `leaf` says it of its columns and calls. Division by zero is zero, as it is there. */
function valueOf(of: Expression, leaf: (of: Call | { readonly column: string }) => Value): Value {
  if ('number' in of) return of.number;
  if ('absolute' in of) {
    const value = valueOf(of.absolute, leaf);
    return typeof value === 'number' ? Math.abs(value) : undefined;
  }
  if (!('operator' in of)) return leaf(of);
  const [left, right] = [valueOf(of.left, leaf), valueOf(of.right, leaf)];
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  if (of.operator === '/') return right === 0 ? 0 : left / right;
  if (of.operator === '*') return left * right;
  return of.operator === '+' ? left + right : left - right;
}

function columnsIn(of: Expression): string[] {
  if ('operator' in of) return [...columnsIn(of.left), ...columnsIn(of.right)];
  if ('absolute' in of) return columnsIn(of.absolute);
  return 'column' in of ? [of.column] : [];
}

/** A point without any of the chosen fields is not in the result, whatever tags are chosen beside them. */
function selected(items: readonly Item[], { tags, fields }: Point): Values {
  if (!items.flatMap(({ of }) => columnsIn(of)).some((column) => fields[column] !== undefined)) return {};
  return Object.fromEntries(
    items.map(({ name, of }) => [
      name,
      valueOf(of, (leaf) => ('column' in leaf ? (fields[leaf.column] ?? tags[leaf.column]) : undefined)),
    ]),
  );
}

function numbers(group: readonly Point[], field: string): number[] {
  return group.map(({ fields }) => fields[field]).filter((value) => typeof value === 'number');
}

function aggregated(items: readonly Item[], group: readonly Point[]): Values {
  return Object.fromEntries(
    items.map(({ name, of }) => [
      name,
      valueOf(of, (leaf) => ('call' in leaf ? AGGREGATES[leaf.call]?.(numbers(group, leaf.field)) : undefined)),
    ]),
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

/** What two neighbouring samples of a field give, at the time of the second. */
function pairOf({ call, unitMicroseconds: unit }: Call, before: Sampled, now: Sampled): number | undefined {
  if (call === 'elapsed') return Math.floor((now.time - before.time) / unit);
  if (call === 'moving_average') return (before.value + now.value) / 2;
  const rate = ((now.value - before.value) / (now.time - before.time)) * unit;
  return rate >= 0 || call === 'derivative' ? rate : undefined;
}

interface Sampled {
  readonly time: number;
  readonly value: number;
}

function differences(items: readonly Item[], group: readonly Point[]): Row[] {
  const rows = new Map<number, Record<string, number>>();
  for (const { name, of } of items) {
    if (!('call' in of)) throw new Error('the reference knows no expression of differences');
    let before: Sampled | undefined;
    for (const { time = 0, fields } of group) {
      const value = fields[of.field];
      if (typeof value !== 'number') continue;
      const made = before && pairOf(of, before, { time, value });
      if (made !== undefined) rows.set(time, { ...rows.get(time), [name]: made });
      before = { time, value };
    }
  }
  return [...rows].flatMap(([time, values]) => rowOf(time, values));
}
