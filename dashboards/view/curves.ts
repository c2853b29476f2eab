import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { Record } from '../../core/model/record.ts';
import { type Estimated, isEstimate, SESSIONS_FOR_INTERVAL } from '../../core/stats/estimate.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { ABSENT, formatIn, plural, type Unit } from '../format.ts';
import type { AxisTick, Curve, CurveRow, CurveView, Dot, Middle } from './types.ts';

/** One point of a curve before it is drawn. */
export interface Entry {
  readonly summary: PointSummary;
  readonly x: number;
  readonly at: string;
  readonly estimate: Estimated;
  readonly trials: readonly { readonly record: Record; readonly value: Quantity }[];
  readonly flags: readonly string[];
}

export interface CurveSource {
  readonly label: string;
  readonly backend: string;
  readonly entries: readonly Entry[];
}

/** n and interval of an estimate in words. */
export function nText(estimated: Estimated): string {
  return `n = ${plural(estimated.trials, 'trial')} in ${plural(estimated.sessions, 'session')}`;
}

/** The interval in words: 95 % bootstrap, or the spread where there are too few sessions for one. */
export function intervalText(estimated: Estimated, unit: Unit): string {
  if (!isEstimate(estimated)) return ABSENT;
  const range = `${formatIn(estimated.lo, unit)} to ${formatIn(estimated.hi, unit)}`;
  return estimated.interval === 'bootstrap'
    ? `${range} (95 %)`
    : `${range} (min to max: fewer than ${SESSIONS_FOR_INTERVAL} sessions)`;
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
  const { median, lo, hi } = estimate;
  const words = [`median ${formatIn(median, unit)}`, intervalText(estimate, unit), nText(estimate), ...flags];
  return [{ x, y: median, lo, hi, note: words.join('; '), hollow: summary.oversubscribed }];
}

function rowOf(label: string, { at, estimate, flags }: Entry, unit: Unit): CurveRow {
  const known = isEstimate(estimate);
  return {
    curve: label,
    at,
    median: known ? formatIn(estimate.median, unit) : ABSENT,
    absent: known ? null : estimate.missing,
    interval: intervalText(estimate, unit),
    extent: known ? `${formatIn(estimate.min, unit)} to ${formatIn(estimate.max, unit)}` : ABSENT,
    n: `${estimate.trials} in ${estimate.sessions}`,
    flags: flags.join('; '),
  };
}

export interface CurveTitles {
  readonly xTitle: string;
  readonly yTitle: string;
  readonly unit: Unit;
}

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
