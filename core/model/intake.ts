import type { Event } from './event.ts';
import { readLine } from './journal.ts';

/** An event that came, and how many of its source, or at the end of any, should have come before it and have not. */
export interface Taken {
  readonly event: Event;
  readonly missing: number;
}

/** Takes what a Python process tells, line by line: events that are numbered from 1 by their source (`hepbench/events.py`). */
export class Intake {
  readonly #from: string;
  readonly #last = new Map<string, number>();

  /** `from` is who tells it, for messages. */
  constructor(from: string) {
    this.#from = from;
  }

  /** Throws for a line that is no event. */
  take(line: string): Taken {
    const read = readLine(line);
    if (!('event' in read)) {
      const why = read.kind === 'newer' ? `version ${read.version} of the format` : read.why;
      throw new Error(`${this.#from} wrote what is no event (${why}): ${line.slice(0, 200)}`);
    }
    const { event } = read;
    let missing = this.#missingUpTo(event.source, event.seq - 1);
    this.#last.set(event.source, Math.max(event.seq, this.#last.get(event.source) ?? 0));
    // The last event says how many each source wrote.
    if (event.type === 'done')
      for (const [source, count] of Object.entries(event.counts)) missing += this.#missingUpTo(source, count);
    return { event, missing };
  }

  #missingUpTo(source: string, seq: number): number {
    return Math.max(0, seq - (this.#last.get(source) ?? 0));
  }
}
