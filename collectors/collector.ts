import type { SampleKind } from '../core/model/samples.ts';
import type { Target } from '../core/model/target.ts';

/** What there is to watch. */
export interface Watching {
  /** What the session consists of at present. To be asked for at each reading: workers come and go, and a monitored scheduler may move. */
  readonly targets: () => readonly Target[];
  /** Time between two samples. */
  readonly intervalSeconds: number;
}

/** From when to when something was watched, in seconds since the epoch on the clock that dates the samples. */
export interface WatchedWindow {
  readonly start: number;
  readonly stop: number;
}

export interface Sample {
  /** Name of what was watched, such as that of a host. */
  readonly target: string;
  /** One at least, finite, by the names that `core/model/samples.ts` has for the samples of this collector. */
  readonly values: Readonly<{ [name: string]: number }>;
  /** When it was so, in seconds since the epoch: within the window, and after the sample of the target before. Absent: now. */
  readonly t?: number;
}

/** Told when readings begin to fail, with why, and when they work again. */
export type Tell = (message: string) => void;

/** WHAT is watched while a trial runs. */
export interface Collector {
  readonly name: string;
  readonly summary: string;
  /** The entry of `core/model/samples.ts` that says what its samples consist of. */
  readonly emits: SampleKind;
  /**
   * Starts watching. Samples may be emitted at once and at any time until the result, which is called with the whole window when the trial has
   * ended, resolves: a collector may read meanwhile (`poll`), or ask a server afterwards for what it has of the window. Without a target that it
   * could watch it emits nothing, which is no failure. A reading that fails is told to `tell` when it happens, ends nothing, and makes the
   * result reject with how many failed.
   */
  readonly start: (
    watching: Watching,
    emit: (sample: Sample) => void,
    tell: Tell,
  ) => Promise<(window: WatchedWindow) => Promise<void>>;
}
