/** Characters between two columns. */
export const GAP = 2;

/** Lines no longer than `columns` where words allow it, each after `indent`. */
export function wrapped(text: string, columns: number, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}${word}`);
  }
  return lines;
}
