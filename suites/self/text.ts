import { wholePairs } from './pairs.ts';
import type { Estimate, HotPath, SelfFile, Watching } from './result.ts';

/** A number with its unit, three significant digits. */
export type Format = (value: number, unit: string) => string;

/** `self.json` for people; ends with a newline. */
export function selfText({ watching, hotPaths }: SelfFile, format: Format): string {
  return [
    'cost of watching: T with collectors and meters on / off, pairs of neighbouring trials in one session',
    ...watching.flatMap((one) => watchingLines(one, format)),
    '',
    'hot paths of hepbench',
    ...table([['', 'operations/s', 'median', 'margin', 'n'], ...hotPaths.map((path) => hotPathCells(path, format))]),
    '',
  ].join('\n');
}

function watchingLines({ point, ratio, onSeconds, offSeconds, cpuRatio, pairs }: Watching, format: Format): string[] {
  const { workers, files, fileBytes } = point;
  const name = `${point.backend}, ${counted(workers, 'worker')}, ${counted(files, 'file')} of ${format(fileBytes, 'B')}`;
  const seconds = (estimate: Estimate) => ('missing' in estimate ? 'no time' : format(estimate.median, 's'));
  const cpu = 'missing' in cpuRatio ? `none: ${cpuRatio.missing}` : percent(cpuRatio.median);
  const lost = pairs.length - wholePairs(pairs);
  return [
    `  ${name}: ${ratioText(ratio)}${lost > 0 ? `; ${counted(lost, 'pair')} not counted` : ''}`,
    `    median T ${seconds(onSeconds)} on, ${seconds(offSeconds)} off; CPU of the instruments / CPU of the workers: ${cpu}`,
  ];
}

/** The interval, or why there is none and the raw spread. */
export function ratioText(ratio: Estimate): string {
  if ('missing' in ratio) return `no ratio: ${ratio.missing}`;
  const { median, interval, min, max, trials, sessions } = ratio;
  const spread = (lo: number, hi: number) => `${lo.toFixed(3)} to ${hi.toFixed(3)}`;
  const n = `${counted(trials, 'pair')} in ${counted(sessions, 'session')}`;
  return interval
    ? `${median.toFixed(3)}, 95 % interval ${spread(interval.lo, interval.hi)} (${n})`
    : `${median.toFixed(3)}, no interval from fewer than 3 sessions, pairs from ${spread(min, max)} (${n})`;
}

function hotPathCells({ name, operationsPerSecond, medianSeconds, marginRatio, calls }: HotPath, format: Format) {
  return [name, format(operationsPerSecond, ''), format(medianSeconds, 's'), `±${percent(marginRatio)}`, String(calls)];
}

function table(rows: readonly (readonly string[])[]): string[] {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(width(0)) : cell.padStart(width(column) + 2))).join('')}`.trimEnd(),
  );
}

function percent(ratio: number): string {
  return `${(100 * ratio).toPrecision(2)} %`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
