import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import { CPU_BOUND, KERNEL_BOUND, type SessionSpeed } from '../../core/stats/core-speed.ts';
import { type Estimated, isEstimate } from '../../core/stats/estimate.ts';
import { metricEstimate, type PointSummary } from '../../core/stats/summarise.ts';
import { ABSENT, formatIn, formatPercent } from '../format.ts';
import { pointLabels } from './labels.ts';

/** One point: its rate as measured, and as it would be with cores of one speed. */
export interface CoreSpeedRow {
  readonly point: string;
  readonly measured: string;
  readonly corrected: string;
  /** Of the sessions against the others of their point, smallest to largest. */
  readonly cpu: string;
  readonly kernel: string;
  readonly unlike: string;
}

/** Sessions whose cores were unlike the others', in words for a flag; empty when none was. */
export function coreSpeedFlags({ coreSpeed }: PointSummary): string[] {
  return coreSpeed.unlike.length === 0 ? [] : [`core speed unlike in ${sessionsText(coreSpeed.unlike)}`];
}

/** The bounds beyond which a session is called unlike, in words. */
export const CORE_SPEED_BOUNDS = `its CPU per event is more than ${CPU_BOUND} times that of the middle session of the point, or less than the ${CPU_BOUND}th part of it; of the kernel, which jumps more, ${KERNEL_BOUND} times`;

/** What the table of core speed says, one row per point. */
export function coreSpeedRows(summaries: readonly PointSummary[]): CoreSpeedRow[] {
  const points = summaries.filter(({ trials }) => trials > 0);
  const labels = pointLabels(points);
  return points.map((summary, i) => ({
    point: labels[i] ?? '',
    measured: rateText(metricEstimate(summary, 'event_rate')),
    corrected: rateText(summary.coreSpeed.corrected),
    cpu: rangeText(summary.coreSpeed.sessions.map(({ cpu }) => cpu)),
    kernel: rangeText(summary.coreSpeed.sessions.map(({ kernel }) => kernel)),
    unlike: summary.coreSpeed.unlike.map(unlikeText).join('; '),
  }));
}

function sessionsText(unlike: readonly SessionSpeed[]): string {
  const numbers = unlike.map(({ session }) => session);
  const last = numbers.at(-1);
  return numbers.length === 1 ? `session ${last}` : `sessions ${numbers.slice(0, -1).join(', ')} and ${last}`;
}

function unlikeText({ session, cpu, kernel }: SessionSpeed): string {
  const than = (what: string, ratio: Quantity): string[] =>
    isKnown(ratio) ? [`${what} ${formatPercent(ratio)} of the others'`] : [];
  return `session ${session}: ${[...than('CPU per event', cpu), ...than('kernel', kernel)].join(', ')}`;
}

function rateText(estimated: Estimated): string {
  if (!isEstimate(estimated)) return `${ABSENT} ${estimated.missing}`;
  const { median, min, max } = estimated;
  return `${formatIn(median, 'events/s')} (${formatIn(min, 'events/s')} to ${formatIn(max, 'events/s')})`;
}

function rangeText(ratios: readonly Quantity[]): string {
  const known = ratios.filter(isKnown);
  const reason = ratios.find((ratio) => !isKnown(ratio));
  if (known.length === 0) return reason && !isKnown(reason) ? `${ABSENT} ${reason.missing}` : ABSENT;
  return `${formatPercent(Math.min(...known))} to ${formatPercent(Math.max(...known))}`;
}
