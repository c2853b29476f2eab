import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterEdges, clustersOf, cut, partsOf } from './parts.ts';

test('30,000 events in four files of 3, 4, 4 and 4 clusters make twelve parts on edges of clusters', () => {
  const files = [6_000, 8_000, 8_000, 8_000].map((events) => clusterEdges(events, 2_000));
  const parts = cut(files, 3);
  expect(parts).toHaveLength(12);
  expect(parts.slice(0, 6)).toEqual([
    { file: 0, start: 0, stop: 2_000 },
    { file: 0, start: 2_000, stop: 4_000 },
    { file: 0, start: 4_000, stop: 6_000 },
    { file: 1, start: 0, stop: 4_000 },
    { file: 1, start: 4_000, stop: 6_000 },
    { file: 1, start: 6_000, stop: 8_000 },
  ]);
});

test('a file with a single cluster is one part, and so is every other file', () => {
  expect(cut([clusterEdges(500, 2_000), clusterEdges(8_000, 2_000)], 4)).toEqual([
    { file: 0, start: 0, stop: 500 },
    { file: 1, start: 0, stop: 8_000 },
  ]);
});

test('a share without a cluster of its own is no plan', () => {
  expect(partsOf([clusterEdges(4_000, 2_000)], 3)).toBeUndefined();
});

test('a manifest that contradicts itself is refused by name', () => {
  const file = { name: 'f0000.root', events: 5_000, bytes: 1, clusters: 2 };
  expect(() => clustersOf({ id: 'd', files: [file], spec: { clusterEvents: 2_000 } })).toThrow(
    'f0000.root of data set d has 2 clusters, 3 expected',
  );
});

test('property: parts tile every file, none is empty, and none splits a cluster', () => {
  const file = fc.record({
    events: fc.integer({ min: 1, max: 200_000 }),
    cluster: fc.integer({ min: 100, max: 5_000 }),
  });
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 300 }), (made, wanted) => {
      const files = made.map(({ events, cluster }) => clusterEdges(events, cluster));
      const parts = cut(files, wanted);
      expect(parts.length % files.length).toBe(0);
      for (const [index, edges] of files.entries()) {
        const own = parts.filter(({ file: of }) => of === index);
        expect(own.at(-1)?.stop).toBe(edges.at(-1));
        for (const [k, { start, stop }] of own.entries()) {
          expect(stop).toBeGreaterThan(start);
          expect(edges).toContain(start);
          expect(start).toBe(k === 0 ? 0 : own[k - 1]?.stop);
        }
      }
    }),
    { numRuns: 300 },
  );
});
