/** Block YAML of plain data. Texts are always quoted, so that none is taken for another type. */
export function yaml(value: unknown): string {
  return `${lines(value).join('\n')}\n`;
}

function scalar(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string' || value.includes('\n'))
    throw new Error(`${String(value)} cannot be written as YAML here`);
  return `'${value.replaceAll("'", "''")}'`;
}

function indented(list: readonly string[]): string[] {
  return list.map((line) => `  ${line}`);
}

function lines(value: unknown): string[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return items.flatMap((item) => {
      const [first = '', ...rest] = lines(item);
      return [`- ${first}`, ...indented(rest)];
    });
  }
  if (typeof value !== 'object' || value === null) return [scalar(value)];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === 'object' ? [`${name}:`, ...indented(lines(inner))] : [`${name}: ${scalar(inner)}`],
  );
}
