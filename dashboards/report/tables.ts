import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import type { Environment, Experiment, TrialRecord } from '../../core/model/record.ts';
import { type Estimated, isEstimate } from '../../core/stats/estimate.ts';
import { metricOf } from '../../core/stats/summarise.ts';
import { ABSENT, formatIn, formatSi, type Unit } from '../format.ts';
import { nText, spreadText } from '../view/curves.ts';
import { dataText, wayText, workersText } from '../view/labels.ts';
import type { CoreSpeedRow } from '../view/core-speed.ts';
import type { FloorRow } from '../view/floor.ts';
import type { BarView, CurveView, HistogramView } from '../view/types.ts';
import { type Cell, type Column, type Markup, table } from './html.ts';

function text(title: string): Column {
  return { title, kind: 'text' };
}

function number(title: string): Column {
  return { title, kind: 'number' };
}

function prose(title: string): Column {
  return { title, kind: 'prose' };
}

/** A quantity as a cell: a number, or a dash with its reason. */
function quantityCell(quantity: Quantity, unit: Unit): Cell {
  return isKnown(quantity) ? formatIn(quantity, unit) : { text: ABSENT, reason: quantity.missing };
}

/** The numbers behind a chart of medians. */
export function curveTable(view: CurveView): Markup {
  const columns = [
    text('curve'),
    number(view.xTitle),
    number('median'),
    number('interval'),
    number('min to max'),
    number('n: trials in sessions'),
    prose('flags'),
  ];
  const rows = view.rows.map((row): Cell[] => [
    row.curve,
    row.at,
    row.absent === null ? row.median : { text: ABSENT, reason: row.absent },
    row.interval,
    row.extent,
    row.n,
    row.flags,
  ]);
  return table(view.yTitle, columns, rows);
}

/** The numbers behind bars. */
export function barTable(caption: string, view: BarView): Markup {
  const columns = [text('point'), ...view.series.map(({ title }) => number(title)), text('n')];
  const rows = view.rows.map(({ label, notes, values, n }): Cell[] => [
    label,
    ...notes.map((note, i): Cell =>
      values[i] === null ? { text: ABSENT, reason: note.replace(`${ABSENT} `, '') } : note,
    ),
    n,
  ]);
  return table(caption, columns, rows);
}

/** The rate of each point beside what it would be with cores of one speed. */
export function coreSpeedTable(rows: readonly CoreSpeedRow[]): Markup {
  const columns = [
    text('point'),
    number('events / T as measured, median (min to max)'),
    number('corrected for core speed'),
    number('CPU per event against the middle session'),
    number('kernel against the middle session'),
    prose('sessions with unlike cores'),
  ];
  const cells = rows.map(({ point, measured, corrected, cpu, kernel, unlike }): Cell[] => [
    point,
    measured,
    corrected,
    cpu,
    kernel,
    unlike,
  ]);
  return table('Core speed', columns, cells);
}

/** The rate of each point beside that of reading alone. */
export function floorTable(rows: readonly FloorRow[]): Markup {
  const columns = [
    text('point'),
    number('events / T'),
    number('compressed bytes of its columns per event'),
    number('events / T of reading alone'),
    number('share, median'),
    number('from the ends of both intervals, or of both ranges'),
    text('n'),
  ];
  const medianCell = (estimated: Estimated, unit: Unit) =>
    quantityCell(isEstimate(estimated) ? estimated.median : estimated, unit);
  const cells = rows.map(({ point, rate, columnBytes, floorRate, ratio }): Cell[] => [
    point,
    medianCell(rate, 'events/s'),
    quantityCell(columnBytes, 'B'),
    medianCell(floorRate, 'events/s'),
    medianCell(ratio, 'percent'),
    spreadText(ratio, 'percent'),
    isEstimate(ratio) ? `${nText(ratio)}, of reading ${nText(floorRate)}` : '',
  ]);
  return table('Distance from reading alone', columns, cells);
}

/** Contents of every bin for every backend, with underflow and overflow. */
export function histogramTable({ title, lo, hi, curves }: HistogramView): Markup {
  const bins = (curves[0]?.values.length ?? 2) - 2;
  const edge = (bin: number): string => formatSi(lo + ((hi - lo) * bin) / bins);
  const rows = Array.from({ length: bins + 2 }, (_, i): Cell[] => {
    const range =
      i === 0
        ? `underflow, below ${edge(0)}`
        : i > bins
          ? `overflow, from ${edge(bins)}`
          : `${edge(i - 1)} to ${edge(i)}`;
    return [range, ...curves.map(({ values }) => String(values[i] ?? ABSENT))];
  });
  return table(title, [text('bin'), ...curves.map(({ label }) => number(label))], rows);
}

type Json = Environment[string];

function facts(name: string, value: Json): Cell[][] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  if (Array.isArray(value))
    return [[name, value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ')]];
  return Object.entries(value).flatMap(([key, inner]) => facts(`${name}.${key}`, inner));
}

/** Machine, software, data and commit. */
export function environmentTable({ environment, command, seed, startedAt, finishedAt }: Experiment): Markup {
  const run: Cell[][] = [
    ['command', command],
    ['order seed', String(seed)],
    ['started', startedAt],
    ['finished', finishedAt ?? { text: ABSENT, reason: 'the experiment did not finish' }],
  ];
  const found = Object.entries(environment).flatMap(([name, value]) => facts(name, value));
  return table('Environment', [text('fact'), prose('value')], [...run, ...found]);
}

/** What is wrong with a trial comes first: 0 for a trial whose state or taints keep it out of the statistics. */
function rank({ state, taints }: TrialRecord): number {
  if (state !== 'valid') return 0;
  return taints.length > 0 ? 1 : 2;
}

function reasonsText(reasons: TrialRecord['reasons']): string {
  return reasons.map(({ code, message }) => `${code}: ${message}`).join('; ');
}

/** Every trial; those that do not count come first, with their reasons. */
export function trialsTable({ records }: Experiment): Markup {
  const columns = [
    text('trial'),
    text('state'),
    prose('reasons'),
    prose('taints'),
    prose('flags'),
    text('backend'),
    text('workers'),
    text('data'),
    number('session'),
    number('repeat'),
    number('T'),
    number('events / T'),
    number('CPU per Mevent'),
    number('cores taken by others'),
  ];
  const rows = records
    .toSorted((a, b) => rank(a) - rank(b))
    .map((record): Cell[] => [
      record.trial,
      record.state,
      reasonsText(record.reasons),
      reasonsText(record.taints),
      reasonsText(record.flags),
      record.point.backend,
      [workersText(record.point), wayText(record.point)].filter(Boolean).join(', '),
      dataText(record.point),
      String(record.session),
      `${record.repeat}${record.warmth.process === 'fresh' ? ' (cold)' : ''}`,
      quantityCell(record.windows.turnaroundSeconds, 's'),
      quantityCell(metricOf(record, 'event_rate'), 'events/s'),
      quantityCell(metricOf(record, 'cpu_seconds_per_mevent'), 's/Mevent'),
      quantityCell(metricOf(record, 'host_foreign_cores'), 'cores'),
    ]);
  return table('All trials', columns, rows);
}
