import type { Point } from '../../core/model/event.ts';
import type { Experiment } from '../../core/model/record.ts';
import { CPU_BOUND, KERNEL_BOUND } from '../../core/stats/core-speed.ts';
import { type Estimated, isEstimate } from '../../core/stats/estimate.ts';
import { headline } from '../../core/stats/headline.ts';
import { isSerial, type SpeedUpPoint, speedups } from '../../core/stats/speedups.ts';
import { metricEstimate, type PointSummary, summarise } from '../../core/stats/summarise.ts';
import { parametersText } from '../../core/stats/eligible.ts';
import { coreSpeedFlags } from '../view/core-speed.ts';
import { ABSENT, formatIn, plural, type Unit } from '../format.ts';
import { floorLines, floorRows } from '../view/floor.ts';
import { dataText, wayText } from '../view/labels.ts';
import { answerLines } from '../view/statement.ts';
import { paint } from './colour.ts';
import { GAP, wrapped } from './fit.ts';

export interface TableOptions {
  /** Width of the terminal in characters. */
  readonly columns: number;
  readonly colour: boolean;
}

interface Column {
  readonly title: string;
  /** Columns with a larger number go first when the terminal is narrow; 0 stays. */
  readonly spare: number;
  /** Where its cells differ, no other column tells these lines apart. */
  readonly tells?: true;
  readonly left: boolean;
  readonly cell: (summary: PointSummary, scaled: SpeedUpPoint | undefined) => string;
  /** What a reader has to be told where the column is printed. */
  readonly legend?: string;
}

/** Before what stands below its row. */
const INDENT = '    ';
/** More than any column can be spared. */
const UNIFORM = 100;

function serialText({ threadsPerWorker }: Point): string {
  return threadsPerWorker === 1 ? 'serial' : `serial x${threadsPerWorker}`;
}

function medianText(estimated: Estimated | undefined, unit: Unit): string {
  return estimated && isEstimate(estimated) ? formatIn(estimated.median, unit).replaceAll('\u202f', ' ') : ABSENT;
}

function extentText(estimated: Estimated, unit: Unit): string {
  if (!isEstimate(estimated)) return ABSENT;
  const [least, most] = [formatIn(estimated.min, unit), formatIn(estimated.max, unit)].map((text) =>
    text.split('\u202f'),
  );
  const sameUnit = least?.[1] === most?.[1];
  return `${(sameUnit ? least?.slice(0, 1) : least)?.join(' ')}..${most?.join(' ')}`;
}

/** What stands beside a point of which a counted trial has the flag. */
const WORDS = [
  // They took a part of the cores that changes what a trial takes.
  ['foreign-cpu', 'other programs ran'],
  ['part-failed', 'not all was watched'],
] as const;

function isFlagged({ eligible }: PointSummary, flag: string): boolean {
  return eligible.some(({ flags }) => flags.some(({ code }) => code === flag));
}

function flagsText(summary: PointSummary, scaled: SpeedUpPoint | undefined): string {
  const warm = summary.records.filter(({ repeat }) => repeat > 0);
  const lost = warm.length - summary.trials;
  const rate = metricEstimate(summary, 'event_rate');
  return [
    ...(summary.oversubscribed ? ['oversubscribed'] : []),
    ...(scaled?.aboveIdeal ? ['above ideal'] : []),
    ...coreSpeedFlags(summary),
    ...WORDS.flatMap(([flag, words]) => (isFlagged(summary, flag) ? [words] : [])),
    ...(lost > 0 ? [`${lost} not counted`] : []),
    ...(isEstimate(rate) ? [] : [rate.missing]),
  ].join(', ');
}

const COLUMNS: readonly Column[] = [
  {
    title: 'suite',
    spare: 3,
    tells: true,
    left: true,
    cell: ({ point }) => [point.suite, parametersText(point)].join(' ').trim(),
  },
  { title: 'backend', spare: 0, left: true, cell: ({ point }) => point.backend },
  { title: 'runner', spare: 6, left: true, cell: ({ point }) => point.runner },
  { title: 'how', spare: 7, tells: true, left: true, cell: ({ point }) => wayText(point) },
  {
    title: 'workers',
    spare: 0,
    left: false,
    cell: ({ point }) => (isSerial(point) ? serialText(point) : String(point.workers)),
  },
  { title: 'data', spare: 2, tells: true, left: false, cell: ({ point }) => dataText(point).replaceAll('\u202f', ' ') },
  {
    title: 'n',
    spare: 1,
    left: false,
    cell: ({ sessions, trials }) => `${trials} in ${sessions}`,
    legend: 'n: trials in sessions',
  },
  {
    title: 'events/T',
    spare: 0,
    left: false,
    cell: (summary) => medianText(metricEstimate(summary, 'event_rate'), 'events/s'),
  },
  {
    title: 'min..max',
    spare: 2,
    left: false,
    cell: (summary) => extentText(metricEstimate(summary, 'event_rate'), 'events/s'),
  },
  {
    title: 'speed-up',
    spare: 0,
    left: false,
    cell: (_summary, scaled) => medianText(scaled?.speedUp, 'ratio'),
    legend: 'speed-up and efficiency against one worker',
  },
  { title: 'efficiency', spare: 0, left: false, cell: (_summary, scaled) => medianText(scaled?.efficiency, 'percent') },
  {
    title: 'CPU/event',
    spare: 3,
    left: false,
    cell: (summary) => medianText(metricEstimate(summary, 'cpu_seconds_per_mevent'), 's/Mevent'),
  },
  { title: 'flags', spare: 0, left: true, cell: flagsText },
];

const FLAGS = COLUMNS.findIndex(({ title }) => title === 'flags');
const HOW = COLUMNS.findIndex(({ title }) => title === 'how');

function widthOf(cells: readonly (readonly string[])[], column: number): number {
  return Math.max(...cells.map((row) => row[column]?.length ?? 0));
}

/** Whether the lines of the table, of which the first is the head, differ in a column. */
function differs(cells: readonly (readonly string[])[], column: number): boolean {
  return new Set(cells.slice(1).map((row) => row[column])).size > 1;
}

/** The columns without which lines could not be told apart. */
function tellingIn(cells: readonly (readonly string[])[]): readonly number[] {
  return COLUMNS.flatMap(({ tells }, i) => (tells && differs(cells, i) ? [i] : []));
}

/** The columns of `all` that fit, in their order; what is the same in all lines goes first, then what can be spared most; `needed` ones stay. */
function fitting(
  cells: readonly (readonly string[])[],
  all: readonly number[],
  columns: number,
  needed: readonly number[],
) {
  let kept = all;
  const total = (): number => kept.reduce((sum, i) => sum + widthOf(cells, i) + GAP, -GAP);
  const expendable = kept.filter((i) => (COLUMNS[i]?.spare ?? 0) > 0 && !needed.includes(i));
  const spareOf = (i: number): number => (differs(cells, i) ? 0 : UNIFORM) + (COLUMNS[i]?.spare ?? 0);
  for (const victim of expendable.toSorted((a, b) => spareOf(b) - spareOf(a))) {
    if (total() <= columns) break;
    kept = kept.filter((i) => i !== victim);
  }
  return { kept, fits: total() <= columns };
}

/** The columns to print: all that fit with the flags, or when these stand below their row, or when what tells lines apart does so, too. */
function columnsFor(cells: readonly (readonly string[])[], columns: number): readonly number[] {
  const all = COLUMNS.map((_column, i) => i).filter((i) => i !== HOW || cells.slice(1).some((row) => row[i] !== ''));
  const telling = tellingIn(cells);
  const beside = fitting(cells, all, columns, telling);
  if (beside.fits) return beside.kept;
  const withoutFlags = all.filter((i) => i !== FLAGS);
  const below = fitting(cells, withoutFlags, columns, telling);
  if (below.fits) return below.kept;
  const withoutBoth = withoutFlags.filter((i) => !telling.includes(i));
  return fitting(cells, withoutBoth, columns, []).kept;
}

/** What the printed columns and flags mean. */
function legendOf(kept: readonly number[], summaries: readonly PointSummary[]): string[] {
  const unlike = summaries.some((summary) => coreSpeedFlags(summary).length > 0);
  return [
    ...kept.flatMap((i) => COLUMNS[i]?.legend ?? []),
    ...(unlike
      ? [
          `core speed unlike: CPU per event over ${CPU_BOUND} times that of the middle session or under 1/${CPU_BOUND} of it, of the kernel ${KERNEL_BOUND}`,
        ]
      : []),
  ];
}

function closing({ records, plannedTrials, unreadable = [] }: Experiment, legend: readonly string[]): string[] {
  const bad = records.filter(({ state, taints }) => state !== 'valid' || taints.length > 0);
  const lines = bad.map(({ trial, state, taints, reasons }) => {
    const why = [...reasons, ...taints].map(({ code, message }) => `${code}: ${message}`).join('; ');
    return `${state === 'valid' ? 'tainted' : state} ${trial}: ${why}`;
  });
  return [
    [`${records.length} of ${plural(plannedTrials, 'trial')} recorded, ${bad.length} not counted`, ...legend].join(
      '; ',
    ),
    ...lines,
    ...unreadable.map(({ trial, why }) => `unreadable ${trial}: ${why}`),
  ];
}

/**
 * The answers, then a table of medians, one line per point, that leaves out columns rather than wrapping; what tells lines apart, and flags,
 * stand below their row, whole, where they do not fit. Ends with a newline.
 */
export function renderTable(experiment: Experiment, { columns, colour }: TableOptions): string {
  const summaries = summarise(experiment);
  const scaled = new Map<PointSummary, SpeedUpPoint>();
  for (const { points } of speedups(summaries, 'one worker'))
    for (const point of points) scaled.set(point.summary, point);
  const rows = summaries.map((summary) => COLUMNS.map(({ cell }) => cell(summary, scaled.get(summary))));
  const head = COLUMNS.map(({ title }) => title);
  const kept = columnsFor([head, ...rows], columns);
  const line = (row: readonly string[]): string => {
    const padded = kept.map((i) => {
      const width = widthOf([head, ...rows], i);
      return COLUMNS[i]?.left ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width);
    });
    const full = padded.join(' '.repeat(GAP)).trimEnd();
    return full.length > columns ? `${full.slice(0, Math.max(0, columns - 1))}…` : full;
  };
  const placedBelow = [...tellingIn([head, ...rows]), FLAGS].filter((i) => !kept.includes(i));
  const below = (row: readonly string[]): string[] =>
    placedBelow.flatMap((i) => (row[i] ? wrapped(row[i], columns, INDENT) : []));
  const body = rows.flatMap((row, i) =>
    [line(row), ...below(row)].map((text) => (summaries[i]?.oversubscribed ? paint(text, 'dim', colour) : text)),
  );
  const [counts = '', ...bad] = closing(experiment, legendOf(kept, summaries));
  const floor = floorLines(floorRows(experiment, summaries), experiment.floor !== undefined);
  const answers = answerLines(headline(experiment, summaries), summaries).map((text) => paint(text, 'bold', colour));
  return `${[...answers, '', paint(line(head), 'bold', colour), ...body, ...(floor.length > 0 ? ['', ...floor] : []), '', counts, ...bad.map((text) => paint(text, 'yellow', colour))].join('\n')}\n`;
}
