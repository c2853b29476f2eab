// What every collector must do, whatever it watches. docs/adding-a-collector.md names it.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Collector } from '../../collectors/collector.ts';
import { epochNow } from '../../core/engine/clock.ts';
import { collecting } from '../../core/engine/collecting.ts';
import { measurementOf } from '../../core/model/samples.ts';
import type { Target } from '../../core/model/target.ts';

/** A collector, and what it is to watch. */
export interface Watch {
  readonly collector: Collector;
  readonly targets: readonly Target[];
}

export interface Stage extends Watch {
  /** The same where the source of the samples cannot be read. */
  readonly broken: Watch;
}

export interface Clause {
  readonly promise: string;
  readonly check: (stage: Stage) => Promise<void>;
}

/** As long as a trial of the contract lasts, and how often it is sampled in it. */
const TRIAL_MS = 300;
const INTERVAL_SECONDS = 0.05;

interface Written {
  readonly t: number | undefined;
  readonly target: string;
  readonly values: Readonly<{ [name: string]: number }>;
}

/** Starts the collector as a trial does, ends it after `ms`, and gives what came of it. */
async function watched({ collector, targets }: Watch, ms: number) {
  const samples: Written[] = [];
  const failures: string[] = [];
  const told: string[] = [];
  const start = epochNow();
  const running = collecting({
    collectors: [collector],
    targets: () => targets,
    intervalSeconds: INTERVAL_SECONDS,
    now: () => start + performance.now() / 1000,
    write(source, event, t) {
      expect(source).toBe(collector.name);
      if (event.type === 'sample') samples.push({ t, target: event.target, values: event.values });
    },
    failed: (_name, error) => failures.push(String(error)),
    tell: (_name, message) => told.push(message),
  });
  await running.start();
  await sleep(ms);
  await running.stop();
  return { samples, failures, told };
}

export const COLLECTOR_CONTRACT: readonly Clause[] = [
  {
    promise: 'it has a name, a summary, and an entry of core/model/samples.ts',
    async check({ collector: { name, summary, emits } }) {
      expect(name).toMatch(/^[a-z][a-z-]*$/);
      expect(summary).not.toBe('');
      expect(measurementOf(emits).fields).not.toEqual([]);
    },
  },
  {
    promise: 'the shortest trial has a sample, and no sample of any trial is refused',
    async check(stage) {
      for (const ms of [0, TRIAL_MS]) {
        const { samples, failures, told } = await watched(stage, ms);
        expect({ failures, told }).toEqual({ failures: [], told: [] });
        expect(samples).not.toEqual([]);
      }
    },
  },
  {
    promise: 'a counter never falls',
    async check(stage) {
      const counters = measurementOf(stage.collector.emits).fields.filter(({ kind }) => kind === 'counter');
      const { samples } = await watched(stage, TRIAL_MS);
      for (const ofTarget of Map.groupBy(samples, ({ target }) => target).values()) {
        for (const { name } of counters) {
          const values = ofTarget.flatMap(({ values }) => values[name] ?? []);
          expect(values).toEqual(values.toSorted((a, b) => a - b));
        }
      }
    },
  },
  {
    promise: 'after its end nothing comes any more',
    async check({ collector, targets }) {
      let samples = 0;
      const start = Date.now() / 1000;
      const watching = { targets: () => targets, intervalSeconds: INTERVAL_SECONDS };
      const end = await collector.start(
        watching,
        () => (samples += 1),
        () => {},
      );
      await end({ start, stop: Date.now() / 1000 });
      const then = samples;
      await sleep(TRIAL_MS);
      expect(samples).toBe(then);
    },
  },
  {
    promise: 'where there is no target it does not fail',
    async check({ collector }) {
      const { failures, told } = await watched({ collector, targets: [] }, 0);
      expect({ failures, told }).toEqual({ failures: [], told: [] });
    },
  },
  {
    promise: 'a source that cannot be read is told when it is seen and at the end, and ends nothing',
    async check({ broken }) {
      const { samples, failures, told } = await watched(broken, TRIAL_MS);
      expect(samples).toEqual([]);
      expect(failures).toHaveLength(1);
      expect(told.length).toBeLessThanOrEqual(1);
    },
  },
  {
    promise: 'trials one after the other and at once each have their samples',
    async check(stage) {
      const [first, second] = await Promise.all([watched(stage, 0), watched(stage, 0)]);
      const third = await watched(stage, 0);
      for (const { samples, failures } of [first, second, third]) {
        expect(failures).toEqual([]);
        expect(samples).not.toEqual([]);
      }
    },
  },
];
