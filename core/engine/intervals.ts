/** Half-open stretch of time, in seconds. */
export interface Interval {
  readonly start: number;
  readonly stop: number;
}

/** The same stretches, sorted and without overlaps. */
export function union(intervals: readonly Interval[]): Interval[] {
  const merged: { start: number; stop: number }[] = [];
  for (const { start, stop } of intervals.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (stop <= start) continue;
    if (last && start <= last.stop) last.stop = Math.max(last.stop, stop);
    else merged.push({ start, stop });
  }
  return merged;
}

/** Parts of `intervals` that lie in none of `without`. */
export function subtract(intervals: readonly Interval[], without: readonly Interval[]): Interval[] {
  const holes = union(without);
  const left: Interval[] = [];
  let next = 0;
  for (const { start, stop } of union(intervals)) {
    let from = start;
    // Both are in order: holes that end before this stretch begins are over for all later ones, too.
    while (next < holes.length && (holes[next]?.stop ?? Infinity) <= start) next += 1;
    for (let at = next; at < holes.length; at += 1) {
      const hole = holes[at];
      if (!hole || hole.start >= stop) break;
      if (hole.start > from) left.push({ start: from, stop: hole.start });
      from = Math.max(from, hole.stop);
    }
    if (from < stop) left.push({ start: from, stop });
  }
  return left;
}

/** Parts of `intervals` that lie in one of `others`, too. */
export function intersect(intervals: readonly Interval[], others: readonly Interval[]): Interval[] {
  return subtract(intervals, subtract(intervals, others));
}

/** Parts of `intervals` within `window`. */
export function clip(intervals: readonly Interval[], window: Interval): Interval[] {
  return intervals
    .map(({ start, stop }) => ({ start: Math.max(start, window.start), stop: Math.min(stop, window.stop) }))
    .filter(({ start, stop }) => stop > start);
}

/** Total length in seconds of stretches that do not overlap. */
export function lengthSum(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, { start, stop }) => sum + stop - start, 0);
}
