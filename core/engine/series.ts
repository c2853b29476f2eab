import type { EventOf } from '../model/event.ts';

type Sample = EventOf<'sample'>;
/** Numbers in the order in which they came: 8 bytes each and a fifth in reserve, or 8 bytes in all where they are one and the same. */
class Column {
  #first = Number.NaN;
  #values: Float64Array | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === 0) this.#first = value;
    if (this.#values || !Object.is(value, this.#first)) {
      if (this.#values === undefined || this.#length === this.#values.length) this.#grow();
      if (this.#values) this.#values[this.#length] = value;
    }
    this.#length += 1;
  }

  #grow(): void {
    const longer = new Float64Array(16 + Math.ceil(this.#length * 1.2));
    if (this.#values) longer.set(this.#values);
    else longer.fill(this.#first);
    this.#values = longer;
  }

  /** All of them, not to be changed. */
  all(): Float64Array {
    return this.#values?.subarray(0, this.#length) ?? new Float64Array(this.#length).fill(this.#first);
  }
}

/** The samples of one target by one source, as columns: a trial of an hour on 1,000 workers has millions, which no memory holds as objects. */
export class Series {
  readonly source: string;
  readonly collector: Sample['collector'];
  readonly target: string;
  readonly #seq = new Column();
  readonly #t = new Column();
  /** By name of the value; NaN, which no line of JSON can hold, where a sample lacks it. */
  readonly #columns = new Map<string, Column>();

  constructor({ source, collector, target }: Pick<Sample, 'source' | 'collector' | 'target'>) {
    this.source = source;
    this.collector = collector;
    this.target = target;
  }

  get length(): number {
    return this.#t.length;
  }

  add({ seq, t, values }: Pick<Sample, 'seq' | 't' | 'values'>): void {
    const index = this.length;
    this.#seq.push(seq);
    this.#t.push(t);
    for (const name in values) this.#columnOf(name, index).push(values[name] ?? Number.NaN);
    for (const column of this.#columns.values()) if (column.length === index) column.push(Number.NaN);
  }

  /** With nothing in it for the first `length` samples, where it is new. */
  #columnOf(name: string, length: number): Column {
    const known = this.#columns.get(name);
    if (known) return known;
    const column = new Column();
    for (let index = 0; index < length; index++) column.push(Number.NaN);
    this.#columns.set(name, column);
    return column;
  }

  /** Names of all values that some sample has. */
  get names(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** The times of all samples, in seconds since the epoch. */
  get times(): Float64Array {
    return this.#t.all();
  }

  /** The numbers that the source gave to all samples. */
  get numbers(): Float64Array {
    return this.#seq.all();
  }

  /** What the sample at an index has of this name; undefined where it has none, or where there is no such sample. */
  value(name: string): (index: number) => number | undefined {
    const values = this.#columns.get(name)?.all() ?? [];
    return (index) => {
      const value = values[index];
      return value === undefined || Number.isNaN(value) ? undefined : value;
    };
  }

  /** What a counter grew by from the first to the last sample; a library that is not loaded yet has read nothing. */
  growth(name: string): number | undefined {
    const value = this.value(name);
    const last = value(this.length - 1);
    return last === undefined ? undefined : last - (value(0) ?? 0);
  }

  /** The same samples as their source numbered them, or by time: sources write in order, so that mostly it is this very series. */
  inOrderOf(by: 'numbers' | 'times'): Series {
    const keys = this[by];
    if (keys.every((key, index) => index === 0 || (keys[index - 1] ?? key) <= key)) return this;
    return this.#made([...keys.keys()].toSorted((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0)));
  }

  /** Those from `t` on. */
  from(t: number): Series {
    const { times } = this;
    return this.#made([...times.keys()].filter((index) => (times[index] ?? 0) >= t));
  }

  #made(indices: readonly number[]): Series {
    const made = new Series(this);
    const { numbers, times } = this;
    for (const index of indices) {
      made.#seq.push(numbers[index] ?? Number.NaN);
      made.#t.push(times[index] ?? Number.NaN);
    }
    for (const name of this.names) {
      const valueAt = this.value(name);
      const column = made.#columnOf(name, 0);
      for (const index of indices) column.push(valueAt(index) ?? Number.NaN);
    }
    return made;
  }
}
