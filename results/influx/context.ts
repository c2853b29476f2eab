import type { Context, UsedEvent } from './points.ts';

/** What the plan and the environment of a journal say of all its lines: they are its first two. */
export class JournalContext {
  readonly #known: { -readonly [K in keyof Context]?: Context[K] } = {};
  #isPlaced = false;
  /** When the first event was written; undefined before it is read. */
  begun: number | undefined;
  commit = 'unknown';
  reportsUrl: string | undefined;

  /** Whether the event has told something of all lines. */
  learn({ t, planned, environment }: UsedEvent): boolean {
    this.begun ??= t;
    if (planned) Object.assign(this.#known, planned);
    if (environment !== undefined) this.#place(environment);
    return planned !== undefined || environment !== undefined;
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
  #place({ site, commit, reportsUrl, monitor, cluster }: NonNullable<UsedEvent['environment']>): void {
    if (site !== undefined) this.#known.site ??= site;
    if (monitor !== undefined) this.#known.run ??= monitor;
    if (cluster !== undefined) this.#known.cluster ??= cluster;
    if (commit !== undefined && this.commit === 'unknown') this.commit = commit;
    this.reportsUrl ??= reportsUrl;
    this.#isPlaced = true;
  }
}
