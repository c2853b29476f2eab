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

/** Bytes of texts such as `64MB`, `1.5GiB`, `4096`; undefined for anything else, and for zero. */
export function parseBytes(text: string): number | undefined {
  return parseScaled(text, /^([\d.]+)\s*([kmgt]?i?)b?$/i);
}

/** Counts such as `2M`, `500k`, `12000`; undefined for anything else, and for zero. */
export function parseCount(text: string): number | undefined {
  const count = parseScaled(text, /^([\d.]+)\s*([kmg]?)$/i);
  return count !== undefined && Number.isInteger(count) ? count : undefined;
}

function parseScaled(text: string, form: RegExp): number | undefined {
  const match = form.exec(text.trim());
  const scale = UNITS[match?.[2]?.toLowerCase() ?? '?'];
  const value = Number(match?.[1]) * (scale ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? Math.round(value) : undefined;
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
