import { expect, test } from 'vitest';
import { fold } from '../../core/engine/fold.ts';
import { plan, type Request } from '../../core/engine/plan.ts';
import { self } from '../../cli/commands/self.ts';
import { RUN_OPTIONS } from '../../cli/options/run-options.ts';
import { resolveRunConfig } from '../../core/config/run-config.ts';
import { Event } from '../../core/model/event.ts';
import { isKnown } from '../../core/model/quantity.ts';
import { summarise } from '../../core/stats/summarise.ts';
import { timeHotPaths } from './hot-paths.ts';
import { SelfFile } from './result.ts';
import { syntheticExperiment, syntheticJournal } from './synthetic.ts';
import { ratioText, selfText } from './text.ts';

const REQUEST: Request = {
  suite: 'adl',
  runner: 'local',
  backends: ['coffea', 'rdataframe'],
  parameterSets: [{ queries: '1' }],
  loopsOf: () => 1,
  workers: [1],
  serial: false,
  serialThreads: [1],
  startMethods: ['spawn'],
  axes: [{}],
  data: [
    { datasetId: 'd', files: 2, fileBytes: 1e6, events: 1000, clusters: [0, 1].map(() => [0, 125, 250, 375, 500]) },
  ],
  sessions: 8,
  repeats: 4,
  pageCache: 'warm',
  seed: 1,
  cores: 2,
  tasks: 4,
};

/** Which comes first in each block. */
function firsts(seed: number): (string | undefined)[] {
  return self.arrange(plan(REQUEST), seed).map(({ trials }) => trials[1]?.point.parameters['watch']);
}

test('the same seed gives the same order of on and off, and another seed another', () => {
  expect(firsts(7)).toEqual(firsts(7));
  expect(firsts(7)).not.toEqual(firsts(8));
  expect(new Set(firsts(7))).toEqual(new Set(['on', 'off']));
});

test('each repeat that was asked for is a pair, without baselines, and not watching at all is refused', () => {
  const defaults = Object.fromEntries(
    RUN_OPTIONS.map((option) => [
      option.flag.replace(/^--([\w-]+).*/, '$1').replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
      'default' in option ? option.default : undefined,
    ]),
  );
  const config = resolveRunConfig({ ...defaults, repeats: '3' });
  expect(self.configOf(config)).toMatchObject({ repeats: 6, reference: false, watch: true });
  expect(() => self.configOf({ ...config, watch: false })).toThrow('--suite: "self" is not valid');
});

test('the synthetic journal is one that the engine finds whole, with every metric known that it has samples for', () => {
  const events = syntheticJournal({ workers: 4, seconds: 10, tasks: 16 });
  for (const event of events) expect(Event.parse(event)).toEqual(event);
  const record = fold(events);
  expect(record).toMatchObject({ state: 'valid', taints: [], counts: { tasksSeen: 16, eventsRead: 160_000 } });
  expect(isKnown(record?.metrics['watching_cpu_ratio'] ?? { missing: '' })).toBe(true);
  expect(isKnown(record?.budget.coreSeconds ?? { missing: '' })).toBe(true);
});

test('the synthetic experiment has 8 points of 5 sessions', () => {
  const record = fold(syntheticJournal({ workers: 2, seconds: 3, tasks: 4 }));
  if (!record) throw new Error('no record');
  const summaries = summarise(syntheticExperiment(record, 200));
  expect(summaries.map(({ sessions, trials }) => [sessions, trials])).toEqual(Array.from({ length: 8 }, () => [5, 20]));
});

test('a subject of known duration is timed, and one that fails is not passed over', async () => {
  const busy = () => {
    for (const end = performance.now() + 5; performance.now() < end;);
  };
  const signal = new AbortController().signal;
  const [timed] = await timeHotPaths([{ name: 'busy', run: busy }], 60, signal);
  expect(timed?.medianSeconds).toBeGreaterThanOrEqual(0.005);
  expect(timed?.operationsPerSecond).toBeLessThanOrEqual(200);
  expect(timed?.calls).toBeGreaterThanOrEqual(10);
  const failing = () => {
    throw new Error('planted');
  };
  await expect(timeHotPaths([{ name: 'failing', run: failing }], 60, signal)).rejects.toThrow('planted');
});

const estimate = { median: 1.0123, interval: { lo: 0.99, hi: 1.04 }, min: 0.98, max: 1.05, trials: 9, sessions: 3 };

test('an interval is said to be one, and fewer sessions to give none', () => {
  expect(ratioText(estimate)).toBe('1.012, 95 % interval 0.990 to 1.040 (9 pairs in 3 sessions)');
  expect(ratioText({ ...estimate, trials: 1, sessions: 1, interval: null })).toBe(
    '1.012, no interval from fewer than 3 sessions, pairs from 0.980 to 1.050 (1 pair in 1 session)',
  );
  expect(ratioText({ missing: 'no eligible trial', trials: 0, sessions: 0 })).toBe('no ratio: no eligible trial');
});

test('the text has a figure for each point and a line for each hot path', () => {
  const record = fold(syntheticJournal({ workers: 2, seconds: 3, tasks: 4 }));
  if (!record) throw new Error('no record');
  const none = { missing: 'no samples', trials: 0 as const, sessions: 0 as const };
  const pair = {
    session: 1,
    pair: 1,
    first: 'on' as const,
    onSeconds: 1,
    offSeconds: { missing: 'x' },
    ratio: { missing: 'x' },
  };
  const result = SelfFile.parse({
    schemaVersion: 1,
    experiment: 'e',
    seed: 1,
    environment: {},
    watching: [
      { point: record.point, ratio: estimate, onSeconds: estimate, offSeconds: none, cpuRatio: none, pairs: [pair] },
    ],
    hotPaths: [{ name: 'fold', operationsPerSecond: 20, medianSeconds: 0.05, marginRatio: 0.012, calls: 11 }],
  });
  const text = selfText(result, (value, unit) => `${value}${unit}`);
  expect(text).toContain('coffea, 2 workers, 16 files of 64000000B: 1.012, 95 % interval 0.990 to 1.040');
  expect(text).toContain('1 pair not counted');
  expect(text).toContain('T 1.0123s on, no time off; CPU of the instruments / CPU of the workers: none: no samples');
  expect(text).toMatch(/^ {2}fold +20 +0.05s +±1.2 % +11$/m);
});
