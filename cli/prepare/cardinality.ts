import type { Block } from '../../core/engine/plan.ts';

/** Series that a plan adds to InfluxDB at most; a series that is there already is not added again. */
export function cardinalityOf(blocks: readonly Block[]): { readonly raw: number; readonly lasting: number } {
  const workers = new Map<string, number>();
  const summaries = new Set<string>();
  for (const { point, warmth } of blocks.flatMap(({ trials }) => trials)) {
    const context = JSON.stringify([point.runner, point.suite, point.backend]);
    workers.set(context, Math.max(workers.get(context) ?? 0, point.workers));
    summaries.add(JSON.stringify([point, warmth.process, warmth.compiled, warmth.pageCache]));
  }
  // Beside the workers: the scheduler, the machine, and the sink itself.
  const raw = [...workers.values()].reduce((sum, count) => sum + count + 3, 0);
  return { raw, lasting: summaries.size };
}

/** For people, as a line of the plan. */
export function cardinalityLine(blocks: readonly Block[]): string {
  const { raw, lasting } = cardinalityOf(blocks);
  return `InfluxDB: at most ${raw} series of samples and ${lasting} of summaries are new.`;
}
