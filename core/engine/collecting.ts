import type { Collector, Sample, Watching } from '../../collectors/collector.ts';
import type { EventDraft } from '../model/event.ts';
import { measurementOf } from '../model/samples.ts';

/** How long a collector may take to start, and to end. */
const DEADLINE_MS = 30_000;

export interface CollectingSpec extends Watching {
  readonly collectors: readonly Collector[];
  /** Seconds since the epoch, on the clock by which `write` dates what has no time of its own. */
  readonly now: () => number;
  readonly write: (source: string, event: EventDraft, t?: number) => void;
  /** Told of a collector that could not start or end, whose readings failed, or whose samples were refused. */
  readonly failed: (name: string, error: unknown) => void;
  /** Told while it happens. */
  readonly tell?: (name: string, message: string) => void;
  readonly deadlineMs?: number;
}

/** Collectors that can be started once, and stopped. */
export interface Collecting {
  /** Resolves when all of them watch that can. Rejects, as does `stop`, only with what `failed` throws. */
  readonly start: () => Promise<void>;
  /** Resolves when the last sample is written and all failures are told. */
  readonly stop: () => Promise<void>;
}

/** The one place where collectors are started and ended. One that fails, hangs or emits what is in no catalogue ends nothing else. */
export function collecting(spec: CollectingSpec): Collecting {
  const { collectors, failed, now, deadlineMs = DEADLINE_MS } = spec;
  const running: Running[] = [];
  let starting = Promise.resolve();
  const startAll = async () => {
    for (const collector of collectors) {
      const one = new Running(collector, spec);
      try {
        await inTime(one.start(), 'start', deadlineMs);
        running.push(one);
      } catch (error) {
        one.abandon();
        failed(collector.name, error);
      }
    }
  };
  return {
    start: async () => await (starting = startAll()),
    async stop() {
      await Promise.allSettled([starting]);
      const stop = now();
      // All of them end before anything is told: a journal on a full disk takes no line, and one that goes on keeps this process alive.
      const failures: (readonly [string, unknown])[] = [];
      for (const one of running.splice(0)) {
        await inTime(one.end(stop), 'end', deadlineMs).catch((error: unknown) => failures.push([one.name, error]));
        one.close();
        if (one.refusals !== undefined) failures.push([one.name, one.refusals]);
      }
      for (const [name, error] of failures) failed(name, error);
    },
  };
}

/** A collector, and what it has emitted. */
class Running {
  readonly #collector: Collector;
  readonly #spec: CollectingSpec;
  readonly #known: ReadonlySet<string>;
  /** Time of the last sample of each target that came with one. */
  readonly #last = new Map<string, number>();
  readonly #since: number;
  #end: Promise<(window: { start: number; stop: number }) => Promise<void>> | undefined;
  #isOver = false;
  #refused = 0;
  #firstRefusal: string | undefined;

  constructor(collector: Collector, spec: CollectingSpec) {
    this.#collector = collector;
    this.#spec = spec;
    this.#known = new Set(measurementOf(collector.emits).fields.map(({ name }) => name));
    this.#since = spec.now();
  }

  get name(): string {
    return this.#collector.name;
  }

  /** What was refused of its samples; undefined for nothing. */
  get refusals(): string | undefined {
    return this.#refused === 0 ? undefined : `${this.#refused} samples refused, the first: ${this.#firstRefusal}`;
  }

  async start(): Promise<void> {
    const { targets, intervalSeconds, tell } = this.#spec;
    const watching = { targets, intervalSeconds };
    const note = (message: string) => tell?.(this.name, message);
    this.#end = this.#collector.start(watching, (sample) => this.#take(sample), note);
    await this.#end;
  }

  async end(stop: number): Promise<void> {
    await (
      await this.#end
    )?.({ start: this.#since, stop });
  }

  /** From now on nothing is taken from it. */
  close(): void {
    this.#isOver = true;
  }

  /** For one whose start failed or was too long: should it come up yet, it is ended. That it failed is told already. */
  abandon(): void {
    this.close();
    void this.end(this.#spec.now()).catch(() => {});
  }

  #take({ target, values, t }: Sample): void {
    // Too late: that it did not end in time is told already.
    if (this.#isOver) return;
    const why = this.#wrongIn(values) ?? this.#wrongTime(target, t);
    if (why === undefined) {
      if (t !== undefined) this.#last.set(target, t);
      this.#spec.write(
        this.name,
        { type: 'sample', collector: this.#collector.emits, target, values: { ...values } },
        t,
      );
      return;
    }
    if (this.#refused === 0) this.#spec.tell?.(this.name, `a sample is refused: ${why}`);
    this.#refused += 1;
    this.#firstRefusal ??= why;
  }

  #wrongIn(values: Sample['values']): string | undefined {
    const entries = Object.entries(values);
    if (entries.length === 0) return 'it has no value';
    const unknown = entries.find(([name]) => !this.#known.has(name));
    if (unknown) return `core/model/samples.ts has no ${unknown[0]} for ${this.#collector.emits}`;
    const odd = entries.find(([, value]) => !Number.isFinite(value));
    return odd && `${odd[0]} is ${odd[1]}`;
  }

  /** A sample that is dated outside of the trial, or before another one, would make the trial impossible. */
  #wrongTime(target: string, t: number | undefined): string | undefined {
    if (t === undefined) return undefined;
    const [from, to] = [this.#since, this.#spec.now()];
    if (!(t >= from && t <= to)) return `it is dated ${t}, ${from.toFixed(3)} to ${to.toFixed(3)} is watched`;
    const before = this.#last.get(target) ?? -Infinity;
    return t > before ? undefined : `it is dated ${t}, the one of ${target} before ${before}`;
  }
}

async function inTime(work: Promise<void>, what: string, deadlineMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not ${what} within ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
