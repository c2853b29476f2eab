import { z } from 'zod';
import { Point } from '../../core/model/event.ts';
import { Quantity } from '../../core/model/quantity.ts';
import { Environment } from '../../core/model/record.ts';

/** A median with its uncertainty as `core/stats/estimate.ts` gives it, or why there is none. */
const Estimate = z.union([
  z.object({
    median: z.number(),
    interval: z.object({ lo: z.number(), hi: z.number() }).nullable(),
    min: z.number(),
    max: z.number(),
    trials: z.int(),
    sessions: z.int(),
  }),
  z.object({ missing: z.string(), trials: z.literal(0), sessions: z.literal(0) }),
]);
export type Estimate = z.infer<typeof Estimate>;

/** Two neighbouring trials of one session, with collectors and meters on and off. */
const Pair = z.object({
  session: z.int(),
  pair: z.int(),
  /** Which of the two ran first. */
  first: z.enum(['on', 'off']),
  onSeconds: Quantity,
  offSeconds: Quantity,
  ratio: Quantity,
});
export type Pair = z.infer<typeof Pair>;

/** What watching costs at one point. */
const Watching = z.object({
  point: Point,
  /** T with collectors and meters / T without, over the pairs. */
  ratio: Estimate,
  onSeconds: Estimate,
  offSeconds: Estimate,
  /** Thread CPU of the instruments in the workers / CPU of the workers, over the watched trials. */
  cpuRatio: Estimate,
  pairs: z.array(Pair),
});
export type Watching = z.infer<typeof Watching>;

/** One function of ours, called again and again. */
const HotPath = z.object({
  name: z.string(),
  operationsPerSecond: z.number(),
  medianSeconds: z.number(),
  /** Half of the 95 % interval of the mean duration / the mean. */
  marginRatio: z.number(),
  calls: z.int(),
});
export type HotPath = z.infer<typeof HotPath>;

/** `self.json`: what hepbench itself costs. */
export const SelfFile = z.object({
  schemaVersion: z.literal(1),
  experiment: z.string(),
  seed: z.int(),
  environment: Environment,
  watching: z.array(Watching),
  hotPaths: z.array(HotPath),
});
export type SelfFile = z.infer<typeof SelfFile>;
