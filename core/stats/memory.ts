import { isKnown, missing, type Quantity } from '../model/quantity.ts';
import { isSound } from './eligible.ts';
import { metricOf, type PointSummary } from './summarise.ts';

/** Dask pauses a worker whose resident set exceeds this share of its limit (distributed.worker.memory.pause). */
export const PAUSE_FRACTION = 0.8;
/** For what a run of other data or a longer session adds. With it a worker stays below 70 %, where Dask begins to spill. */
export const MEMORY_MARGIN = 1.15;
export const MEMORY_STEP_BYTES = 64 * 1024 * 1024;

/** Memory to ask for per worker, in bytes. */
export interface MemoryRequest {
  readonly bytes: Quantity;
  /** The largest resident set of any worker, cold trials included. */
  readonly residentBytes: Quantity;
  /** `process`: the kernel's own peak since the worker began (VmHWM). `samples`: the largest sample, in records of before. */
  readonly from: 'process' | 'samples';
}

/** The limit in bytes for a worker whose resident set was so large: beyond Dask's pause, with a margin, in whole steps. */
export function limitFor(residentBytes: number): number {
  return Math.ceil((residentBytes * MEMORY_MARGIN) / PAUSE_FRACTION / MEMORY_STEP_BYTES) * MEMORY_STEP_BYTES;
}

/** What to ask for, from all trials of the points: pods share no pages, so that the resident set counts, not the proportional one. */
export function memoryRequest(summaries: readonly PointSummary[]): MemoryRequest {
  const sound = summaries.flatMap(({ records }) => records.filter(isSound));
  const over = (name: 'rss_high_water_bytes' | 'rss_peak_bytes') =>
    sound.map((record) => metricOf(record, name)).filter(isKnown);
  const [process, samples] = [over('rss_high_water_bytes'), over('rss_peak_bytes')];
  const [from, values] = process.length > 0 ? (['process', process] as const) : (['samples', samples] as const);
  const none = missing('no memory measured');
  if (values.length === 0) return { bytes: none, residentBytes: none, from };
  const residentBytes = Math.max(...values);
  return { bytes: limitFor(residentBytes), residentBytes, from };
}
