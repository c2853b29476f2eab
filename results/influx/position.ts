import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { resultsUnusable, systemCode } from '../../core/errors.ts';

const count = z.int().nonnegative();

/** How far the sink has come with one journal. Lines up to `offset` are settled: sent, set aside, unfit or too old. */
export const Position = z.object({
  v: z.literal(1),
  url: z.string(),
  org: z.string(),
  bucket: z.string(),
  rawBucket: z.string(),
  offset: count,
  sent: count,
  /** Refused by the server; by an older hepbench also what is unfit. */
  setAside: count,
  /** No event, or not in the catalogue: never sent. */
  unfit: count.default(0),
  tooOld: count,
  /** Events that sources numbered and that are not in the journal. */
  missing: count,
  /** Number of the last event of each source. */
  seqs: z.record(z.string(), count),
  /** The summary that was sent last; it is sent again when the record says something else. */
  summary: z.string().nullable(),
});
export type Position = z.infer<typeof Position>;

/** The position kept at `path`; undefined when there is none. */
export function readPosition(path: string): Position | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return Position.parse(JSON.parse(text));
  } catch (error) {
    throw resultsUnusable(
      path,
      'is not a position of the influx sink',
      'delete it: the journal is then sent again',
      error,
    );
  }
}

/** In one step, so that a kill leaves the old or the new one: the old one only makes lines go out again, unchanged. */
export function writePosition(path: string, position: Position): void {
  writeFileSync(`${path}.new`, JSON.stringify(position));
  renameSync(`${path}.new`, path);
}
