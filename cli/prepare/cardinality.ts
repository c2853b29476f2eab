import type { Block } from '../../core/engine/plan.ts';

/** Series that a plan adds to InfluxDB at most: those of samples are new with every run, those of summaries with every new point. */
export function cardinalityOf(blocks: readonly Block[]): { readonly raw: number; readonly lasting: number } {
  const summaries = new Set<string>();
  let raw = 0;
  for (const { trials } of blocks) {
    for (const { point, warmth } of trials)
      summaries.add(JSON.stringify([point, warmth.process, warmth.compiled, warmth.pageCache]));
    // Beside the workers: the scheduler, the machine, and the sink itself.
    raw += Math.max(...trials.map(({ point }) => point.workers)) + 3;
  }
  return { raw, lasting: summaries.size };
}

/** For people, as a line of the plan. */
export function cardinalityLine(blocks: readonly Block[]): string {
  const { raw, lasting } = cardinalityOf(blocks);
  return `InfluxDB: at most ${raw} series of samples and ${lasting} of summaries are new.`;
}
