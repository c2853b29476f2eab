import { z } from 'zod';
import type { Server } from './send.ts';

/** The server cannot be asked what it holds. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** A text of InfluxQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", String.raw`\'`)}'`;
}

const Answer = z.object({
  error: z.string().optional(),
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
    .default([]),
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
  const answer = Answer.safeParse(jsonOf(text));
  const problem = answer.success
    ? (answer.data.error ?? answer.data.results.find(({ error }) => error !== undefined)?.error)
    : text.slice(0, 200);
  if (!answer.success || problem !== undefined) throw new Unreadable(`bucket ${bucket}: ${status} ${problem ?? ''}`);
  return answer.data.results.flatMap(({ series }) =>
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
