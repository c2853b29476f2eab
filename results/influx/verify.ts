import { createReadStream, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { measurementOf, TRIAL_MEASUREMENT } from '../../core/model/measurements.ts';
import { JournalContext } from './context.ts';
import { filesBeside } from './destination.ts';
import { microseconds, SchemaError, tagValue } from './line.ts';
import { eventOf, type SampleEvent, sampleLine, tagsOf } from './points.ts';
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

/** The server cannot be asked what it holds. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
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

/** Counts what the server holds against the journals, field by field. Rejects with {@link Unreadable}. */
export async function countStored(server: Server, journals: readonly string[]): Promise<Count> {
  const sum = { points: 0, summaries: 0, missingPoints: 0, missingSummaries: 0, foreignPoints: 0 };
  for (const path of journals) {
    const { series, begun, odd } = await readSeries(path);
    const refused = refusedOf(path, server) - odd;
    let missing = 0;
    for (const one of series) {
      const held = await heldOf(server, one);
      const differences = [...one.fields].map(([field, count]) => count - (held.get(field) ?? 0));
      sum.points += one.times.size;
      missing += Math.max(0, ...differences);
      sum.foreignPoints += Math.max(0, ...differences.map((difference) => -difference));
    }
    // What the server would not take is kept beside the journal and was told.
    sum.missingPoints += Math.max(0, missing - Math.max(0, refused));
    const summary = existsSync(join(dirname(path), 'record.json')) && begun !== undefined;
    sum.summaries += summary ? 1 : 0;
    if (summary && !(await holdsSummary(server, begun))) sum.missingSummaries += 1;
  }
  return sum;
}

/** Lines of the journal that were refused, or that are older than the server keeps. */
function refusedOf(path: string, server: Server): number {
  const position = readPosition(filesBeside(path, server).position);
  return position === undefined ? 0 : position.setAside + position.tooOld;
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
  const found = new Map<string, Series>();
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    try {
      const event = eventOf(text);
      context.learn(event);
      if (event.sample) add(found, event.sample, context);
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      odd += 1;
    }
  }
  return { series: [...found.values()], begun: context.begun, odd };
}

function add(found: Map<string, Series>, sample: SampleEvent, context: JournalContext): void {
  sampleLine(sample, context.get());
  const key = `${sample.collector} ${sample.target} ${Object.values(context.get()).join(' ')}`;
  const { name, tags } = measurementOf(sample.collector);
  let series = found.get(key);
  if (series === undefined) {
    const given = tagsOf(sample.collector, sample.target, context.get());
    const stored = Object.fromEntries(tags.map((tag) => [tag, tagValue(given[tag] ?? '')]));
    series = { measurement: name, tags: stored, times: new Set(), fields: new Map() };
    found.set(key, series);
  }
  const time = microseconds(sample.t);
  // Two samples of one series at one time are one point.
  if (series.times.has(time)) return;
  series.times.add(time);
  for (const field of Object.keys(sample.values)) series.fields.set(field, (series.fields.get(field) ?? 0) + 1);
}

/** How many values of each field the server holds of a series, between its first and its last point. */
async function heldOf(server: Server, { measurement, tags, times }: Series): Promise<Map<string, number>> {
  let [from, to] = [Infinity, -Infinity];
  for (const time of times) [from, to] = [Math.min(from, time), Math.max(to, time)];
  const conditions = Object.entries(tags).map(([name, value]) => `"${name}" = ${literal(value)}`);
  const where = [...conditions, `time >= ${from}u`, `time <= ${to}u`].join(' AND ');
  const [row = {}] = await ask(server, server.rawBucket, `SELECT count(*) FROM "${measurement}" WHERE ${where}`);
  return new Map(
    Object.entries(row).flatMap(([column, value]) =>
      column.startsWith('count_') ? [[column.slice('count_'.length), Number(value ?? 0)] as const] : [],
    ),
  );
}

/** A trial is dated by the beginning of its journal, which no other one shares. */
async function holdsSummary(server: Server, begun: number): Promise<boolean> {
  const query = `SELECT "trial" FROM "${TRIAL_MEASUREMENT.name}" WHERE time = ${microseconds(begun)}u`;
  return (await ask(server, server.bucket, query)).length > 0;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", String.raw`\'`)}'`;
}

const Answer = z.object({
  error: z.string().optional(),
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z.array(z.object({ columns: z.array(z.string()), values: z.array(z.array(z.unknown())) })).default([]),
      }),
    )
    .default([]),
});

/** Rows of an answer of InfluxQL; rejects with {@link Unreadable}. */
async function ask(
  { url, token, timeoutMs }: Server,
  bucket: string,
  query: string,
): Promise<Record<string, unknown>[]> {
  let text: string;
  let status: number;
  try {
    const response = await fetch(`${url}/query?${new URLSearchParams({ db: bucket, epoch: 'u' })}`, {
      method: 'POST',
      headers: { Authorization: `Token ${token}` },
      body: new URLSearchParams({ q: query }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    ({ status } = response);
    text = await response.text();
  } catch (error) {
    const { cause } = error instanceof Error ? error : {};
    throw new Unreadable(`it cannot be reached (${cause instanceof Error ? cause.message : String(error)})`);
  }
  const answer = Answer.safeParse(jsonOf(text));
  const problem = answer.success
    ? (answer.data.error ?? answer.data.results.find(({ error }) => error !== undefined)?.error)
    : text.slice(0, 200);
  if (!answer.success || problem !== undefined) throw new Unreadable(`bucket ${bucket}: ${status} ${problem ?? ''}`);
  return answer.data.results.flatMap(({ series }) =>
    series.flatMap(({ columns, values }) =>
      values.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
    ),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said as it is by whoever asked.
    return undefined;
  }
}
