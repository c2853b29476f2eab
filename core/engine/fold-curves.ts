import type { TrialRecord } from '../model/record.ts';
import type { SampleCurve } from '../model/sample-chart.ts';
import { measurementOf } from '../model/samples.ts';
import type { Facts } from './fold-facts.ts';
import type { Series } from './series.ts';

/** Points of a curve in a record. Of a longer trial each spans several samples: rates and means over them. */
export const MOST_POINTS = 200;
/** Of a value: more than a page can show. */
const DIGITS = 6;

/** Indices of two samples; a point says what was between them, and is dated by the later one. */
type Span = readonly [first: number, last: number];
type Taken = (span: Span) => number | null;

/** What collectors saw over time: the curves that `core/model/samples.ts` names, of each target of which there are two samples. */
export function curvesOf({ series, trigger }: Facts): NonNullable<TrialRecord['curves']> {
  if (trigger === undefined) return [];
  return series.flatMap((samples) => {
    const { fields, charts = [] } = measurementOf(samples.collector);
    if (charts.length === 0 || samples.length < 2) return [];
    const counters = new Set(fields.filter(({ kind }) => kind === 'counter').map(({ name }) => name));
    const spans = spansOf(samples.length);
    const { collector, target, times } = samples;
    const curves = charts.flatMap((chart) => chart.curves);
    return [
      {
        collector,
        target,
        samples: samples.length,
        t: spans.map(([, last]) => rounded((times[last] ?? trigger) - trigger)),
        values: Object.fromEntries(curves.map((curve) => [curve.name, spans.map(valueOf(samples, curve, counters))])),
      },
    ];
  });
}

function spansOf(samples: number): Span[] {
  const stride = Math.ceil((samples - 1) / MOST_POINTS);
  const spans: Span[] = [];
  for (let first = 0; first < samples - 1; first += stride) spans.push([first, Math.min(first + stride, samples - 1)]);
  return spans;
}

function valueOf(samples: Series, { plus, minus = [] }: SampleCurve, counters: ReadonlySet<string>): Taken {
  const takers = (names: readonly string[]): Taken[] =>
    names.map((name) => (counters.has(name) ? rateOf(samples, name) : meanOf(samples, name)));
  const [added, subtracted] = [takers(plus), takers(minus)];
  return (span) => {
    const [more, less] = [sumOf(added, span), sumOf(subtracted, span)];
    // Counters have ticks of 10 ms and are read one after the other: less than nothing is nothing.
    return more === null || less === null ? null : rounded(Math.max(0, more - less));
  };
}

/** Null where one of them is. */
function sumOf(takers: readonly Taken[], span: Span): number | null {
  let sum = 0;
  for (const taken of takers) {
    const value = taken(span);
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

/** Growth of a counter per second; null where it could not be read, or fell. */
function rateOf(samples: Series, name: string): Taken {
  const valueAt = samples.value(name);
  const { times } = samples;
  return ([first, last]) => {
    const [from, to] = [valueAt(first), valueAt(last)];
    const seconds = (times[last] ?? 0) - (times[first] ?? 0);
    return from === undefined || to === undefined || to < from || seconds <= 0 ? null : (to - from) / seconds;
  };
}

/** Mean of a gauge over the samples of a span, of which the first belongs to the span before; null where none of them has it. */
function meanOf(samples: Series, name: string): Taken {
  const valueAt = samples.value(name);
  return ([first, last]) => {
    let [sum, count] = [0, 0];
    for (let index = first + 1; index <= last; index++) {
      const value = valueAt(index);
      if (value === undefined) continue;
      sum += value;
      count += 1;
    }
    return count === 0 ? null : sum / count;
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
