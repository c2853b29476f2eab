import type { Event, EventOf } from '../../core/model/event.ts';

/** What all lines of a journal share. */
export interface Context {
  readonly site: string;
  readonly runner: string;
  readonly suite: string;
  readonly backend: string;
  /** Experiment or monitor. */
  readonly run: string;
  /** Block, or the scheduler that a monitor watches. */
  readonly cluster: string;
}

/** What the plan and the environment of a journal say of all its lines: they are its first two. */
export class JournalContext {
  readonly #known: { -readonly [K in keyof Context]?: Context[K] } = {};
  #isPlaced = false;
  /** When the first event was written; undefined before it is read. */
  begun: number | undefined;
  commit = 'unknown';
  reportsUrl: string | undefined;

  /** Whether the event has told something of all lines. */
  learn(event: Event): boolean {
    this.begun ??= event.t;
    if (event.type === 'planned') {
      const { experiment: run, block: cluster, point } = event;
      const { runner, suite, backend } = point;
      Object.assign(this.#known, { run, cluster, runner, suite, backend });
    } else if (event.type === 'environment') this.#place(event.facts);
    else return false;
    return true;
  }

  /** Whether it is known of which run the lines are, and an environment has said of which site. */
  get isTold(): boolean {
    return this.#known.run !== undefined && this.#isPlaced;
  }

  /** Lines without a plan are those of a monitor. */
  get(): Context {
    const { site = 'unknown', runner = 'monitor', suite = 'none', backend = 'none' } = this.#known;
    const { run = 'unknown', cluster = 'unknown' } = this.#known;
    return { site, runner, suite, backend, run, cluster };
  }

  /** What was said first counts: a scheduler that a monitor finds tells less. */
  #place(facts: EventOf<'environment'>['facts']): void {
    const text = (name: string) => {
      const fact = facts[name];
      return typeof fact === 'string' ? fact : undefined;
    };
    const told = { site: text('site') ?? text('host'), run: text('monitor'), cluster: text('cluster') };
    for (const name of ['site', 'run', 'cluster'] as const) {
      const fact = told[name];
      if (fact !== undefined) this.#known[name] ??= fact;
    }
    if (this.commit === 'unknown') this.commit = text('commit') ?? 'unknown';
    this.reportsUrl ??= text('reportsUrl');
    this.#isPlaced = true;
  }
}
