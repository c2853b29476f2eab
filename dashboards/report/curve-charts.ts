import type { Scaling } from '../../core/stats/speedups.ts';
import type { PointSummary } from '../../core/stats/summarise.ts';
import { formatPercent, formatSi, plural } from '../format.ts';
import { spreadText } from '../view/curves.ts';
import { curveLabels } from '../view/labels.ts';
import { memoryOverWorkers, metricOverWorkers, ratioOverWorkers } from '../view/scaling.ts';
import { rateOverDataSize, rateOverFileSize } from '../view/sizes.ts';
import type { CurveView } from '../view/types.ts';

/** A chart of medians against workers or sizes. A new one is an entry of {@link CURVE_CHARTS}; its section, drawing and table follow from it. */
export interface CurveChart {
  /** By which page and browser script know it. */
  readonly name: string;
  readonly section: 'scaling' | 'size' | 'cost' | 'memory';
  readonly title: string;
  readonly words: string;
  /** What is said after the words of the curves that a speed-up can be fitted to. */
  readonly fitText?: (scalings: readonly Scaling[]) => string;
  /** Null where the experiment does not vary what the chart is about; `unvaried` says so. */
  readonly view: (summaries: readonly PointSummary[]) => CurveView | null;
  readonly unvaried?: string;
}

export const CURVE_CHARTS: readonly CurveChart[] = [
  {
    name: 'rate',
    section: 'scaling',
    title: 'Event rate',
    words: 'Events per second of T: computation triggered, to merged result in the client.',
    view: (summaries) => metricOverWorkers(summaries, 'event_rate', 'event rate (events / T, per second)', 'events/s'),
  },
  {
    name: 'speedUp',
    section: 'scaling',
    title: 'Speed-up against one worker',
    words: 'T on one worker / T, both of one session.',
    fitText: amdahlText,
    view: (summaries) => ratioOverWorkers(summaries, 'speedUp', 'one worker'),
  },
  {
    name: 'efficiency',
    section: 'scaling',
    title: 'Efficiency against one worker',
    words: 'Speed-up / workers.',
    view: (summaries) => ratioOverWorkers(summaries, 'efficiency', 'one worker'),
  },
  {
    name: 'speedUpSerial',
    section: 'scaling',
    title: 'Speed-up against serial',
    words: 'T without Dask on one thread / T, both of one session.',
    view: (summaries) => ratioOverWorkers(summaries, 'speedUp', 'serial'),
  },
  {
    name: 'dataSize',
    section: 'size',
    title: 'Event rate against data size',
    words: 'More files of one size.',
    view: rateOverDataSize,
    unvaried: 'Data size was not varied; several values of --files would show the event rate against it.',
  },
  {
    name: 'fileSize',
    section: 'size',
    title: 'Event rate against file size',
    words: 'The same events in fewer, larger files.',
    view: rateOverFileSize,
    unvaried:
      'File size was not varied at constant events; several values of --file-size would show the event rate against it.',
  },
  {
    name: 'cpu',
    section: 'cost',
    title: 'CPU per event',
    words: 'CPU-seconds of event-processing tasks per million events; flat is ideal.',
    view: (summaries) =>
      metricOverWorkers(summaries, 'cpu_seconds_per_mevent', 'CPU-seconds per Mevent (in tasks, T)', 's/Mevent'),
  },
  {
    name: 'memory',
    section: 'memory',
    title: 'Peak memory of a worker',
    words:
      'RSS counts shared pages in every process, PSS divides them among their users; RSS over T, PSS over the whole trial.',
    view: memoryOverWorkers,
  },
];

function amdahlText(scalings: readonly Scaling[]): string {
  const labels = curveLabels(scalings);
  const texts = scalings.map(({ amdahl }, i) => {
    const label = labels[i] ?? '';
    if ('missing' in amdahl) return `${label}: — missing: ${amdahl.missing}`;
    const limit = Number.isFinite(amdahl.limit)
      ? `, so at most ${formatSi(amdahl.limit)} times faster`
      : ', at or above the ideal';
    const { serialFraction, workerCounts } = amdahl;
    const basis = `${spreadText(serialFraction, 'percent')}, ${plural(workerCounts, 'worker count')} in ${plural(serialFraction.sessions, 'session')}`;
    return `${label}: ${formatPercent(serialFraction.median)} serial${limit} (${basis})`;
  });
  return texts.length > 0 ? ` Amdahl fit: ${texts.join('; ')}.` : '';
}
