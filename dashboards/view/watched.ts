import type { TrialRecord } from '../../core/model/record.ts';
import type { SampleChart } from '../../core/model/sample-chart.ts';
import { SAMPLES } from '../../core/model/samples.ts';
import { plural } from '../format.ts';
import type { WatchedChart, WatchedView } from './types.ts';

type Watched = NonNullable<TrialRecord['curves']>[number];

interface Source {
  readonly collector: string;
  readonly chart: SampleChart;
}

const SOURCES: readonly Source[] = SAMPLES.flatMap(({ collector, charts = [] }) =>
  charts.map((chart) => ({ collector, chart })),
);

/** The charts that one of these records at least has something for. */
export function watchedCharts(records: readonly TrialRecord[]): WatchedChart[] {
  const found = SOURCES.filter(({ collector }) => records.some((record) => seriesOf(record, collector).length > 0));
  return found.map(({ chart: { name, title, words, axis, unit } }) => ({ name, title, words, axis, unit }));
}

/** What collectors saw while a trial ran: for each chart of which there are samples. */
export function watchedViews(record: TrialRecord): { readonly [chart: string]: WatchedView } {
  return Object.fromEntries(
    SOURCES.flatMap(({ collector, chart }) => {
      const series = seriesOf(record, collector);
      return series.length === 0 ? [] : [[chart.name, watchedView(series, chart)]];
    }),
  );
}

function seriesOf({ curves = [] }: TrialRecord, collector: string): Watched[] {
  return curves.filter((one) => one.collector === collector);
}

function watchedView(series: readonly Watched[], { curves }: SampleChart): WatchedView {
  const groups = series.map(({ target, t, values }) => {
    // As in the other charts of a trial nothing is shown of before the trigger.
    const from = t.findIndex((time) => time >= 0);
    const shown = <T>(of: readonly T[]): readonly T[] => (from < 0 ? [] : of.slice(from));
    const missing = t.map(() => null);
    return {
      t: shown(t),
      curves: curves.map(({ name, label }) => {
        const known = values[name]?.some((value) => value !== null) ? label : `${label} (could not be read)`;
        return { label: series.length === 1 ? known : `${known}, ${target}`, values: shown(values[name] ?? missing) };
      }),
    };
  });
  const sum = (of: (one: Watched) => number): number => series.reduce((total, one) => total + of(one), 0);
  const isKnown = groups.some((group) => group.curves.some(({ values }) => values.some((value) => value !== null)));
  return {
    groups,
    n: `${plural(
      sum(({ samples }) => samples),
      'sample',
    )} in ${plural(
      sum(({ t }) => t.length),
      'point',
    )}`,
    absent: isKnown ? null : 'no value could be read',
  };
}
