import { z } from 'zod';

/** A number, or the reason why there is none. A missing number is never replaced by a zero. */
export const Quantity = z.union([z.number(), z.object({ missing: z.string() })]);
export type Quantity = z.infer<typeof Quantity>;

export function missing(reason: string): Quantity {
  return { missing: reason };
}

export function isKnown(quantity: Quantity): quantity is number {
  return typeof quantity === 'number';
}

/** Applies `compute` when all inputs are known and the result is finite; otherwise passes on the first reason. */
export function derive(inputs: readonly Quantity[], compute: (...values: number[]) => number): Quantity {
  const values: number[] = [];
  for (const input of inputs) {
    if (!isKnown(input)) return input;
    values.push(input);
  }
  const value = compute(...values);
  return Number.isFinite(value) ? value : missing('not a finite number');
}
