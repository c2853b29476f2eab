import type { Point } from '../model/event.ts';
import { derive, isKnown, missing, type Quantity } from '../model/quantity.ts';
import type { Experiment } from '../model/record.ts';
import { largestLoss, meanBudget, referenceCpu } from './budget.ts';
import { isSound, parametersText } from './eligible.ts';
import { type Estimated, isEstimate } from './estimate.ts';
import { median } from './quantile.ts';
import { type Scaling, type SpeedUpPoint, speedups } from './speedups.ts';
import { metricOf, type PointSummary, summarise } from './summarise.ts';

/** The efficiency against one worker that is still called good. */
export const GOOD_EFFICIENCY = 0.8;
const MEMORY_MARGIN = 1.2;
const MEMORY_STEP_BYTES = 64 * 1024 * 1024;

/** Memory to ask for per worker, in bytes. */
interface MemoryRequest {
  readonly bytes: Quantity;
  /** What the request was made of. */
  readonly from: 'PSS' | 'RSS';
}

/** What a facility wants to know about one backend. */
export interface Headline {
  readonly point: Point;
  /** Largest worker count tested without oversubscription, and the largest of them with an efficiency of at least 80 %. */
  readonly largestTested: Quantity;
  readonly workers: Quantity;
  readonly efficiency: Estimated;
  /** Core-seconds that were occupied for a million events at `workers`: median of the warm trials. */
  readonly coreSecondsPerMevent: Quantity;
  readonly memory: MemoryRequest;
  /** Largest loss at the first worker count beyond `workers`, where there is one, otherwise at `workers`. */
  readonly limit:
    | { readonly workers: number; readonly title: string; readonly share: number }
    | { readonly missing: string };
}

function memoryRequest(summary: PointSummary | undefined): MemoryRequest {
  // The cold trial counts: compilation is often where memory peaks.
  const sound = summary?.records.filter(isSound) ?? [];
  const peaks = (name: 'pss_peak_bytes' | 'rss_peak_bytes'): number[] =>
    sound.map((record) => metricOf(record, name)).filter(isKnown);
  const pss = peaks('pss_peak_bytes');
  const rss = peaks('rss_peak_bytes');
  const [from, values] = pss.length > 0 ? (['PSS', pss] as const) : (['RSS', rss] as const);
  if (values.length === 0) return { from, bytes: missing('no memory measured') };
  const asked = Math.max(...values) * MEMORY_MARGIN;
  return { from, bytes: Math.ceil(asked / MEMORY_STEP_BYTES) * MEMORY_STEP_BYTES };
}

function coreSecondsPerMevent(summary: PointSummary | undefined): Quantity {
  const values = (summary?.eligible ?? []).map(({ budget, counts }) =>
    derive([budget.coreSeconds, counts.eventsRead], (cores = 0, events = 0) => (cores / events) * 1e6),
  );
  const known = values.filter(isKnown);
  return known.length > 0 ? median(known) : (values[0] ?? missing('no eligible trial'));
}

function limitAt(point: SpeedUpPoint | undefined, summaries: readonly PointSummary[]): Headline['limit'] {
  if (!point) return { missing: 'no worker count was tested' };
  const loss = largestLoss(meanBudget(point.summary, referenceCpu(summaries, point.summary.point)));
  return 'missing' in loss ? loss : { workers: point.workers, ...loss };
}

function headlineOf(scaling: Scaling, summaries: readonly PointSummary[]): Headline {
  const tested = scaling.points.filter((point) => !point.oversubscribed && point.summary.trials > 0);
  const good = tested.filter(({ efficiency }) => isEstimate(efficiency) && efficiency.median >= GOOD_EFFICIENCY);
  const best = good.at(-1);
  const beyond = tested.find(({ workers }) => workers > (best?.workers ?? 0));
  const why = tested.some(({ efficiency }) => isEstimate(efficiency))
    ? 'no worker count reaches 80 % efficiency'
    : 'no efficiency: no trial on one worker in the same session';
  return {
    point: scaling.point,
    largestTested: tested.at(-1)?.workers ?? missing('no eligible trial'),
    workers: best?.workers ?? missing(why),
    efficiency: best?.efficiency ?? { missing: why, trials: 0, sessions: 0 },
    coreSecondsPerMevent: best ? coreSecondsPerMevent(best.summary) : missing(why),
    memory: memoryRequest((best ?? tested.at(-1))?.summary),
    limit: limitAt(beyond ?? best, summaries),
  };
}

/** The answer to "how many workers, and what do they cost": for each suite, backend and parameters its widest scaling curve. */
export function headline(
  experiment: Experiment,
  summaries: readonly PointSummary[] = summarise(experiment),
): readonly Headline[] {
  const widest = new Map<string, Scaling>();
  for (const scaling of speedups(summaries, 'one worker')) {
    const { point, points } = scaling;
    const key = JSON.stringify([point.suite, point.backend, parametersText(point)]);
    const known = widest.get(key);
    if (!known || points.length > known.points.length) widest.set(key, scaling);
  }
  return [...widest.values()].map((scaling) => headlineOf(scaling, summaries));
}
