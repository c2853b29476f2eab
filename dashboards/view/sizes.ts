import type { Point } from '../../core/model/event.ts';
import { dataBytes, sizesKey } from '../../core/stats/eligible.ts';
import { metricEstimate, metricOf, type PointSummary } from '../../core/stats/summarise.ts';
import { formatSi } from '../format.ts';
import { type CurveSource, curveView } from './curves.ts';
import { curveLabels, workersText } from './labels.ts';
import type { CurveView } from './types.ts';

/** Numbers of events that differ by less than this count as the same: files hold whole clusters of events. */
const SAME_EVENTS = 1.05;
const Y_TITLE = 'event rate (events / T, per second)';

function eventsOf(summary: PointSummary): number {
  return summary.records[0]?.counts.eventsPlanned ?? 0;
}

function grouped(summaries: readonly PointSummary[], key: (summary: PointSummary) => string): PointSummary[][] {
  const found = new Map<string, PointSummary[]>();
  for (const summary of summaries) {
    if (summary.point.files === 0) continue;
    found.set(key(summary), [...(found.get(key(summary)) ?? []), summary]);
  }
  return [...found.values()];
}

function varied(groups: readonly PointSummary[][], x: (point: Point) => number): PointSummary[][] {
  const many = groups.filter((group) => new Set(group.map(({ point }) => x(point))).size > 1);
  return many.map((group) => group.toSorted((a, b) => x(a.point) - x(b.point)));
}

function rateCurves(
  groups: readonly PointSummary[][],
  x: (point: Point) => number,
  xTitle: string,
  constant: (first: PointSummary) => string,
): CurveView | null {
  if (groups.length === 0) return null;
  const firsts = groups.flatMap((group) => group.slice(0, 1));
  const backends = curveLabels(
    firsts.map((first) => ({ ...first, point: { ...first.point, files: 1, fileBytes: 1 } })),
  );
  const sources = groups.flatMap((group, i): CurveSource[] => {
    const first = group[0];
    if (!first) return [];
    return [
      {
        label: `${backends[i] ?? ''}, ${workersText(first.point)}, ${constant(first)}`,
        backend: first.point.backend,
        entries: group.map((summary) => ({
          summary,
          x: x(summary.point),
          at: formatSi(x(summary.point), 'B'),
          estimate: metricEstimate(summary, 'event_rate'),
          trials: summary.eligible.map((record) => ({ record, value: metricOf(record, 'event_rate') })),
          flags: summary.oversubscribed ? ['oversubscribed'] : [],
        })),
      },
    ];
  });
  return curveView(sources, { xTitle, yTitle: Y_TITLE, unit: 'events/s' });
}

/** Event rate against the size of the data at one file size; null when the experiment does not vary it. */
export function rateOverDataSize(summaries: readonly PointSummary[]): CurveView | null {
  const groups = grouped(summaries, ({ point, warmth }) =>
    JSON.stringify([sizesKey(point), point.workers, warmth, point.fileBytes]),
  );
  return rateCurves(
    varied(groups, dataBytes),
    dataBytes,
    'data size (files × file size)',
    ({ point }) => `files of ${formatSi(point.fileBytes, 'B')}`,
  );
}

function splitByEvents(group: readonly PointSummary[]): PointSummary[][] {
  const parts: PointSummary[][] = [];
  let start = 0;
  for (const summary of group.toSorted((a, b) => eventsOf(a) - eventsOf(b))) {
    const last = parts.at(-1);
    if (last && eventsOf(summary) <= start * SAME_EVENTS) {
      last.push(summary);
    } else {
      parts.push([summary]);
      start = eventsOf(summary);
    }
  }
  return parts;
}

/** Event rate against file size with the number of events held constant; null when the experiment does not vary it. */
export function rateOverFileSize(summaries: readonly PointSummary[]): CurveView | null {
  const groups = grouped(summaries, ({ point, warmth }) =>
    JSON.stringify([sizesKey(point), point.workers, point.clone, warmth]),
  ).flatMap(splitByEvents);
  const size = (point: Point): number => point.fileBytes;
  return rateCurves(varied(groups, size), size, 'file size, at constant events', (first) =>
    formatSi(eventsOf(first), 'events'),
  );
}
