import type { Histogram } from '../../core/model/event.ts';
import type { Experiment, TrialRecord } from '../../core/model/record.ts';
import { answerKey } from '../../core/stats/eligible.ts';
import { formatSi } from '../format.ts';
import type { HistogramView } from './types.ts';

/** The valid records, one per backend, of the work that most backends and then most events have in common. */
function comparable(records: readonly TrialRecord[]): Map<string, TrialRecord> {
  const works = new Map<string, Map<string, TrialRecord>>();
  for (const record of records) {
    if (record.state !== 'valid' || record.histograms.length === 0) continue;
    // Each backend may list the files another number of times.
    const key = JSON.stringify([answerKey({ ...record.point, clone: 1 }), record.datasetId]);
    const backends = works.get(key) ?? new Map<string, TrialRecord>();
    if (!backends.has(record.point.backend)) backends.set(record.point.backend, record);
    works.set(key, backends);
  }
  const events = (work: Map<string, TrialRecord>): number =>
    Math.max(...[...work.values()].map(({ counts }) => counts.eventsPlanned));
  return [...works.values()].toSorted((a, b) => b.size - a.size || events(b) - events(a))[0] ?? new Map();
}

function agreement(all: readonly Histogram[]): string {
  const [first, ...others] = all;
  if (!first || others.length === 0) return 'one backend only';
  let largest = 0;
  let where = -1;
  for (const other of others) {
    if (other.values.length !== first.values.length) return 'the backends have different bins';
    for (const [i, value] of first.values.entries()) {
      const difference = Math.abs(Number(value) - Number(other.values[i]));
      if (difference > largest) [largest, where] = [difference, i];
    }
  }
  const bins = first.values.length - 2;
  return where < 0
    ? `identical in all ${bins} bins, underflow and overflow`
    : `largest difference ${formatSi(largest)} in bin ${where} of ${bins}`;
}

/** The histogram of the files listed once, so that answers are compared whose files were listed more often. */
function onceListed(histogram: Histogram, times: number): Histogram {
  return times === 1 ? histogram : { ...histogram, values: histogram.values.map((value) => Number(value) / times) };
}

/** ROOT's way of giving titles: `title;x axis;y axis`. */
function titlesOf({ title }: Histogram): Pick<HistogramView, 'title' | 'xTitle' | 'yTitle'> {
  const [text = title, xTitle = text, yTitle = 'entries'] = title.split(';');
  return { title: text, xTitle, yTitle: `${yTitle} per bin` };
}

/** The physics histograms of the experiment with the backends side by side. */
export function histogramViews(experiment: Experiment): readonly HistogramView[] {
  const chosen = comparable(experiment.records);
  const names = new Set([...chosen.values()].flatMap(({ histograms }) => histograms.map(({ name }) => name)));
  return [...names].flatMap((name): HistogramView[] => {
    const found = [...chosen].flatMap(([backend, { histograms, point }]) => {
      const histogram = histograms.find((one) => one.name === name);
      return histogram ? [{ backend, histogram: onceListed(histogram, point.clone) }] : [];
    });
    const first = found[0]?.histogram;
    if (!first) return [];
    return [
      {
        name,
        ...titlesOf(first),
        lo: first.lo,
        hi: first.hi,
        curves: found.map(({ backend, histogram }) => ({
          label: backend,
          backend,
          values: histogram.values.map(Number),
        })),
        note: agreement(found.map(({ histogram }) => histogram)),
      },
    ];
  });
}
