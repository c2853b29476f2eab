// The list in docs/trust.md of what is refused. `node test/house/rules-table.ts`, part of `npm run generate`, writes it.
import { join } from 'node:path';
import { COMPARISONS } from '../../core/engine/judge-together.ts';
import { RULES } from '../../core/engine/rules/index.ts';
import { checkout } from './python.ts';
import { writeTable } from './written-table.ts';

export const TRUST = join(checkout, 'docs/trust.md');

/** One row for each rule of a journal and for each between trials: the code of its reason, and what must hold. */
export function rulesTable(): string {
  const rows = [...RULES, ...COMPARISONS].map(({ code, sentence }) => `| \`${code}\` | ${sentence} |`);
  return ['| reason when it does not hold | what holds of any measurement |', '|---|---|', ...rows].join('\n');
}

if (import.meta.main) writeTable(TRUST, 'rules', rulesTable());
