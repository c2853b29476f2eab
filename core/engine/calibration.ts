import type { Timed } from '../model/calibration.ts';

/** Numbers far enough apart that two runs on one machine mostly find the same, so that their points are the same. */
const ROW: readonly number[] = [1, ...Array.from({ length: 9 }, (_, k) => [2 * 2 ** k, 3 * 2 ** k]).flat()];

/** The smallest number of the row that `suffices`; the largest of all where none does. */
export function firstInRow(suffices: (clone: number) => boolean): number {
  return ROW.find(suffices) ?? ROW.at(-1) ?? 1;
}

/** The largest number of the row that is `allowed`; one where none is. */
export function lastInRow(allowed: (clone: number) => boolean): number {
  return ROW.findLast(allowed) ?? 1;
}

/**
 * How often files are to be listed for T to reach `minSeconds`, by a line through two trials: T has a part that no listing changes. Where noise makes
 * a line that does not rise, T of the longer trial is taken to be proportional to its listings.
 */
export function listingsFor(minSeconds: number, once: Timed, more: Timed): number {
  const slope = (more.seconds - once.seconds) / (more.clone - once.clone);
  const line = (clone: number) => once.seconds + slope * (clone - once.clone);
  const proportional = (clone: number) => (more.seconds / more.clone) * clone;
  return firstInRow((clone) => (slope > 0 ? line : proportional)(clone) >= minSeconds);
}
