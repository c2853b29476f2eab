import { expect, test } from 'vitest';

import { listedFiles, listedTruth } from './listed.ts';
import { plannedData } from './place.ts';

test('files, facts and truth of data that are listed twice are twice those of the data', () => {
  const file = (name: string) => ({ name, events: 5, bytes: 100, clusters: 1 });
  expect(listedFiles([file('a'), file('b')], 2).map(({ name }) => name)).toEqual(['a', 'b', 'a', 'b']);
  const facts = { contentHash: 'h', bytes: 200, events: 10, columns: { MET_pt: 30, Jet_pt: 50 } };
  const common = { id: 'd', contentHash: 'h' };
  expect(plannedData('d', facts, ['MET_pt'], 1)).toEqual({
    ...common,
    bytes: 200,
    events: 10,
    columnBytes: { MET_pt: 30 },
  });
  expect(plannedData('d', facts, ['MET_pt'], 2)).toEqual({
    ...common,
    bytes: 400,
    events: 20,
    columnBytes: { MET_pt: 60 },
  });
  const doubtful = { event: 3, histogram: 'q', bins: [1, 2], why: 'at an edge' };
  const histogram = { name: 'q', title: '', bins: 1, lo: 0, hi: 1, values: [0, 10, 0], sumw2: [0, 10, 0] };
  expect(listedTruth({ contentHash: 'h', events: 10, histograms: [histogram], ambiguous: [doubtful] }, 2)).toEqual({
    contentHash: 'h',
    events: 20,
    histograms: [{ ...histogram, values: [0, 20, 0], sumw2: [0, 20, 0] }],
    ambiguous: [doubtful, doubtful],
  });
});
