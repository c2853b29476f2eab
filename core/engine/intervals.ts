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
  let left = union(intervals);
  for (const hole of union(without)) {
    left = left.flatMap(({ start, stop }) =>
      [
        { start, stop: Math.min(stop, hole.start) },
        { start: Math.max(start, hole.stop), stop },
      ].filter((part) => part.stop > part.start),
    );
  }
  return left;
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
