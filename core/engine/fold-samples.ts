import { largest } from '../model/extremes.ts';
import { missing, type Quantity } from '../model/quantity.ts';
import { type Facts, turnaroundOf } from './fold-facts.ts';
import type { Interval } from './intervals.ts';
import type { Series } from './series.ts';

/** All values of a gauge of the agents. */
export function* valuesOf({ agents }: Facts, name: string): Generator<number> {
  for (const series of agents) for (const { value } of readingsOf(series, name)) yield value;
}

/**
 * Increase of a counter over T, interpolated to its edges. `sum` adds the workers up and needs all of them; `one` takes the
 * largest, for counters that every process of a machine reports alike. A worker that was replaced begins again at its own
 * first sample.
 */
export function increaseOf(facts: Facts, name: string, over: 'sum' | 'one'): Quantity {
  const window = turnaroundOf(facts);
  if (!window) return missing('no result');
  const increases: number[] = [];
  const unknown: string[] = [];
  const targets = Map.groupBy(facts.agents, ({ target }) => target);
  for (const target of new Set([...facts.workers.map((worker) => worker.name), ...targets.keys()])) {
    const known = (targets.get(target) ?? []).flatMap((series) => readingsOf(series, name));
    const parts = stretchesOf(known).flatMap((stretch) => increaseWithin(stretch, window));
    if (parts.length === 0) unknown.push(target);
    else increases.push(parts.reduce((sum, part) => sum + part, 0));
  }
  if (increases.length === 0) return missing(`no two samples of ${name}`);
  if (over === 'one') return largest(increases);
  if (unknown.length > 0) return missing(`no two samples of ${name} from worker ${unknown.join(', ')}`);
  return increases.reduce((sum, value) => sum + value, 0);
}

/** Increase of a counter of the machine over T, interpolated to its edges. */
export function hostIncreaseOf(facts: Facts, name: string): Quantity {
  const window = turnaroundOf(facts);
  if (!window) return missing('no result');
  const [increase] = facts.host.flatMap((series) => increaseWithin(readingsOf(series, name), window));
  return increase ?? missing(`no two samples of ${name}`);
}

interface Reading {
  readonly t: number;
  readonly value: number;
}

/** Of the samples those that have a value of this name. */
export function readingsOf(series: Series, name: string): Reading[] {
  const valueAt = series.value(name);
  const readings: Reading[] = [];
  for (const [index, t] of series.times.entries()) {
    const value = valueAt(index);
    if (value !== undefined) readings.push({ t, value });
  }
  return readings;
}

/** Readings of one process each: a counter that falls belongs to a new one. */
function stretchesOf(readings: readonly Reading[]): Reading[][] {
  const stretches: Reading[][] = [];
  for (const reading of readings) {
    const stretch = stretches.at(-1);
    const last = stretch?.at(-1);
    if (stretch && last && reading.value >= last.value) stretch.push(reading);
    else stretches.push([reading]);
  }
  return stretches;
}

function increaseWithin(readings: readonly Reading[], window: Interval): number[] {
  const start = at(readings, window.start);
  const stop = at(readings, window.stop);
  return start === undefined || stop === undefined ? [] : [stop - start];
}

/** Value of a counter at `t`: linear between samples, the nearest sample outside. Undefined for fewer than two samples. */
function at(samples: readonly Reading[], t: number): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || first === last) return undefined;
  if (t <= first.t) return first.value;
  if (t >= last.t) return last.value;
  const next = samples.findIndex((sample) => sample.t >= t);
  const [a, b] = [samples[next - 1] ?? first, samples[next] ?? last];
  return b.t === a.t ? b.value : a.value + ((b.value - a.value) * (t - a.t)) / (b.t - a.t);
}
