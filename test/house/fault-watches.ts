// Who is asked what a fault cost. Apart from faults.ts, because what watches also works outside of Vitest.

/** Takes what is counted for the fault of the present test. */
export interface FaultCounter {
  /** `missing` of the `of` things that should be there are not; counts add up. */
  lost(unit: string, of: number, missing: number): void;
  /** `count` things are there that should be gone; counts add up. */
  left(unit: string, count: number): void;
  /** So many journals were begun since the fault was planted. */
  begun(count: number): void;
}

/** Begins to watch; what it gives is called when the test has ended, and counts. */
export type FaultWatch = () => (counter: FaultCounter) => Promise<void>;

export const watches = new Set<FaultWatch>();
