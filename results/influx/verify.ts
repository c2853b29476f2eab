import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventOf } from '../../core/model/event.ts';
import { readLine } from '../../core/model/journal.ts';
import { TRIAL_MEASUREMENT } from '../../core/model/measurements.ts';
import { measurementOf } from '../../core/model/samples.ts';
import { JournalContext } from '../journal/context.ts';
import { linesIn } from '../journal/tail.ts';
import { ask, literal } from './ask.ts';
import { filesBeside } from './destination.ts';
import { microseconds, SchemaError, tagValue } from './line.ts';
import { sampleEncoder, tagsOf } from './points.ts';
import { readPosition } from './position.ts';
import type { Server } from './send.ts';

/** What journals brought to a server and what it holds of that. */
export interface Count {
  readonly points: number;
  readonly summaries: number;
  readonly missingPoints: number;
  readonly missingSummaries: number;
  /** Points of the same series and time that no journal holds. */
  readonly foreignPoints: number;
}

/** The points of one series, as a journal has them. */
interface Series {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** In microseconds. */
  readonly times: Set<number>;
  /** How many points have each field. */
  readonly fields: Map<string, number>;
}

/**
 * Counts what the server holds against the journals, field by field; of those that are damaged no summary is expected. Rejects with
 * Unreadable where the server cannot be asked.
 */
export async function countStored(
  server: Server,
  journals: readonly string[],
  damaged: ReadonlySet<string> = new Set(),
): Promise<Count> {
  const sum = { points: 0, summaries: 0, missingPoints: 0, missingSummaries: 0, foreignPoints: 0 };
  for (const path of journals) {
    const { series, begun, odd } = await readSeries(path);
    const refused = refusedOf(path, server) - odd;
    let missing = 0;
    for (const [one, held] of await heldOfAll(server, series)) {
      const differences = differencesOf(one, held);
      sum.points += one.times.size;
      missing += Math.max(0, ...differences);
      sum.foreignPoints += Math.max(0, ...differences.map((difference) => -difference));
    }
    // What the server would not take is kept beside the journal and was told.
    sum.missingPoints += Math.max(0, missing - Math.max(0, refused));
    const summary = !damaged.has(path) && existsSync(join(dirname(path), 'record.json')) && begun !== undefined;
    sum.summaries += summary ? 1 : 0;
    if (summary && !(await holdsSummary(server, begun))) sum.missingSummaries += 1;
  }
  return sum;
}

/** Lines of the journal that were refused, that are unfit, or that are older than the server keeps. */
function refusedOf(path: string, server: Server): number {
  const position = readPosition(filesBeside(path, server).position);
  return position === undefined ? 0 : position.setAside + position.unfit + position.tooOld;
}

/** Whether what stands before the first sample of a journal says of which run and site it is. */
export async function saysItsRun(path: string): Promise<boolean> {
  const context = new JournalContext();
  for await (const text of linesIn(path)) {
    const read = readLine(text);
    if (!('event' in read)) continue;
    if (read.event.type === 'sample') break;
    context.learn(read.event);
  }
  return context.isTold;
}

interface Journal {
  readonly series: readonly Series[];
  readonly begun: number | undefined;
  /** Lines that are no event, or in no catalogue: they were not sent. */
  readonly odd: number;
}

async function readSeries(path: string): Promise<Journal> {
  let odd = 0;
  const context = new JournalContext();
  let lineOf = sampleEncoder(context.get());
  const found = new Map<string, Series>();
  for await (const text of linesIn(path)) {
    const read = readLine(text);
    if (!('event' in read)) {
      odd += 1;
      continue;
    }
    const { event } = read;
    if (context.learn(event)) lineOf = sampleEncoder(context.get());
    if (event.type !== 'sample') continue;
    if (fits(event, lineOf)) add(found, event, context);
    else odd += 1;
  }
  // Names that are stored alike are one series.
  return { series: [...new Set(found.values())], begun: context.begun, odd };
}

function fits(sample: EventOf<'sample'>, lineOf: ReturnType<typeof sampleEncoder>): boolean {
  try {
    lineOf(sample);
    return true;
  } catch (error) {
    if (error instanceof SchemaError) return false;
    throw error;
  }
}

function add(found: Map<string, Series>, sample: EventOf<'sample'>, context: JournalContext): void {
  const key = `${sample.collector} ${sample.target} ${Object.values(context.get()).join(' ')}`;
  const { name, tags } = measurementOf(sample.collector);
  let series = found.get(key);
  if (series === undefined) {
    const given = tagsOf(sample.collector, sample.target, context.get());
    const stored = Object.fromEntries(tags.map((tag) => [tag, tagValue(given[tag] ?? '')]));
    const id = `${name} ${keyOf(stored)}`;
    series = found.get(id) ?? { measurement: name, tags: stored, times: new Set(), fields: new Map() };
    found.set(id, series).set(key, series);
  }
  const time = microseconds(sample.t);
  // Two samples of one series at one time are one point.
  if (series.times.has(time)) return;
  series.times.add(time);
  for (const field of Object.keys(sample.values)) series.fields.set(field, (series.fields.get(field) ?? 0) + 1);
}

/** How many values there are of each field. */
type Held = ReadonlyMap<string, number>;

function differencesOf({ fields }: Series, held: Held): number[] {
  return [...fields].map(([field, count]) => count - (held.get(field) ?? 0));
}

/**
 * What the server holds of each series. One question for all workers of a journal; a series of which it holds another number is asked for by
 * itself, as neighbouring journals may have some of its points between the first and the last time of all.
 */
async function heldOfAll(server: Server, series: readonly Series[]): Promise<Map<Series, Held>> {
  const all = new Map<Series, Held>();
  const alike = Map.groupBy(series, ({ measurement, tags }) => `${measurement} ${keyOf(sharedOf(tags))}`);
  for (const group of alike.values()) {
    const held = await heldOf(server, group);
    for (const one of group) {
      const found = held.get(keyOf(one.tags)) ?? new Map<string, number>();
      const isOdd = found.size > 0 && differencesOf(one, found).some((difference) => difference !== 0);
      all.set(one, isOdd ? ((await heldOf(server, [one])).get(keyOf(one.tags)) ?? new Map()) : found);
    }
  }
  return all;
}

/** Tags that all series of one journal and measurement have in common. */
function sharedOf({ worker: _worker, host: _host, ...shared }: Series['tags']): Series['tags'] {
  return shared;
}

function keyOf(tags: Series['tags']): string {
  return JSON.stringify(Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What the server holds of series of one measurement between the first and the last of their times, by their tags. */
async function heldOf(server: Server, series: readonly Series[]): Promise<Map<string, Held>> {
  const [first] = series;
  if (first === undefined) return new Map();
  let [from, to] = [Infinity, -Infinity];
  for (const { times } of series) for (const time of times) [from, to] = [Math.min(from, time), Math.max(to, time)];
  const tags = series.length === 1 ? first.tags : sharedOf(first.tags);
  const conditions = Object.entries(tags).map(([name, value]) => `"${name}" = ${literal(value)}`);
  const where = [...conditions, `time >= ${from}u`, `time <= ${to}u`].join(' AND ');
  const rows = await ask(
    server,
    server.rawBucket,
    `SELECT count(*) FROM "${first.measurement}" WHERE ${where} GROUP BY *`,
  );
  return new Map(rows.map((row) => [keyOf(row.tags), countsIn(row.values)]));
}

/** The columns `count_<field>` of a row. */
function countsIn(values: Readonly<Record<string, unknown>>): Held {
  return new Map(
    Object.entries(values).flatMap(([column, value]) =>
      column.startsWith('count_') ? [[column.slice('count_'.length), Number(value ?? 0)] as const] : [],
    ),
  );
}

/** A trial is dated by the beginning of its journal, which no other one shares. */
async function holdsSummary(server: Server, begun: number): Promise<boolean> {
  const query = `SELECT "trial" FROM "${TRIAL_MEASUREMENT.name}" WHERE time = ${microseconds(begun)}u`;
  return (await ask(server, server.bucket, query)).length > 0;
}
