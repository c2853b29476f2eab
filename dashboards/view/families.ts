import { dataBytes, sizesKey } from '../../core/stats/eligible.ts';
import type { Headline } from '../../core/stats/headline.ts';

/** With more sizes of data than this, what is said of them is said together. */
const SIZES_APART = 2;

/** Headlines that differ in nothing but the size of their data, smallest first. */
export function families(headlines: readonly Headline[]): readonly (readonly Headline[])[] {
  const key = ({ point, warmth }: Headline): string => JSON.stringify([sizesKey(point), warmth]);
  return [...Map.groupBy(headlines, key).values()].map((own) =>
    own.toSorted((a, b) => dataBytes(a.point) - dataBytes(b.point)),
  );
}

/** Whether a family has so many sizes that only its largest stands for itself. */
export function isLarge(family: readonly Headline[]): boolean {
  return family.length > SIZES_APART;
}
