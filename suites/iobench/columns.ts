/** Compressed bytes of each column of a data set. */
export type ColumnBytes = Readonly<Record<string, number>>;

export const SHARES = [4, 15, 25, 50, 100] as const;

/** Columns with `percent` of the bytes of all of them, each jagged one with its counter; README.md says how they are found. */
export function columnsOfShare(bytes: ColumnBytes, percent: number): readonly string[] {
  const all = Object.keys(bytes).toSorted((one, two) => fnv1a(one) - fnv1a(two));
  const total = sum(Object.values(bytes));
  const taken = new Set<string>();
  let size = 0;
  // Smaller shares first, so that their columns are among those of the larger ones.
  for (const share of SHARES) {
    if (share > percent) break;
    for (const name of all) {
      const more = withCounters([name], bytes).filter((one) => !taken.has(one));
      const added = sum(more.map((one) => bytes[one] ?? 0));
      if (size + added > (share / 100) * total) continue;
      for (const one of more) taken.add(one);
      size += added;
    }
  }
  return Object.keys(bytes).filter((name) => taken.has(name));
}

/** The columns and the counters that they need, each once. */
export function withCounters(names: readonly string[], bytes: ColumnBytes): string[] {
  return [...new Set(names.flatMap((name) => [counterOf(name), name].filter((one) => one === name || one in bytes)))];
}

function counterOf(column: string): string {
  return `n${column.split('_', 1)[0] ?? column}`;
}

function fnv1a(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93) >>> 0;
  return hash;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
