import type { CoverageCell } from './coverage.ts';
import type { HeadlineCell } from './headline.ts';

/** What is promised where there is an interval: its coverage, and the share of statements that may be wrong. */
const LEAST = 0.93;
const MOST = 0.98;
const MOST_WRONG = 0.05;

/** Every cell that holds less, or more, than what is promised; in words. */
export function broken(coverage: readonly CoverageCell[], headlines: readonly HeadlineCell[]): string[] {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return [
    ...coverage.flatMap(({ kind, design, covered }) =>
      covered !== null && (covered < LEAST || covered > MOST) ? [`${kind}, ${design}: ${percent(covered)}`] : [],
    ),
    ...headlines.flatMap(({ truth, design, wrong }) =>
      wrong > MOST_WRONG ? [`${truth}, ${design}: wrong in ${percent(wrong)}`] : [],
    ),
  ];
}
