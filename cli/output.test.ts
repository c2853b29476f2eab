import { expect, test } from 'vitest';
import { printable, printableAll } from './output.ts';

test.each([
  ['w0', 'w0'],
  ['Žižka, 工作 🚀', 'Žižka, 工作 🚀'],
  ['\u001B[2J\u001B]0;owned\u0007', '\\x1b[2J\\x1b]0;owned\\x07'],
  ['a\nworker w1 left\r', 'a\\x0aworker w1 left\\x0d'],
  ['\u009B31m', '\\x9b31m'],
  ['\u202Etxt.exe\u2028', '\\u202etxt.exe\\u2028'],
  ['\u{E0041}', '\\u{e0041}'],
])('%j is printed as %s', (text, printed) => {
  expect(printable(text)).toBe(printed);
});

test('all texts of a value are printable, and keep their lines', () => {
  const value = { 'w\u001B[2J': ['a\n\tb\r', 1, null, true], none: undefined };
  expect(printableAll(value)).toEqual({ 'w\\x1b[2J': ['a\n\tb\\x0d', 1, null, true], none: undefined });
});
