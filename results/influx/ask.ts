import { z } from 'zod';
import { oneLine } from './one-line.ts';
import type { Server } from './send.ts';

/** What a token is not good for. */
export interface Refusal {
  readonly bucket: string;
  /** It is known, and the bucket does not show itself: it may not read it, or there is none, which InfluxDB does not tell apart. */
  readonly isKnown: boolean;
}

/** The server cannot be asked what it holds. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  readonly refusal: Refusal | undefined;

  constructor(message: string, refusal?: Refusal) {
    super(message);
    this.refusal = refusal;
  }
}

/** A text of InfluxQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", String.raw`\'`)}'`;
}

const Answer = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  results: z
    .array(
      z.object({
        error: z.string().optional(),
        series: z
          .array(
            z.object({
              tags: z.record(z.string(), z.string()).default({}),
              columns: z.array(z.string()),
              values: z.array(z.array(z.unknown())),
            }),
          )
          .default([]),
      }),
    )
    .optional(),
});

/** A row of an answer, with the tags by which the query groups. */
export interface AnsweredRow {
  readonly tags: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Rows of an answer of InfluxQL; rejects with {@link Unreadable}. */
export async function ask({ url, token, timeoutMs }: Server, bucket: string, query: string): Promise<AnsweredRow[]> {
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
  const { error, message, results } = Answer.safeParse(jsonOf(text)).data ?? {};
  const problem = error ?? results?.find((one) => one.error !== undefined)?.error;
  // Whatever is no answer to the question holds no rows, and would be taken for a bucket without any.
  if (status !== 200 || problem !== undefined || results === undefined) {
    const isRefused = problem?.startsWith('database not found') === true || [401, 403, 404].includes(status);
    const said = `bucket ${bucket}: ${status} ${oneLine(problem ?? message ?? text)}`;
    throw new Unreadable(said, isRefused ? { bucket, isKnown: status !== 401 } : undefined);
  }
  return results.flatMap(({ series }) =>
    series.flatMap(({ tags, columns, values }) =>
      values.map((row) => ({ tags, values: Object.fromEntries(columns.map((name, index) => [name, row[index]])) })),
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
