import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { type Estimated, isEstimate } from '../../core/stats/estimate.ts';
import type { Interval } from '../../core/stats/student.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { ABSENT, formatIn, plural, type Unit } from '../format.ts';
import type { AxisTick, Curve, CurveRow, CurveView, Dot, Middle } from './types.ts';

/** One point of a curve before it is drawn. */
export interface Entry {
  readonly summary: PointSummary;
  readonly x: number;
  readonly at: string;
  readonly estimate: Estimated;
  readonly trials: readonly { readonly record: TrialRecord; readonly value: Quantity }[];
  readonly flags: readonly string[];
}

export interface CurveSource {
  readonly label: string;
  readonly backend: string;
  readonly entries: readonly Entry[];
}

/** n and interval of an estimate in words. */
export function nText(estimated: Pick<Estimated, 'trials' | 'sessions'>): string {
  return `n = ${plural(estimated.trials, 'trial')} in ${plural(estimated.sessions, 'session')}`;
}

/** The 95 % interval in words. */
export function intervalText({ lo, hi }: Interval, unit: Unit): string {
  return `${formatIn(lo, unit)} to ${formatIn(hi, unit)} (95 %)`;
}

/** The interval in words, or from the smallest to the largest trial where there is none. */
export function spreadText(estimated: Estimated, unit: Unit): string {
  if (!isEstimate(estimated)) return ABSENT;
  if (estimated.interval) return intervalText(estimated.interval, unit);
  return `trials from ${formatIn(estimated.min, unit)} to ${formatIn(estimated.max, unit)}`;
}

function dotsOf({ x, summary, trials }: Entry, unit: Unit): Dot[] {
  return trials.flatMap(({ record, value }) => {
    if (!isKnown(value)) return [];
    const note = `${formatIn(value, unit)}, session ${record.session}, repeat ${record.repeat}`;
    return [{ x, y: value, note, hollow: summary.oversubscribed }];
  });
}

function middlesOf({ x, summary, estimate, flags }: Entry, unit: Unit): Middle[] {
  if (!isEstimate(estimate)) return [];
  const { median, interval } = estimate;
  const words = [`median ${formatIn(median, unit)}`, spreadText(estimate, unit), nText(estimate), ...flags];
  return [{ x, y: median, ...interval, note: words.join('; '), hollow: summary.oversubscribed }];
}

function rowOf(label: string, { at, estimate, flags }: Entry, unit: Unit): CurveRow {
  const known = isEstimate(estimate);
  return {
    curve: label,
    at,
    median: known ? formatIn(estimate.median, unit) : ABSENT,
    absent: known ? null : estimate.missing,
    interval: known && estimate.interval ? intervalText(estimate.interval, unit) : ABSENT,
    extent: known ? `${formatIn(estimate.min, unit)} to ${formatIn(estimate.max, unit)}` : ABSENT,
    n: `${estimate.trials} in ${estimate.sessions}`,
    flags: flags.join('; '),
  };
}

type CurveTitles = Pick<CurveView, 'xTitle' | 'yTitle' | 'unit' | 'ideal'>;

/** Medians, trials and table of a chart. */
export function curveView(sources: readonly CurveSource[], titles: CurveTitles): CurveView {
  const { unit } = titles;
  const entries = sources.flatMap((source) => source.entries);
  const seen = new Map<string, number>();
  const curves = sources.map(({ label, backend, entries: own }): Curve => {
    const variant = seen.get(backend) ?? 0;
    seen.set(backend, variant + 1);
    return {
      label,
      backend,
      variant,
      dots: own.flatMap((entry) => dotsOf(entry, unit)),
      middles: own.flatMap((entry) => middlesOf(entry, unit)),
    };
  });
  const ticks = new Map<number, string>(entries.map(({ x, at }) => [x, at]));
  return {
    ...titles,
    curves: curves.filter(({ middles }) => middles.length > 0),
    rows: sources.flatMap(({ label, entries: own }) => own.map((entry) => rowOf(label, entry, unit))),
    ticks: [...ticks].map(([value, text]): AxisTick => ({ value, label: text })).toSorted((a, b) => a.value - b.value),
    oversubscribed: [...new Set(entries.filter(({ summary }) => summary.oversubscribed).map(({ x }) => x))],
  };
}
