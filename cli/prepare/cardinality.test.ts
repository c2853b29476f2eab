import { expect, test } from 'vitest';
import type { Block, PlannedTrial } from '../../core/engine/plan.ts';
import { aPlan } from '../../core/engine/test/journal-of.ts';
import { cardinalityOf } from './cardinality.ts';

function trial(workers: number, compiled: 'cold' | 'warm', runner = 'local'): PlannedTrial {
  const { draft } = aPlan({ point: { workers, runner } });
  if (draft.type !== 'planned') throw new Error('no plan');
  const { point, warmth, repeat, events, tasks, oversubscribed } = draft;
  return { id: 't', datasetId: 'd', point, warmth: { ...warmth, compiled }, repeat, events, tasks, oversubscribed };
}

function block(...trials: readonly PlannedTrial[]): Block {
  return { id: 'b', session: 1, trials };
}

test('workers of every block are series of their own, whatever their names, and a summary is one for each point and warmth', () => {
  const blocks = [
    block(trial(2, 'cold'), trial(2, 'warm'), trial(2, 'warm')),
    block(trial(64, 'cold'), trial(64, 'warm')),
    block(trial(64, 'cold'), trial(64, 'warm')),
  ];
  expect(cardinalityOf(blocks)).toEqual({ raw: 5 + 67 + 67, lasting: 4 });
  expect(cardinalityOf([...blocks, block(trial(1, 'cold', 'serial'))])).toEqual({ raw: 5 + 67 + 67 + 4, lasting: 5 });
});
