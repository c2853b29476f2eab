import { mayColour, PAINT } from '../dashboards/terminal/colour.ts';

/** Control and format characters of Unicode, and separators of lines: they move the cursor, colour, or turn the text around. */
const UNSEEN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]`;
const UNSEEN_IN_LINE = new RegExp(UNSEEN, 'gu');
/** In a text of several lines, where line ends and tabs are what they are. */
const UNSEEN_IN_TEXT = new RegExp(String.raw`(?![\n\t])${UNSEEN}`, 'gu');
const CLEAR_LINE = '\r\u001B[K';

/** One line for people of text that others chose, such as the name of a worker: what is not seen is shown as an escape. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN_IN_LINE, escaped);
}

/** A value of which every text, also of names in it, is printable; texts keep their lines. */
export function printableAll<T>(value: T): T;
export function printableAll(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(UNSEEN_IN_TEXT, escaped);
  if (Array.isArray(value)) return value.map((item: unknown) => printableAll(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [printableAll(name), printableAll(item)]));
}

/** Where it goes, by the names that people know. */
export const outputs = { 'standard output': process.stdout, 'standard error': process.stderr };

// Everything that `bench` says passes one of these three: names, paths and messages in it may be of anybody's choice.

/** Writes what was asked for. */
export function print(text: string): void {
  process.stdout.write(shown(text, process.stdout.isTTY));
}

/** Tells what is going on, or what went wrong. */
export function tell(text: string): void {
  process.stderr.write(shown(text, process.stderr.isTTY));
}

/** Puts `text` in the place of the last line of a terminal. */
export function retell(text: string): void {
  process.stderr.write(`${CLEAR_LINE}${shown(text, true)}`);
}

function shown(text: string, isTerminal: boolean): string {
  if (!mayColour(isTerminal, process.env['NO_COLOR'])) return printableAll(text);
  return text
    .split(PAINT)
    .map((part, index) => (index % 2 === 1 ? part : printableAll(part)))
    .join('');
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
