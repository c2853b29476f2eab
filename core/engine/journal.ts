import { closeSync, constants, fstatSync, openSync, readSync, writeFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { journalDamaged, resultsUnusable, systemCode } from '../errors.ts';
import { type Event, type EventDraft, JOURNAL_VERSION } from '../model/event.ts';
import { parseLines } from '../model/journal.ts';
import { epochNow, onClockOfRun } from './clock.ts';
import { EventLog } from './event-log.ts';

/** The one file that a trial's facts are appended to, live. */
export interface Journal {
  /** Appends an event of a source in this process: it is numbered and dated here. */
  write(source: string, event: EventDraft, t?: number): void;
  /** Appends events that another process has numbered and dated, in one step. */
  append(events: readonly Event[]): void;
  /** Seconds since the epoch, as `write` dates what is written now. */
  now(): number;
  /** By how much the wall clock, by which this journal dates its events, was set since the run began, in seconds. */
  readonly clockSetSeconds: number;
  /** Events so far, by source. */
  counts(): Record<string, number>;
  close(): void;
}

/** Opens a journal for appending; rejects a folder that cannot be written to. `goOn` is how to go on where there is room again. */
export function openJournal(path: string, trial: string, goOn = 'run again with --resume'): Journal {
  const guard = <T>(work: () => T): T => guarded(path, goOn, work);
  const file = guard(() => openSync(path, 'ax'));
  const counts = new Map<string, number>();
  let failed: unknown;
  // The epoch at the start plus the monotonic clock: a stepping wall clock cannot reorder events.
  const start = epochNow();
  const now = () => start + performance.now() / 1000;
  const append = (events: readonly Event[]) => {
    let lines = '';
    for (const event of events) {
      counts.set(event.source, event.seq);
      lines += `${JSON.stringify(event)}\n`;
    }
    // Unlike writeSync it does not stop in the middle of a line on a disk that is nearly full without saying so.
    guard(() => {
      if (failed !== undefined) throw failed;
      try {
        writeFileSync(file, lines);
      } catch (error) {
        // Part of a line may be there: nothing may follow it, or the journal could not be read any more.
        failed = error;
        throw error;
      }
    });
  };
  return {
    write(source, draft, t = now()) {
      const seq = (counts.get(source) ?? 0) + 1;
      append([{ v: JOURNAL_VERSION, trial, source, seq, t, ...draft }]);
    },
    append,
    now,
    clockSetSeconds: start - onClockOfRun(0),
    counts: () => Object.fromEntries(counts),
    close: () => closeSync(file),
  };
}

function guarded<T>(path: string, goOn: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    const hints: Readonly<Record<string, string>> = {
      ENOSPC: `make room, then ${goOn}`,
      EEXIST: 'move it away, or run in a new folder',
    };
    const hint = hints[code] ?? 'make its folder writable, or name another one with --results';
    throw resultsUnusable(path, `cannot be written: ${code}`, hint, error);
  }
}

/** What a journal file holds, and whether its last line was cut short. */
interface Read {
  readonly log: EventLog;
  readonly torn: boolean;
}

/** Reads a journal file; a torn last line is reported, anything else that is wrong is refused with its place, and with `hint` what to do. */
export function readJournal(path: string, hint?: string): Read {
  const log = new EventLog();
  const read = parsed(path, log, hint);
  if ('torn' in read) return { log, torn: read.torn };
  throw read.kind === 'newer'
    ? resultsUnusable(
        path,
        `was written by a newer hepbench (journal version ${read.version}, this one reads up to ${JOURNAL_VERSION})`,
        'update hepbench',
      )
    : journalDamaged(path, `line ${read.line} is not an event: ${read.why}${andMore(read.moreLines)}`, undefined, hint);
}

function andMore(lines = 0): string {
  return lines === 0 ? '' : `; nor ${lines === 1 ? 'is 1 more line' : `are ${lines} more lines`}`;
}

function parsed(path: string, log: EventLog, hint?: string): ReturnType<typeof parseLines> {
  try {
    return parseLines(linesOf(path), (event) => log.add(event));
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw journalDamaged(path, `cannot be read: ${code}`, error, hint);
  }
}

/** What is read at once. A text of all of it could not be longer than 512 MB. */
const CHUNK_BYTES = 1 << 20;

/** The lines of a file without their ends, and last what stands after the last one. */
function* linesOf(path: string): Generator<string> {
  // A pipe in its place would never end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw Object.assign(new Error(`${path} is no file`), { code: 'not a regular file' });
    // Most journals are far smaller than a chunk, and a report reads a thousand of them.
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, found.size + 1));
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    yield rest + decoder.end();
  } finally {
    closeSync(file);
  }
}
