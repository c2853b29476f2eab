import type { Event, EventOf } from '../model/event.ts';
import { Series } from './series.ts';

/** All types but the one of which a trial may have millions. */
export type FewType = Exclude<Event['type'], 'sample'>;
export type Few = EventOf<FewType>;

/** The events of one trial, sorted out as they come, in their order within each type. */
export class EventLog {
  readonly #ofType = new Map<FewType, Few[]>();
  readonly #series = new Map<string, Series>();
  readonly #numbers = new Map<string, Numbers>();
  readonly #ofTrial = new Map<string, Pick<Event, 'trial' | 'source' | 'seq'>>();
  readonly #few: Few[] = [];
  #last: Pick<Event, 'type' | 'source' | 't'> | undefined;

  /** The log of events that are at hand; one that is a log already stays itself. */
  static of(events: EventLog | Iterable<Event>): EventLog {
    if (events instanceof EventLog) return events;
    const log = new EventLog();
    for (const event of events) log.add(event);
    return log;
  }

  add(event: Event): void {
    const { type, trial, source, seq, t } = event;
    this.#last = { type, source, t };
    if (!this.#ofTrial.has(trial)) this.#ofTrial.set(trial, { trial, source, seq });
    put(this.#numbers, source, () => new Numbers()).add(seq);
    if (event.type === 'sample') {
      const { collector, target } = event;
      put(this.#series, `${source} ${collector} ${target}`, () => new Series({ source, collector, target })).add(event);
    } else {
      put(this.#ofType, event.type, () => []).push(event);
      this.#few.push(event);
    }
  }

  /** The last line. */
  get last(): Pick<Event, 'type' | 'source' | 't'> | undefined {
    return this.#last;
  }

  /** Everything but samples. */
  get few(): readonly Few[] {
    return this.#few;
  }

  get series(): Series[] {
    return [...this.#series.values()];
  }

  all<T extends FewType>(type: T): readonly EventOf<T>[] {
    const isOf = (event: Few): event is EventOf<T> => event.type === type;
    return (this.#ofType.get(type) ?? []).filter(isOf);
  }

  first<T extends FewType>(type: T): EventOf<T> | undefined {
    return this.all(type)[0];
  }

  /** What came of each source. */
  get numbers(): ReadonlyMap<string, Numbers> {
    return this.#numbers;
  }

  /** The first event of each trial that is named, which should be one. */
  get firstOfTrial(): Iterable<Pick<Event, 'trial' | 'source' | 'seq'>> {
    return this.#ofTrial.values();
  }
}

/** How many lines of a source came, how many different ones, and the highest of their numbers. */
export class Numbers {
  lines = 0;
  highest = 0;
  /** All up to here came. */
  #whole = 0;
  readonly #beyond = new Set<number>();

  get different(): number {
    return this.#whole + this.#beyond.size;
  }

  add(seq: number): void {
    this.lines += 1;
    this.highest = Math.max(this.highest, seq);
    if (seq > this.#whole) this.#beyond.add(seq);
    while (this.#beyond.delete(this.#whole + 1)) this.#whole += 1;
  }
}

function put<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
