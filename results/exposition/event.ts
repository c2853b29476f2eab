import { z } from 'zod';
import { SAMPLE_KINDS } from '../../core/model/samples.ts';

const Envelope = z.object({ type: z.string(), t: z.number() });
const Sample = z.object({
  type: z.literal('sample'),
  t: z.number(),
  collector: z.enum(SAMPLE_KINDS),
  target: z.string(),
  values: z.record(z.string(), z.number()),
});
const Planned = z.object({
  type: z.literal('planned'),
  point: z.object({ runner: z.string(), suite: z.string(), backend: z.string() }),
});
const Environment = z.object({
  type: z.literal('environment'),
  facts: z.object({ site: z.string().optional(), host: z.string().optional() }),
});
const Worker = z.object({ type: z.literal('worker'), t: z.number(), action: z.string(), name: z.string() });

const USED = { sample: Sample, planned: Planned, environment: Environment, worker: Worker } as const;
const Used = z.discriminatedUnion('type', [Sample, Planned, Environment, Worker]);

/** Events that the page is made of; times in seconds since the epoch. */
export type UsedEvent = z.infer<typeof Used>;
export type SampleEvent = z.infer<typeof Sample>;

/** Reads one line of a journal: null for an event that the page does not need, undefined for what is no event. */
export function eventOf(text: string): UsedEvent | null | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const envelope = Envelope.safeParse(value);
  if (!envelope.success) return undefined;
  if (!Object.hasOwn(USED, envelope.data.type)) return null;
  return Used.safeParse(value).data;
}
