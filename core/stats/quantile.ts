import { missing, type Quantity } from '../model/quantity.ts';

/** The quantile `p` in [0, 1] of values in ascending order, interpolated linearly (type 7); NaN for no values. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  // Exact where both are equal: rounding must not move a quantile outside of the values.
  return low === high ? low : low + (high - low) * (position - below);
}

/** The quantile `p` in [0, 1] of the values, in their unit; missing when there are none. */
export function quantile(values: readonly number[], p: number): Quantity {
  if (values.length === 0) return missing('no values');
  return quantileOfSorted(Float64Array.from(values).toSorted(), p);
}

/** The median of the values, in their unit; missing when there are none. */
export function median(values: readonly number[]): Quantity {
  return quantile(values, 0.5);
}
