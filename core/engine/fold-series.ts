import { missing, type Quantity } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import type { Facts } from './fold-facts.ts';
import type { Series } from './series.ts';

/** Points of all workers that a record holds. Of a longer trial each spans several samples: its rates are means over them. */
const MOST_POINTS = 20_000;

/** Rates between neighbouring samples of each worker, at the time of the later one. */
export function seriesOf({ agents, trigger }: Facts): TrialRecord['series'] {
  if (trigger === undefined) return [];
  const points: TrialRecord['series'] = [];
  const stride = Math.ceil(agents.reduce((sum, { length }) => sum + length, 0) / MOST_POINTS);
  for (const series of agents) {
    const { target, times } = series;
    const cpu = rateOf(series, 'cpu_seconds_total');
    const read = rateOf(series, 'framework_read_bytes_total');
    const rss = series.value('rss_bytes');
    for (let index = stride; index < series.length; index += stride) {
      const [before = 0, t = 0] = [times[index - stride], times[index]];
      if (t <= before) continue;
      points.push({
        t: t - trigger,
        target,
        cpuCores: cpu(index - stride, index, t - before),
        readBytesPerSecond: read(index - stride, index, t - before),
        rssBytes: rss(index) ?? missing('rss_bytes could not be read'),
      });
    }
  }
  return points.toSorted((a, b) => a.t - b.t);
}

/** The rate of a counter between the samples at two indices, which are so far apart. */
function rateOf(series: Series, name: string): (first: number, last: number, seconds: number) => Quantity {
  const valueAt = series.value(name);
  return (first, last, seconds) => {
    const [from, to] = [valueAt(first), valueAt(last)];
    if (from === undefined || to === undefined) return missing(`${name} could not be read`);
    return to < from ? missing('the counter began again') : (to - from) / seconds;
  };
}
