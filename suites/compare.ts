import type { Histogram } from '../core/model/event.ts';
import type { Reason } from '../core/model/record.ts';
import type { GivenAnswer, Truth } from './suite.ts';

/** Weighted contents may differ by the rounding of a sum taken in another order: this share of the sum of |w|. */
const WEIGHTED_TOLERANCE = 1e-12;

/** Compares an answer that consists of histograms, those of `names` and no others, with the truth. */
export function compareAnswer(answer: GivenAnswer, truth: Truth | undefined, names: readonly string[]): Reason[] {
  if (!truth) return [{ code: 'TRUTH_MISSING', message: 'the data set has no truth to compare with' }];
  const reasons: Reason[] = [];
  if (answer.events !== truth.events) {
    reasons.push({ code: 'EVENTS_WRONG', message: `${answer.events} events read, the data set holds ${truth.events}` });
  }
  for (const [index, { name }] of answer.histograms.entries()) {
    if (!names.includes(name)) reasons.push(wrong(`${name}: was not asked for`));
    if (answer.histograms.findIndex((other) => other.name === name) !== index)
      reasons.push(wrong(`${name}: more than once in the answer`));
  }
  for (const name of names) {
    const expected = truth.histograms.find((histogram) => histogram.name === name);
    const given = answer.histograms.find((histogram) => histogram.name === name);
    if (!expected) reasons.push({ code: 'TRUTH_MISSING', message: `the truth has no histogram ${name}` });
    else if (!given) reasons.push(wrong(`${name}: not in the answer`));
    else reasons.push(...compareHistogram(given, expected, truth.ambiguous));
  }
  return reasons;
}

/**
 * Compares a histogram with the truth, flow bins and sumw2 included. Unweighted bins must be equal, but for as many entries as
 * the reference found ambiguous in that bin; weighted ones agree within 1e-12 of the sum of |w|.
 */
export function compareHistogram(given: Histogram, truth: Histogram, ambiguous: Truth['ambiguous']): Reason[] {
  if (given.bins !== truth.bins || given.lo !== truth.lo || given.hi !== truth.hi) {
    return [wrong(`${truth.name}: ${axis(given)}, expected ${axis(truth)}`)];
  }
  if (given.values.length !== truth.values.length || given.sumw2.length !== truth.sumw2.length) {
    const seen = `${given.values.length} contents and ${given.sumw2.length} sums of squared weights`;
    return [wrong(`${truth.name}: ${seen}, expected ${truth.values.length} of each`)];
  }
  const slack = slackOf(truth, ambiguous);
  const reasons: Reason[] = [];
  for (const [field, what] of [
    ['values', 'entries'],
    ['sumw2', 'sum of squared weights'],
  ] as const) {
    const weight = isCounts(truth)
      ? 0
      : WEIGHTED_TOLERANCE * truth[field].map(Number).reduce((sum, value) => sum + Math.abs(value), 0);
    for (const [bin, expected] of truth[field].map(Number).entries()) {
      const seen = given[field][bin];
      // What is not finite fails every comparison.
      if (seen === undefined || !(Math.abs(Number(seen) - expected) <= weight + (slack[bin] ?? 0))) {
        reasons.push(
          wrong(`${truth.name}, ${binName(truth, bin)}: ${what} ${seen ?? 'missing'}, expected ${expected}`),
        );
      }
    }
  }
  return reasons;
}

function slackOf(truth: Histogram, ambiguous: Truth['ambiguous']): number[] {
  const slack = Array.from({ length: truth.bins + 2 }, () => 0);
  for (const event of ambiguous) {
    if (event.histogram !== truth.name) continue;
    for (const bin of event.bins) slack[bin] = (slack[bin] ?? 0) + 1;
  }
  return slack;
}

function isCounts(histogram: Histogram): boolean {
  return histogram.values.every((value, bin) => Number.isInteger(value) && value === histogram.sumw2[bin]);
}

function binName(histogram: Histogram, bin: number): string {
  if (bin === 0) return `underflow (below ${histogram.lo})`;
  if (bin === histogram.bins + 1) return `overflow (from ${histogram.hi})`;
  const width = (histogram.hi - histogram.lo) / histogram.bins;
  const edge = (index: number) => Number((histogram.lo + index * width).toPrecision(6));
  return `bin ${bin} (${edge(bin - 1)} to ${edge(bin)})`;
}

function axis({ bins, lo, hi }: Histogram): string {
  return `${bins} bins from ${lo} to ${hi}`;
}

function wrong(message: string): Reason {
  return { code: 'ANSWER_WRONG', message };
}
