import { expect, test } from 'vitest';
import type { Experiment } from '../../../core/model/record.ts';
import { isEstimate } from '../../../core/stats/estimate.ts';
import { GOOD_EFFICIENCY } from '../../../core/stats/reach.ts';
import { speedups } from '../../../core/stats/speedups.ts';
import { summarise } from '../../../core/stats/summarise.ts';
import { broken } from './bounds.ts';
import { cellOf, type Claim, claimOf, truths } from './headline.ts';

const SIMULATIONS = 200;
const three = { sessions: 3, repeats: 3 };

/** The rule of before: the largest count whose median efficiency is good, whatever its noise, and whatever comes before it. */
function pointRule(experiment: Experiment): Claim {
  const points = speedups(summarise(experiment), 'one worker')[0]?.points ?? [];
  const good = points.filter(({ efficiency }) => isEstimate(efficiency) && efficiency.median >= GOOD_EFFICIENCY);
  const workers = good.filter((point) => point.workers > 1).at(-1)?.workers ?? 0;
  return { from: workers, to: workers, slower: [] };
}

/** The rule of before, of serial: by the medians alone. */
function pointSerialRule(experiment: Experiment): Claim {
  const points = speedups(summarise(experiment), 'serial')[0]?.points ?? [];
  const slower = points.filter(({ speedUp }) => isEstimate(speedUp) && speedUp.median < 1);
  return { from: 0, to: Number.POSITIVE_INFINITY, slower: slower.map(({ workers }) => workers) };
}

const onTheLine = truths().filter(({ name }) => /^2: (79|81) %, 4: 60 %, noise 5 %/.test(name));
const withSerial = truths().filter(({ name, serial }) => serial && /noise 5 %/.test(name));

test('a rule that goes by the point estimate is caught by the bound on wrong statements', () => {
  expect(onTheLine).toHaveLength(2);
  expect(
    broken(
      [],
      onTheLine.map((truth) => cellOf(truth, three, SIMULATIONS, 1, pointRule)),
    ),
  ).toHaveLength(2);
});

test('a rule that goes by the medians of serial is caught, too', () => {
  expect(withSerial).toHaveLength(2);
  expect(
    broken(
      [],
      withSerial.map((truth) => cellOf(truth, three, SIMULATIONS, 1, pointSerialRule)),
    ),
  ).toHaveLength(2);
});

test('the first line is right about the same experiments, or leaves them open', () => {
  const cells = [...onTheLine, ...withSerial].map((truth) => cellOf(truth, three, SIMULATIONS, 1, claimOf));
  expect(broken([], cells)).toEqual([]);
});
