import type { Presence, Target } from '../core/model/target.ts';

/** Who takes part in a session, for any number of readers: each gets those that are there, then who comes and goes. */
export class Roster {
  readonly #present = new Map<string, Target>();
  readonly #readers = new Set<Reader>();
  #ended = false;
  #failure: Error | undefined;

  tell(presence: Presence): void {
    const { action, target } = presence;
    // A worker that replaces another one has its name.
    const key = `${target.name} ${target.pid}`;
    if (action === 'joined') this.#present.set(key, target);
    else this.#present.delete(key);
    for (const reader of this.#readers) reader.give(presence);
  }

  /** Nothing more will be told; with `failure` because it is not known who is there, which every reader is told. */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const reader of this.#readers) reader.end(failure);
  }

  /** Those that are there, then who comes and goes until the session ends, or until the reader calls `return`. */
  targets(): AsyncIterable<Presence> {
    return { [Symbol.asyncIterator]: () => this.#read() };
  }

  #read(): Reader {
    const reader = new Reader((one) => this.#readers.delete(one));
    this.#readers.add(reader);
    for (const target of this.#present.values()) reader.give({ action: 'joined', target });
    if (this.#ended) reader.end(this.#failure);
    return reader;
  }
}

type Result = IteratorResult<Presence, undefined>;

/** No generator: `return` of one that waits for news would wait for them, too. */
class Reader implements AsyncIterator<Presence, undefined> {
  readonly #gone: (reader: Reader) => void;
  readonly #news: Presence[] = [];
  #waiting: PromiseWithResolvers<Result> | undefined;
  #ended = false;
  #failure: Error | undefined;

  constructor(gone: (reader: Reader) => void) {
    this.#gone = gone;
  }

  give(presence: Presence): void {
    this.#news.push(presence);
    this.#answer();
  }

  end(failure?: Error): void {
    this.#ended = true;
    this.#failure = failure;
    this.#gone(this);
    this.#answer();
  }

  async next(): Promise<Result> {
    this.#waiting ??= Promise.withResolvers();
    const { promise } = this.#waiting;
    this.#answer();
    return await promise;
  }

  async return(): Promise<Result> {
    this.#news.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  #answer(): void {
    const value = this.#news.at(0);
    if (!this.#waiting || (value === undefined && !this.#ended)) return;
    const { resolve, reject } = this.#waiting;
    this.#waiting = undefined;
    this.#news.shift();
    if (value) resolve({ done: false, value });
    else if (this.#failure) reject(this.#failure);
    else resolve({ done: true, value: undefined });
  }
}
