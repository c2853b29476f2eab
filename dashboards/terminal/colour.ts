/** Whether colours may be used: on a terminal, and not when `NO_COLOR` is set to anything (https://no-color.org). */
export function mayColour(isTerminal: boolean, noColor: string | undefined): boolean {
  return isTerminal && (noColor === undefined || noColor === '');
}

const CODES = { bold: '1', dim: '2', yellow: '33' } as const;

/** What {@link paint} puts around texts. */
export const PAINT = new RegExp(`(\\u001b\\[(?:0|${Object.values(CODES).join('|')})m)`);

/** Wraps text in an escape sequence when `on`. */
export function paint(text: string, style: keyof typeof CODES, on: boolean): string {
  return on ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
