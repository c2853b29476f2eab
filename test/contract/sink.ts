// What every sink must do, whatever it sends to. docs/adding-a-sink.md names it.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { aTrial, closed, recordFrom, sample, textOf } from '../../core/engine/test/journal-of.ts';
import type { Sink } from '../../results/sink.ts';

/** An open sink with the means to look at what came out of it. */
export interface Stage {
  readonly sink: Sink;
  /** The largest resident set that arrived for each worker; asks the sink, where it is one that is asked. */
  readonly arrived: () => Promise<ReadonlyMap<string, number>>;
  /** An empty folder for journals. */
  readonly folder: string;
}

export interface Clause {
  readonly promise: string;
  readonly check: (stage: Stage) => Promise<void>;
}

const WAIT = { timeout: 10_000, interval: 20 };
const CLOSE_MS = 2_000;

/** A trial of two workers whose resident sets grow from second to second. */
const ENTRIES = closed([
  ...aTrial(
    [1, 2, 3].flatMap((second) => ['w0', 'w1'].map((worker) => sample(worker, 100 + second, { rss_bytes: second }))),
  ),
]);
const WHOLE = textOf(ENTRIES);
const LINES = WHOLE.split('\n').filter((line) => line !== '');
const ALL = new Map([
  ['w0', 3],
  ['w1', 3],
]);

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name, 'events.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function finish({ sink, arrived }: Stage, path: string): Promise<void> {
  writeFileSync(join(dirname(path), 'record.json'), JSON.stringify(recordFrom(ENTRIES)));
  sink.finished(path);
  await expect
    .poll(async () => {
      await arrived();
      return sink.isSettled(path);
    }, WAIT)
    .toBe(true);
}

export const SINK_CONTRACT: readonly Clause[] = [
  {
    promise: 'a journal that is there is settled, and all of it arrives',
    async check(stage) {
      const path = write(stage.folder, 't1', WHOLE);
      stage.sink.follow(path);
      await expect.poll(stage.arrived, WAIT).toEqual(ALL);
      await finish(stage, path);
      expect(stage.sink.report()).toMatchObject({ problem: null, backlogBytes: 0 });
    },
  },
  {
    promise: 'a journal may be followed before it is there, and grow line by line and in the middle of a line',
    async check(stage) {
      const path = join(stage.folder, 't1', 'events.jsonl');
      stage.sink.follow(path);
      await stage.arrived();
      write(stage.folder, 't1', '');
      const half = Math.floor(WHOLE.length / 2);
      appendFileSync(path, WHOLE.slice(0, half));
      await stage.arrived();
      appendFileSync(path, WHOLE.slice(half));
      await expect.poll(stage.arrived, WAIT).toEqual(ALL);
      await finish(stage, path);
    },
  },
  {
    promise: 'a line that is no event keeps no other from arriving',
    async check(stage) {
      const middle = LINES.findIndex((line) => line.includes('"rss_bytes":2'));
      const path = write(stage.folder, 't1', `${LINES.toSpliced(middle, 0, 'no event', '{"v":1}').join('\n')}\n`);
      stage.sink.follow(path);
      await expect.poll(stage.arrived, WAIT).toEqual(ALL);
      await finish(stage, path);
    },
  },
  {
    promise: 'what it says of itself has its name, and CPU that never falls',
    async check(stage) {
      const before = stage.sink.report();
      const path = write(stage.folder, 't1', WHOLE);
      stage.sink.follow(path);
      await expect.poll(stage.arrived, WAIT).toEqual(ALL);
      await finish(stage, path);
      const after = stage.sink.report();
      expect([before.name, after.name]).toEqual([stage.sink.name, stage.sink.name]);
      expect(after.cpuSeconds).toBeGreaterThanOrEqual(before.cpuSeconds);
    },
  },
  {
    promise: 'closing ends well when nothing was followed, when a journal never came, and twice',
    async check({ sink, folder }) {
      sink.follow(join(folder, 'nowhere', 'events.jsonl'));
      const [first, second] = [await sink.close(CLOSE_MS), await sink.close(CLOSE_MS)];
      expect([first.name, second.name]).toEqual([sink.name, sink.name]);
    },
  },
  {
    promise: 'what was followed and finished before closing arrives',
    async check(stage) {
      const path = write(stage.folder, 't1', WHOLE);
      stage.sink.follow(path);
      await finish(stage, path);
      const { backlogBytes, problem } = await stage.sink.close(CLOSE_MS);
      expect([backlogBytes, problem]).toEqual([0, null]);
    },
  },
];
