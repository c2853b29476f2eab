// What it takes to add something, as changes that are really made to a copy of the program: test/system/additions.test.ts makes them and uses what was
// added. `node test/house/additions.ts`, part of `npm run generate`, writes the table of docs/architecture.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './python.ts';
import { writeTable } from './written-table.ts';

export interface Edit {
  readonly file: string;
  /** Stands exactly once in the file; what is added goes before it. */
  readonly before: string;
  readonly added: string;
}

export interface Addition {
  readonly kind: string;
  /** Files that may be touched at most. */
  readonly most: number;
  readonly edits: readonly Edit[];
  /** Where it is described. */
  readonly page: string;
}

const AXIS = `  shade: axis({
    title: 'Shade',
    identity: 'work',
    scope: 'trial',
    tag: 'shade',
    schema: z.enum(['light', 'dark']).default('light'),
    label: (text) => \`\${text} shade\`,
    option: {
      flag: '--shade <names>',
      summary: 'planted',
      default: 'light',
      group: 'data',
      parse: listed((part) => (part === 'light' || part === 'dark' ? part : undefined)),
      valid: 'light or dark',
    },
  }),
`;

export const ADDITIONS: readonly Addition[] = [
  {
    kind: 'axis',
    most: 2,
    page: 'adding-an-axis.md',
    edits: [
      { file: 'core/model/axes.ts', before: '  backend: axis({', added: AXIS },
      {
        file: 'core/model/axes.test.ts',
        before: "  backend: twoOf(fc.constantFrom('rdataframe', 'coffea', 'dask')),",
        added: "  shade: twoOf(fc.constantFrom('light', 'dark')),\n",
      },
    ],
  },
  {
    kind: 'metric',
    most: 2,
    page: 'metrics.md',
    edits: [
      {
        file: 'core/model/metrics.ts',
        before: "  { name: 'event_rate', unit: 'events/s'",
        added: "  { name: 'planted_seconds', unit: 'seconds', window: 'T', title: 'Planted', help: 'Twice T.' },\n",
      },
      {
        file: 'core/engine/fold-metrics.ts',
        before: '    event_rate: rate,',
        added: '    planted_seconds: derive([seconds], (t = 0) => 2 * t),\n',
      },
    ],
  },
];

/** Makes the changes of an addition in a copy of the program. */
export function add(root: string, { edits }: Addition): void {
  for (const { file, before, added } of edits) {
    const path = join(root, file);
    const parts = readFileSync(path, 'utf8').split(before);
    if (parts.length !== 2) throw new Error(`${file} does not hold ${JSON.stringify(before)} exactly once`);
    writeFileSync(path, parts.join(`${added}${before}`));
  }
}

/** One row for each kind of addition: the files that it touches. */
export function additionsTable(): string {
  const rows = ADDITIONS.map(({ kind, edits, page }) => {
    const files = [...new Set(edits.map(({ file }) => file))];
    return `| ${kind} | ${files.length} | ${files.map((file) => `\`${file}\``).join(', ')} | [${page}](${page}) |`;
  });
  return ['| to add | files | which | how |', '|---|---|---|---|', ...rows].join('\n');
}

export const ARCHITECTURE = join(checkout, 'docs/architecture.md');
if (import.meta.main) writeTable(ARCHITECTURE, 'additions', additionsTable());
