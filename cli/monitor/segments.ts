import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { epochNow } from '../../core/engine/clock.ts';
import { type Journal, openJournal } from '../../core/engine/journal.ts';
import type { Event, EventDraft } from '../../core/model/event.ts';
import { makeFolder } from '../../results/store/folder.ts';
import { SEGMENT } from '../../results/store/kinds.ts';

export interface SegmentLimits {
  readonly bytes: number;
  readonly seconds: number;
  /** Segments that stay on the disk after they are settled. */
  readonly kept: number;
}

/** Who reads segments. */
export interface SegmentReader {
  follow(path: string): void;
  finished(path: string): void;
  isSettled(path: string): boolean;
}

/** What the wall clock must be set by to begin a new file: a process may also pause between its readings of two clocks. */
const STEP_MS = 100;

/**
 * A journal without end, in files that are begun anew by size and age, and where the wall clock was set, as a journal dates its events by
 * the clock at its beginning. Old ones go when nobody needs them any more.
 */
export class Segments {
  readonly #folder: string;
  #header: EventDraft;
  readonly #limits: SegmentLimits;
  readonly #reader: SegmentReader;
  #number = 0;
  #current:
    | {
        readonly path: string;
        readonly name: string;
        readonly journal: Journal;
        readonly since: number;
        readonly epoch: number;
        /** Number of the last event of each source in earlier segments. */
        readonly before: ReadonlyMap<string, number>;
      }
    | undefined;
  /** The same for all segments. */
  readonly #last = new Map<string, number>();

  /** `header` is the first event of every segment: the segments of a monitor are read one by one. */
  constructor(folder: string, header: EventDraft, limits: SegmentLimits, reader: SegmentReader) {
    makeFolder(folder);
    this.#folder = folder;
    this.#header = header;
    this.#limits = limits;
    this.#reader = reader;
  }

  /** Appends an event of this process, numbered here; `t` in seconds since the epoch where its source has dated it. */
  write(source: string, event: EventDraft, t?: number): void {
    this.#open().journal.write(source, event, t);
  }

  /** Appends an event that its source has numbered. A segment counts from 1 again, so that what is missing of a source is missing in it as well. */
  append(event: Event): void {
    const { journal, name, before } = this.#open();
    const { source, seq } = event;
    journal.append([{ ...event, trial: name, seq: seq - (before.get(source) ?? 0) }]);
    this.#last.set(source, seq);
  }

  /** From now on segments begin with `header`: the present one, which began with another, ends here. */
  describe(header: EventDraft): void {
    this.close();
    this.#header = header;
  }

  /** Begins a new segment where the present one is large or old enough; to be called now and then. */
  roll(): void {
    const current = this.#current;
    if (current === undefined) return;
    const age = (performance.now() - current.since) / 1000;
    const isSet = Math.abs(epochMs() - current.epoch) >= STEP_MS;
    if (!isSet && age < this.#limits.seconds && statSync(current.path).size < this.#limits.bytes) return;
    this.close();
    this.#forget();
  }

  close(): void {
    if (this.#current === undefined) return;
    const { journal, path } = this.#current;
    this.#current = undefined;
    journal.close();
    this.#reader.finished(path);
  }

  #open() {
    if (this.#current !== undefined) return this.#current;
    this.#number += 1;
    const name = `segment-${String(this.#number).padStart(6, '0')}`;
    const path = join(this.#folder, `${name}.jsonl`);
    const journal = openJournal(path, name, 'start the monitor again');
    journal.write('engine', this.#header);
    this.#reader.follow(path);
    const before = new Map(this.#last);
    return (this.#current = { path, name, journal, since: performance.now(), epoch: epochMs(), before });
  }

  /** Settled segments beyond the kept ones, with what sinks keep beside them. */
  #forget(): void {
    const names = readdirSync(this.#folder);
    const segments = names.filter((name) => SEGMENT.test(name)).toSorted();
    for (const segment of segments.slice(0, Math.max(0, segments.length - this.#limits.kept))) {
      if (!this.#reader.isSettled(join(this.#folder, segment))) continue;
      const base = segment.replace('.jsonl', '.');
      // The journal last: who finds what is kept beside it without it takes it for lost.
      for (const name of names.filter((one) => one.startsWith(base)).toSorted())
        rmSync(join(this.#folder, name), { force: true });
    }
  }
}

/** The wall clock when the monotonic one was 0. */
function epochMs(): number {
  return epochNow() * 1000;
}
