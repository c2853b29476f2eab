import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionKey } from '../model/axes.ts';
import { curveKey } from '../stats/eligible.ts';
import { clusterEdges, type ClusterEdges } from './parts.ts';
import { blocksOf, plan, planWarnings, pointsOf, type Request, tasksFor } from './plan.ts';

/** So many files with so many clusters of 25 events each. */
function clusters(files: number, each: number): readonly ClusterEdges[] {
  return Array.from({ length: files }, () => clusterEdges(25 * each, 25));
}

const aSize = { datasetId: 'd', files: 4, fileBytes: 1e6, events: 1000, clusters: clusters(4, 10) };
const aRequest: Request = {
  suite: 'adl',
  runner: 'local',
  backends: ['rdataframe', 'coffea'],
  parameterSets: [{ queries: '1,2', loops: 'one' }],
  loopsOf: ({ loops }) => (loops === 'one' ? 1 : 2),
  workers: [1, 2, 4],
  serial: true,
  serialThreads: [1],
  startMethods: ['spawn'],
  axes: [{}],
  data: [aSize],
  sessions: 3,
  repeats: 2,
  pageCache: 'warm',
  seed: 7,
  cores: 8,
  tasks: undefined,
};

const anyRequest = fc
  .record({
    backends: fc.subarray(['rdataframe', 'coffea', 'dask'] as const, { minLength: 1 }),
    workers: fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 4 }),
    sessions: fc.integer({ min: 1, max: 4 }),
    repeats: fc.integer({ min: 1, max: 3 }),
    serial: fc.boolean(),
    startMethods: fc.subarray(['spawn', 'fork-server'] as const, { minLength: 1 }),
    seed: fc.nat(),
    tasks: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
    data: fc.array(
      fc
        .record({ files: fc.integer({ min: 1, max: 20 }), perFile: fc.integer({ min: 1, max: 30 }) })
        .map(({ files, perFile }) => ({
          ...aSize,
          files,
          clusters: clusters(files, perFile),
        })),
      { minLength: 1, maxLength: 3 },
    ),
    parameterSets: fc.constantFrom([{ loops: 'one' }], [{ loops: 'one' }, { loops: 'per-query' }]),
  })
  .map((some): Request => ({ ...aRequest, ...some }));

const setupOf = ({ point }: { readonly point: { backend: string; runner: string; workers: number } }) =>
  `${point.backend} ${point.runner} ${point.workers}`;

function orderOf(request: Request): string[] {
  return plan(request).map(({ trials, session }) => `${session} ${trials.map(setupOf)[0]}`);
}

test('the order is that of the seed, and another for other seeds', () => {
  expect(plan(aRequest)).toEqual(plan(aRequest));
  const orders = Array.from({ length: 20 }, (_, seed) => orderOf({ ...aRequest, seed }).join());
  expect(new Set(orders).size).toBe(20);
});

test('every session has each worker count of each backend once, in an order of its own', () => {
  const bySession = [1, 2, 3].map((session) => plan(aRequest).filter((block) => block.session === session));
  const setups = bySession.map((blocks) => blocks.map(({ trials }) => trials.map(setupOf)[0]));
  const expected = ['rdataframe', 'coffea'].flatMap((backend) => [
    `${backend} serial 1`,
    ...[1, 2, 4].map((workers) => `${backend} local ${workers}`),
  ]);
  for (const list of setups) {
    expect(list).toHaveLength(expected.length);
    expect(new Set(list)).toEqual(new Set(expected));
  }
  expect(new Set(setups.map((list) => list.join())).size).toBe(3);
});

test('sessions follow one another, so that worker counts are interleaved over all of them', () => {
  const sessions = plan(aRequest).map(({ session }) => session);
  expect(sessions).toEqual(sessions.toSorted((a, b) => a - b));
});

test('a block has one backend, one runner and one worker count', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      for (const { trials } of plan(request)) expect(new Set(trials.map(setupOf)).size).toBe(1);
    }),
  );
});

test('ids are unique and name the block', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const blocks = plan(request);
      const ids = blocks.flatMap(({ trials }) => trials.map(({ id }) => id));
      expect(new Set(ids).size).toBe(ids.length);
      expect(blocks.every(({ id, trials }) => trials.every((trial) => trial.id.startsWith(`${id}-`)))).toBe(true);
    }),
  );
});

test('only the first trial of a block is fresh; each new parameter set has its code to compile', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      for (const { trials } of plan(request)) {
        const seen = new Set<string>();
        for (const [index, { warmth, point }] of trials.entries()) {
          const cold = point.startMethod === 'fork-server' ? 'parent-warmed' : 'cold';
          const code = JSON.stringify(point.parameters);
          if (warmth.compiled === 'edited') continue;
          expect(warmth).toMatchObject({
            process: index === 0 ? 'fresh' : 'reused',
            compiled: seen.has(code) ? 'warm' : cold,
          });
          seen.add(code);
        }
      }
    }),
  );
});

test('a serial loop has no start method and is never called parent-warmed', () => {
  const serial = plan({ ...aRequest, startMethods: ['fork-server'] })
    .flatMap(({ trials }) => trials)
    .filter(({ point }) => point.runner === 'serial');
  expect(serial.length).toBeGreaterThan(0);
  expect(serial.every(({ point, warmth }) => point.startMethod === 'none' && warmth.compiled !== 'parent-warmed')).toBe(
    true,
  );
});

test('each point has a first trial and its repeats, and code that is new is edited once at the end', () => {
  expect(plan({ ...aRequest, data: [aSize, { ...aSize, files: 8 }] })[0]?.trials.map(({ repeat }) => repeat)).toEqual([
    0, 1, 2, 0, 0, 1, 2,
  ]);
});

test('coffea compiles no cut: none of its trials is called one after an edited cut', () => {
  const trials = plan({ ...aRequest, backends: ['rdataframe', 'coffea'] }).flatMap((block) => block.trials);
  const edited = trials.filter(({ warmth }) => warmth.compiled === 'edited');
  expect(new Set(edited.map(({ point }) => point.backend))).toEqual(new Set(['rdataframe']));
});

test('all worker counts and backends cut the data into the same tasks', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      const cuts = plan(request).map(({ trials }) =>
        trials
          .filter(({ repeat }) => repeat === 1)
          .map(({ point }) => point.tasks)
          .join(),
      );
      expect(new Set(cuts).size).toBe(1);
    }),
  );
});

test('there are never more tasks than clusters, and each file has whole tasks', () => {
  fc.assert(
    fc.property(anyRequest, (request) => {
      for (const size of request.data) {
        const tasks = tasksFor(request, size);
        expect(tasks).toBeLessThanOrEqual(size.clusters.reduce((sum, edges) => sum + edges.length - 1, 0));
        expect(tasks % size.files).toBe(0);
        expect(tasks).toBeGreaterThanOrEqual(size.files);
      }
    }),
  );
});

test('examples: 4 tasks for each of 4 workers, rounded up to the files, limited by clusters', () => {
  expect(tasksFor(aRequest, aSize)).toBe(16);
  expect(tasksFor(aRequest, { ...aSize, files: 3, clusters: clusters(3, 10) })).toBe(18);
  expect(tasksFor(aRequest, { ...aSize, clusters: clusters(4, 2) })).toBe(8);
  expect(tasksFor({ ...aRequest, tasks: 100 }, aSize)).toBe(40);
  expect(tasksFor(aRequest, { ...aSize, files: 0, clusters: [] })).toBe(16);
});

test('a trial counts the tasks of all its loops', () => {
  const [block] = plan({ ...aRequest, parameterSets: [{ loops: 'per-query' }] });
  expect(block?.trials[0]).toMatchObject({ tasks: 32, point: { tasks: 16 } });
});

test('more workers than cores are flagged and warned of', () => {
  const request = { ...aRequest, cores: 2, serialThreads: [4] };
  const over = plan(request)
    .flatMap(({ trials }) => trials)
    .filter(({ oversubscribed }) => oversubscribed);
  expect(new Set(over.map(setupOf))).toEqual(
    new Set(['rdataframe', 'coffea'].flatMap((backend) => [`${backend} serial 1`, `${backend} local 4`])),
  );
  expect(planWarnings(request)).toEqual(['4 workers on 2 cores: oversubscribed, flagged everywhere, in no fit']);
});

test('too few clusters for the workers are warned of, with what to do', () => {
  expect(planWarnings(aRequest)).toEqual([]);
  expect(planWarnings({ ...aRequest, data: [{ ...aSize, clusters: clusters(4, 2) }] })).toEqual([
    '8 tasks for 4 workers: fewer than 4 per worker, so that imbalance will show as poor scaling; give larger files or fewer --cluster-events',
  ]);
  expect(planWarnings({ ...aRequest, workers: [1], data: [{ ...aSize, clusters: clusters(1, 1) }] })).toEqual([]);
});

test('a plan is made of any list of points: data that grow with the workers', () => {
  const data = [1, 2, 4].map((clone) => ({ ...aSize, axes: { clone } }));
  const growing = pointsOf({ ...aRequest, data }).filter(({ point }) => point.clone === point.workers);
  const blocks = blocksOf(growing, aRequest);
  expect(blocks.length).toBe(aRequest.sessions * aRequest.backends.length * (aRequest.workers.length + 1));
  const points = blocks.flatMap(({ trials }) => trials.map(({ point }) => [point.workers, point.clone]));
  expect(new Set(points.map(String))).toEqual(new Set(['1,1', '2,2', '4,4']));
  expect(blocksOf(pointsOf(aRequest), aRequest)).toEqual(plan(aRequest));
});

test('ways to start workers are blocks and curves of their own, beside one serial baseline', () => {
  const points = pointsOf({ ...aRequest, startMethods: ['spawn', 'fork-server'] }).map(({ point }) => point);
  const serial = points.filter(({ runner }) => runner === 'serial');
  expect([points.length, serial.length]).toEqual([14, 2]);
  expect(new Set(points.map(sessionKey)).size).toBe(14);
  expect(new Set(points.filter(({ runner }) => runner === 'local').map(curveKey)).size).toBe(4);
});

test('an axis of the work makes other baselines, one of the way it is run does not', () => {
  const serialOf = (...axes: Request['axes']) =>
    pointsOf({ ...aRequest, axes }).filter(({ point }) => point.runner === 'serial').length;
  expect(serialOf({})).toBe(2);
  expect(serialOf({ codec: 'lz4' }, { codec: 'none' })).toBe(4);
  expect(serialOf({ startMethod: 'spawn' }, { startMethod: 'fork-server' })).toBe(2);
});

test('each backend lists the files as often as it is told, in all of its points', () => {
  const blocks = plan({ ...aRequest, listings: { coffea: 2, rdataframe: 6 } });
  for (const { point, events, tasks } of blocks.flatMap(({ trials }) => trials)) {
    const times = point.backend === 'coffea' ? 2 : 6;
    expect([point.clone, events, tasks % (4 * times)]).toEqual([times, times * aSize.events, 0]);
  }
});
