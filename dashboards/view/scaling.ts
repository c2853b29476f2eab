import type { MetricName } from '../../core/model/metrics.ts';
import { curveKey, workKey } from '../../core/stats/eligible.ts';
import { isSerial, type Reference, type Scaling, speedups } from '../../core/stats/speedups.ts';
import { metricEstimate, metricOf, type PointSummary } from '../../core/stats/summarise.ts';
import type { Unit } from '../format.ts';
import { type CurveSource, curveView, type Entry } from './curves.ts';
import { coreSpeedFlags } from './core-speed.ts';
import { curveLabels } from './labels.ts';
import type { CurveView } from './types.ts';

/** Where serial points stand on the logarithmic axis of workers: half a step left of one worker. */
const SERIAL_X = Math.SQRT1_2;
const WORKERS = 'workers';
/** The metrics that faster cores change. */
const OF_CORES: ReadonlySet<MetricName> = new Set(['event_rate', 'cpu_seconds_per_mevent']);

/** The curves that have more than one worker count; all curves when none has. */
function scalingCurves(summaries: readonly PointSummary[]): readonly (readonly PointSummary[])[] {
  const curves = new Map<string, PointSummary[]>();
  for (const summary of summaries) {
    if (isSerial(summary.point)) continue;
    const key = JSON.stringify([curveKey(summary.point), summary.warmth]);
    curves.set(key, [...(curves.get(key) ?? []), summary]);
  }
  const all = [...curves.values()];
  const wide = all.filter((curve) => new Set(curve.map(({ point }) => point.workers)).size > 1);
  return wide.length > 0 ? wide : all;
}

/** The points of the scaling curves with the serial points of the same work, in reading order. */
export function scalingPoints(summaries: readonly PointSummary[]): readonly PointSummary[] {
  const chosen = scalingCurves(summaries).flat();
  const works = new Set(chosen.map(({ point }) => workKey(point)));
  const kept = new Set(chosen);
  const found = summaries.filter((one) => kept.has(one) || (isSerial(one.point) && works.has(workKey(one.point))));
  return found.length > 0 ? found : summaries;
}

function metricEntry(summary: PointSummary, name: MetricName): Entry {
  const serial = isSerial(summary.point);
  return {
    summary,
    x: serial ? SERIAL_X : summary.point.workers,
    at: serial ? 'serial' : String(summary.point.workers),
    estimate: metricEstimate(summary, name),
    trials: summary.eligible.map((record) => ({ record, value: metricOf(record, name) })),
    flags: [
      ...(summary.oversubscribed ? ['oversubscribed'] : []),
      ...(OF_CORES.has(name) ? coreSpeedFlags(summary) : []),
    ],
  };
}

function metricSources(summaries: readonly PointSummary[], name: MetricName, suffix = ''): CurveSource[] {
  const curves = scalingCurves(summaries);
  const works = new Set(curves.flat().map(({ point }) => workKey(point)));
  const serial = summaries.filter(({ point }) => isSerial(point) && (curves.length === 0 || works.has(workKey(point))));
  const all = [...curves, ...serial.map((summary) => [summary])];
  const firsts = all.flatMap((curve) => curve.slice(0, 1));
  // Serial runs have another warmth and start method than the others. The label `serial` says so already: both are left out of it.
  const labels = [
    ...curveLabels(firsts.slice(0, curves.length)),
    ...curveLabels(firsts.slice(curves.length)).map((label) => `${label}, serial`),
  ];
  return all.map((curve, i) => ({
    label: `${labels[i] ?? ''}${suffix}`,
    backend: curve[0]?.point.backend ?? '',
    entries: curve.map((summary) => metricEntry(summary, name)),
  }));
}

/** A metric against workers, with the serial points left of one worker. */
export function metricOverWorkers(
  summaries: readonly PointSummary[],
  name: MetricName,
  yTitle: string,
  unit: Unit,
): CurveView {
  return curveView(metricSources(summaries, name), { xTitle: WORKERS, yTitle, unit });
}

/** Peak memory of a worker against workers: resident and proportional set. */
export function memoryOverWorkers(summaries: readonly PointSummary[]): CurveView {
  const sources = [
    ...metricSources(summaries, 'rss_peak_bytes', ', RSS'),
    ...metricSources(summaries, 'pss_peak_bytes', ', PSS'),
  ];
  return curveView(sources, {
    xTitle: WORKERS,
    yTitle: 'peak memory of a worker (bytes, T)',
    unit: 'B',
  });
}

function ratioSource(scaling: Scaling, label: string, of: 'speedUp' | 'efficiency'): CurveSource {
  return {
    label,
    backend: scaling.point.backend,
    entries: scaling.points.map((point) => ({
      summary: point.summary,
      x: point.workers,
      at: String(point.workers),
      estimate: point[of],
      trials: point.trials.map((trial) => ({ record: trial.record, value: trial[of] })),
      flags: [
        ...(point.oversubscribed ? ['oversubscribed'] : []),
        ...(point.aboveIdeal ? ['above ideal'] : []),
        ...coreSpeedFlags(point.summary),
      ],
    })),
  };
}

/** Speed-up or efficiency against workers; T of trial and reference come from the same session. */
export function ratioOverWorkers(
  summaries: readonly PointSummary[],
  of: 'speedUp' | 'efficiency',
  reference: Reference,
): CurveView {
  const shown = new Set(scalingCurves(summaries).flat());
  const scalings = speedups(summaries, reference).filter(({ points }) =>
    points.some(({ summary }) => shown.has(summary)),
  );
  const labels = curveLabels(scalings);
  const sources = scalings.map((scaling, i) => ratioSource(scaling, labels[i] ?? '', of));
  return of === 'speedUp'
    ? curveView(sources, {
        xTitle: WORKERS,
        yTitle: `speed-up S (T ${reference} / T)`,
        unit: 'ratio',
        ideal: 'workers',
      })
    : curveView(sources, {
        xTitle: WORKERS,
        yTitle: `efficiency S / n (T, ${reference})`,
        unit: 'percent',
        ideal: 'all',
      });
}
