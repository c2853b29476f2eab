import { expect, test } from 'vitest';
import { headline } from '../../../core/stats/headline.ts';
import { seededRandom } from '../../../core/stats/random.ts';
import { normals } from './noise.ts';
import { simulated, type Truth } from './headline.ts';

const EXPERIMENTS = 200;

function truthOf(two: number, session: number, repeat: number): Truth {
  const efficiency = new Map([
    [1, 1],
    [2, two],
  ]);
  return { name: `${two}`, noise: { session, repeat }, efficiency };
}

// Where so few sessions leave it open, the advised number of them is run, of the same truth and noise.
test.each([
  [3, 0.9, 0.05, 0.05],
  [3, 0.9, 0.02, 0.02],
  [3, 0.7, 0.05, 0.05],
  [3, 0.95, 0.06, 0.1],
  [2, 0.9, 0.05, 0.05],
  [1, 0.95, 0.06, 0.1],
])(
  'from %i sessions, 2 workers %d efficient, noise %d and %d: as many as advised tell in most cases',
  (few, two, session, repeat) => {
    const truth = truthOf(two, session, repeat);
    const [normal, random] = [normals(7), seededRandom(8)];
    const openAt = (sessions: number) => {
      const [found] = headline(simulated(truth, { sessions, repeats: 3 }, normal, random));
      return found?.statement.kind === 'reach' ? found.statement.reach.open : undefined;
    };
    const advised = Array.from({ length: EXPERIMENTS }, () => openAt(few)?.sessions).filter(
      (sessions) => sessions !== undefined,
    );
    const told = advised.filter((sessions) => openAt(sessions) === undefined);
    expect(advised.length).toBeGreaterThan(EXPERIMENTS / 20);
    expect(Math.min(...advised)).toBeGreaterThan(few);
    expect(told.length / advised.length).toBeGreaterThan(0.75);
  },
);

test('where a count lies on the line, most are told that no number of sessions would tell', () => {
  const [normal, random] = [normals(7), seededRandom(8)];
  const told = Array.from({ length: EXPERIMENTS }, () => {
    const [found] = headline(simulated(truthOf(0.8, 0.05, 0.05), { sessions: 10, repeats: 2 }, normal, random));
    return found?.statement.kind === 'reach' && found.statement.reach.open?.sessions === undefined;
  });
  expect(told.filter(Boolean).length / EXPERIMENTS).toBeGreaterThan(0.75);
});
