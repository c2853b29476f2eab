import type { Event, EventOf } from '../../core/model/event.ts';
import { readLine } from '../../core/model/journal.ts';
import { labelsOf } from '../../core/model/measurement.ts';
import { measurementOf, type SampleKind, SAMPLES } from '../../core/model/samples.ts';
import { JournalContext } from '../journal/context.ts';
import { nameOf } from './names.ts';

/** One value of a series; `t` in seconds since the epoch. */
export interface Reading {
  /** Name of the metric. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly t: number;
}

type Sample = EventOf<'sample'>;

/** What is known of a worker, host, scheduler or sink: each value with its time, as not every sample has all of them. */
interface Target {
  readonly collector: SampleKind;
  readonly target: string;
  readonly values: Map<string, { readonly value: number; readonly t: number }>;
}

/** By collector and name of the value. */
const KINDS = new Map(
  SAMPLES.map(({ collector, fields }) => [collector, new Map(fields.map(({ name, kind }) => [name, kind]))]),
);

/** The latest values that the lines of one journal have told. */
export class Readings {
  readonly #context = new JournalContext();
  readonly #targets = new Map<string, Target>();
  /** When a worker left: samples of before then may still arrive. */
  readonly #leftAt = new Map<string, number>();
  samples = 0;
  skippedLines = 0;

  take(lines: Iterable<string>): void {
    for (const line of lines) {
      const read = readLine(line);
      if ('event' in read && (read.event.type !== 'sample' || fits(read.event))) this.#learn(read.event);
      else this.skippedLines += 1;
    }
  }

  /** Time of the latest value in seconds since the epoch; -Infinity when there is none. */
  get newest(): number {
    let newest = -Infinity;
    for (const { values } of this.#targets.values()) for (const { t } of values.values()) newest = Math.max(newest, t);
    return newest;
  }

  /** Drops what was read before `t`. */
  dropBefore(t: number): void {
    for (const [key, { values }] of this.#targets) {
      for (const [field, value] of values) if (value.t < t) values.delete(field);
      if (values.size === 0) this.#targets.delete(key);
    }
    for (const [worker, leftAt] of this.#leftAt) if (leftAt < t) this.#leftAt.delete(worker);
  }

  *[Symbol.iterator](): Generator<Reading> {
    const { site, runner, suite, backend } = this.#context.get();
    const context = { site, runner, suite, backend };
    for (const { collector, target, values } of this.#targets.values()) {
      const measurement = measurementOf(collector);
      const own = labelsOf(measurement).find((tag) => !Object.hasOwn(context, tag));
      const labels = own === undefined ? context : { ...context, [own]: target };
      for (const [field, { value, t }] of values) yield { name: nameOf(measurement, field), labels, value, t };
    }
  }

  #learn(event: Event): void {
    this.#context.learn(event);
    if (event.type === 'sample') this.#keep(event);
    else if (event.type === 'worker') this.#leave(event);
  }

  #keep({ collector, target, values, t }: Sample): void {
    this.samples += 1;
    if (collector === 'agent' && t <= (this.#leftAt.get(target) ?? -Infinity)) return;
    const key = `${collector} ${target}`;
    const known = this.#targets.get(key) ?? { collector, target, values: new Map() };
    this.#targets.set(key, known);
    for (const [field, value] of Object.entries(values)) {
      if (t >= (known.values.get(field)?.t ?? -Infinity)) known.values.set(field, { value, t });
    }
  }

  #leave({ action, name, t }: EventOf<'worker'>): void {
    if (action !== 'left') return;
    this.#leftAt.set(name, t);
    const values = this.#targets.get(`agent ${name}`)?.values ?? new Map<string, { t: number }>();
    for (const [field, value] of values) if (value.t <= t) values.delete(field);
  }
}

/** Whether all values are in the catalogue and none is a counter below zero. */
function fits({ collector, values }: Sample): boolean {
  return Object.entries(values).every(([field, value]) => {
    const kind = KINDS.get(collector)?.get(field);
    return kind === 'gauge' || (kind === 'counter' && value >= 0);
  });
}
