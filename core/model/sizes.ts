const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** Bytes of texts such as `64MB`, `1.5GiB`, `4096`; undefined for anything else, and for less than one. */
export function parseBytes(text: string): number | undefined {
  return rounded(parseScaled(text, /^([\d.]+)\s*([kmgt]?i?)b?$/i));
}

/** Counts such as `2M`, `500k`, `12000`; undefined for anything else, for fractions and for zero. */
export function parseCount(text: string): number | undefined {
  const value = parseScaled(text, /^([\d.]+)\s*([kmg]?)$/i);
  const count = rounded(value);
  // 2.3 x 1e6 is not quite whole in binary.
  return count !== undefined && Math.abs(value - count) <= 1e-9 * count ? count : undefined;
}

/** NaN for a text that has not this form. */
function parseScaled(text: string, form: RegExp): number {
  const match = form.exec(text.trim());
  const scale = UNITS[match?.[2]?.toLowerCase() ?? '?'];
  return Number(match?.[1]) * (scale ?? Number.NaN);
}

function rounded(value: number): number | undefined {
  const whole = Math.round(value);
  return Number.isSafeInteger(whole) && whole > 0 ? whole : undefined;
}

/** Distinct counts of lists and ranges, ascending: `1,2,4`, `2..4`, and `..64` for the powers of two up to 64. */
export function parseCounts(text: string): number[] | undefined {
  const counts = new Set<number>();
  for (const part of text.split(',')) {
    const expanded = expandPart(part.trim());
    if (!expanded) return undefined;
    for (const count of expanded) counts.add(count);
  }
  return [...counts].toSorted((a, b) => a - b);
}

const LARGEST_COUNT = 100_000;

function expandPart(part: string): number[] | undefined {
  const match = /^(?:(\d*)\.\.)?(\d+)$/.exec(part);
  if (!match) return undefined;
  const last = Number(match[2]);
  if (last < 1 || last > LARGEST_COUNT) return undefined;
  if (match[1] === undefined) return [last];
  if (match[1] === '') return powersOfTwo(last);
  const first = Number(match[1]);
  if (first < 1 || first > last) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function powersOfTwo(last: number): number[] {
  const powers: number[] = [];
  for (let power = 1; power < last; power *= 2) powers.push(power);
  return [...powers, last];
}

/** Bytes as people write them: `64 MB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, scale] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const) {
    if (bytes >= scale) return `${Number((bytes / scale).toPrecision(3))} ${unit}`;
  }
  return `${bytes} B`;
}
