import { parametersText } from '../../core/stats/eligible.ts';
import type { Headline } from '../../core/stats/headline.ts';

/** With more sizes of data than this, what is said of them is said together. */
const SIZES_APART = 2;

function bytesOf({ point }: Headline): number {
  return point.files * point.fileBytes;
}

/** Headlines that differ in nothing but the size of their data, smallest first. */
export function families(headlines: readonly Headline[]): readonly (readonly Headline[])[] {
  const key = ({ point, warmth }: Headline): string =>
    JSON.stringify([point.suite, point.backend, parametersText(point), point.startMethod, warmth]);
  return [...Map.groupBy(headlines, key).values()].map((own) => own.toSorted((a, b) => bytesOf(a) - bytesOf(b)));
}

/** Whether a family has so many sizes that only its largest stands for itself. */
export function isLarge(family: readonly Headline[]): boolean {
  return family.length > SIZES_APART;
}
