import type { EventOf } from '../model/event.ts';
import { missing, type Quantity } from '../model/quantity.ts';
import { type Facts, turnaroundOf } from './fold-facts.ts';

/** All values of a gauge of the agent. */
export function valuesOf(facts: Facts, name: string): number[] {
  return agentSamples(facts).flatMap(({ values }) => values[name] ?? []);
}

/**
 * Increase of a counter over T, interpolated to its edges. `sum` adds the workers up; `one` takes the largest, for counters that
 * every process of a machine reports alike. A process that was replaced begins again at its own first sample.
 */
export function increaseOf(facts: Facts, name: string, over: 'sum' | 'one'): Quantity {
  const window = turnaroundOf(facts);
  if (!window) return missing('no result');
  const increases: number[] = [];
  for (const samples of byTarget(facts).values()) {
    const known = samples.flatMap(({ t, values }) => (values[name] === undefined ? [] : [{ t, value: values[name] }]));
    const start = at(known, window.start);
    const stop = at(known, window.stop);
    if (start === undefined || stop === undefined) continue;
    increases.push(stop - start);
  }
  if (increases.length === 0) return missing(`no samples of ${name}`);
  return over === 'one' ? Math.max(...increases) : increases.reduce((sum, value) => sum + value, 0);
}

export function byTarget(facts: Facts): Map<string, EventOf<'sample'>[]> {
  const targets = new Map<string, EventOf<'sample'>[]>();
  for (const sample of agentSamples(facts)) targets.set(sample.target, [...(targets.get(sample.target) ?? []), sample]);
  return targets;
}

function agentSamples({ samples }: Facts): EventOf<'sample'>[] {
  return samples.filter(({ collector }) => collector === 'agent');
}

/** Value of a counter at `t`: linear between samples, the nearest sample outside. Undefined for fewer than two samples. */
function at(samples: readonly { t: number; value: number }[], t: number): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || first === last) return undefined;
  if (t <= first.t) return first.value;
  if (t >= last.t) return last.value;
  const next = samples.findIndex((sample) => sample.t >= t);
  const [a, b] = [samples[next - 1] ?? first, samples[next] ?? last];
  return b.t === a.t ? b.value : a.value + ((b.value - a.value) * (t - a.t)) / (b.t - a.t);
}
