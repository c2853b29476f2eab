import { z } from 'zod';
import { Event, JOURNAL_VERSION } from './event.ts';
import { wrongFields } from './wrong-fields.ts';

export interface JournalContent {
  readonly events: readonly Event[];
  /** The last line was cut short, as after a kill in the middle of a write. */
  readonly torn: boolean;
}

/** An event, or why a line holds none: a newer hepbench wrote it, or it is no event at all. */
export type JournalLine = { readonly event: Event } | Newer | { readonly kind: 'bad'; readonly why: string };

interface Newer {
  readonly kind: 'newer';
  readonly version: number;
}

/** Why a journal cannot be read: a newer version, or a line that is neither an event nor the torn last one. */
export type JournalProblem =
  | Newer
  | {
      readonly kind: 'corrupt';
      readonly line: number;
      readonly why: string;
      /** Lines after it that are no event either. */
      readonly moreLines?: number;
    };

const Version = z.looseObject({ v: z.int() });

/** Reads the text of `events.jsonl`. Only the last line may be torn; everything before it must be whole. */
export function parseJournal(text: string): JournalContent | JournalProblem {
  const events: Event[] = [];
  const read = parseLines(text.split('\n'), (event) => events.push(event));
  return 'torn' in read ? { events, ...read } : read;
}

/** The same of its lines, of which the last is what stands after the last line break, and with each event given to `take` as it comes. */
export function parseLines(
  lines: Iterable<string>,
  take: (event: Event) => void,
): Pick<JournalContent, 'torn'> | JournalProblem {
  let number = 0;
  let last: string | undefined;
  let corrupt:
    | { readonly kind: 'corrupt'; readonly line: number; readonly why: string; moreLines?: number }
    | undefined;
  for (const line of lines) {
    if (last !== undefined) {
      number += 1;
      const parsed = readLine(last);
      if ('event' in parsed) {
        if (corrupt === undefined) take(parsed.event);
      } else if (parsed.kind === 'newer') {
        if (corrupt === undefined) return parsed;
      } else if (corrupt === undefined) corrupt = { kind: 'corrupt', line: number, why: parsed.why };
      else corrupt.moreLines = (corrupt.moreLines ?? 0) + 1;
    }
    last = line;
  }
  return corrupt ?? { torn: (last ?? '') !== '' };
}

/** Reads one line of a journal, without its end. All that read journals or take events from another process do it with this. */
export function readLine(line: string): JournalLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'bad', why: 'not JSON' };
  }
  const event = Event.safeParse(value);
  if (event.success) return { event: event.data };
  const version = Version.safeParse(value);
  if (version.success && version.data.v > JOURNAL_VERSION) return { kind: 'newer', version: version.data.v };
  return { kind: 'bad', why: wrongFields(event.error) };
}
