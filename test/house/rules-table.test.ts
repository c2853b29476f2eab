import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RULES } from '../../core/engine/rules/index.ts';
import { rulesTable, TRUST } from './rules-table.ts';
import { withTable } from './written-table.ts';

test('the rules in docs/trust.md are those of the code; if not: npm run generate', () => {
  const page = readFileSync(TRUST, 'utf8');
  expect(page).toBe(withTable(page, 'rules', rulesTable()));
});

test('every rule has a row, and a code of its own', () => {
  const codes = RULES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(rulesTable().split(`| \`${code}\` |`)).toHaveLength(2);
});
