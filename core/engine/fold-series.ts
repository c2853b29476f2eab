import type { EventOf } from '../model/event.ts';
import { missing, type Quantity } from '../model/quantity.ts';
import type { Record } from '../model/record.ts';
import type { Facts } from './fold-facts.ts';
import { byTarget } from './fold-samples.ts';

/** Rates between neighbouring samples of each worker, at the time of the later one. */
export function seriesOf(facts: Facts): Record['series'] {
  const { trigger } = facts;
  if (trigger === undefined) return [];
  const points: Record['series'] = [];
  for (const [target, samples] of byTarget(facts)) {
    for (const [index, sample] of samples.entries()) {
      const before = samples[index - 1];
      if (!before || sample.t <= before.t) continue;
      points.push({
        t: sample.t - trigger,
        target,
        cpuCores: rate(before, sample, 'cpu_seconds_total'),
        readBytesPerSecond: rate(before, sample, 'framework_read_bytes_total'),
        rssBytes: sample.values['rss_bytes'] ?? missing('rss_bytes could not be read'),
      });
    }
  }
  return points.toSorted((a, b) => a.t - b.t);
}

function rate(before: EventOf<'sample'>, sample: EventOf<'sample'>, name: string): Quantity {
  const [from, to] = [before.values[name], sample.values[name]];
  if (from === undefined || to === undefined) return missing(`${name} could not be read`);
  return to < from ? missing('the counter began again') : (to - from) / (sample.t - before.t);
}
