import { expect, test } from 'vitest';

import { isKnown } from '../../../core/model/quantity.ts';
import { quantileOfSorted } from '../../../core/stats/quantile.ts';
import { seededRandom } from '../../../core/stats/random.ts';
import { broken } from './bounds.ts';
import { coverageCell, coverageCells, truthOf } from './coverage.ts';
import { type Figure, timeUnder } from './figures.ts';

const THREE = { sessions: 3, repeats: 3 };
const EFFORT = { simulations: 400, seed: 1 };
const time = timeUnder('session sd 5 %', { session: 0.05, repeat: 0.02 });

/** The estimator before Student's: sessions drawn with replacement, then repeats in each, and percentiles of the medians. */
function resampled(): Figure {
  const random = seededRandom(5);
  const drawn = <T>(items: readonly T[]): T[] =>
    items.flatMap(() => items.slice(Math.floor(random() * items.length)).slice(0, 1));
  return {
    ...time,
    name: 'T, resampled',
    shown: (records) => {
      const sessions = [...Map.groupBy(records, ({ session }) => session).values()];
      const times = sessions.map((own) => own.map(({ windows }) => windows.turnaroundSeconds).filter(isKnown));
      const medians = Array.from({ length: 200 }, () =>
        quantileOfSorted(
          drawn(times)
            .flatMap(drawn)
            .toSorted((a, b) => a - b),
          0.5,
        ),
      ).toSorted((a, b) => a - b);
      const interval = { lo: quantileOfSorted(medians, 0.025), hi: quantileOfSorted(medians, 0.975) };
      return { ...time.shown(records), interval };
    },
  };
}

test('an estimator that is too narrow, planted, is found by its coverage, and the one in use is not', () => {
  const truth = truthOf(time, THREE.repeats, 1000);
  const planted = coverageCell(resampled(), THREE, truth, EFFORT);
  expect(broken([planted], [])).toEqual([expect.stringMatching(/^T, resampled, 3 x 3: [78]\d\.\d %$/)]);
  expect(broken([coverageCell(time, THREE, truth, EFFORT)], [])).toEqual([]);
});

test('intervals and statements that hold less, or more, than they promise are named', () => {
  const wide = { kind: 'range', design: '3 x 3', covered: 0.999, width: 2 };
  const none = { kind: 'none', design: '2 x 3', covered: null, width: null };
  const wrong = { truth: '2: 79 %', design: '2 x 3', wrong: 0.35, open: 0 };
  expect(broken([wide, none], [wrong, { ...wrong, wrong: 0.05 }])).toEqual([
    'range, 3 x 3: 99.9 %',
    '2: 79 %, 2 x 3: wrong in 35.0 %',
  ]);
});

test('with two sessions no figure has an interval, with three every one has', () => {
  const cells = coverageCells({ simulations: 2, truthSessions: 20 });
  expect(cells.filter(({ design }) => design === '2 x 3').every(({ covered }) => covered === null)).toBe(true);
  expect(cells.filter(({ design }) => design !== '2 x 3').every(({ covered }) => covered !== null)).toBe(true);
});
