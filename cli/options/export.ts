// docs/options.md and the schema by which editors complete a file for --config. `node cli/options/export.ts`, part of `npm run generate`, writes both.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_OPTIONS, type FileOption } from './table.ts';

const DOCS = join(import.meta.dirname, '../../docs');
export const PAGE = join(DOCS, 'options.md');
export const SCHEMA = join(DOCS, 'options.schema.json');

const SCALAR = { type: ['string', 'number', 'boolean'] };
const LIST = { type: 'array', items: SCALAR, minItems: 1 };

function schemaOf({ summary, kind, default: otherwise }: FileOption): object {
  const described = {
    description: summary,
    ...(otherwise !== undefined && kind === 'value' && { default: otherwise }),
  };
  if (kind === 'switch') return { ...described, type: 'boolean', default: true };
  if (kind === 'map') return { ...described, type: 'object', additionalProperties: { anyOf: [SCALAR, LIST] } };
  return { ...described, anyOf: [SCALAR, LIST] };
}

/** JSON Schema (2020-12) of a file for `--config`. */
export function optionsSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Options of a hepbench experiment',
    type: 'object',
    properties: Object.fromEntries(FILE_OPTIONS.map((option) => [option.name, schemaOf(option)])),
    additionalProperties: false,
  };
}

function row({ name, flag, env, summary, default: otherwise }: FileOption): string {
  const shown = otherwise === undefined ? '' : `\`${otherwise}\``;
  return `| \`${name}\` | \`${flag.replaceAll('|', '\\|')}\` | \`${env}\` | ${shown} | ${summary} |`;
}

/** The page of all options. */
export function optionsPage(): string {
  const groups = Map.groupBy(FILE_OPTIONS, ({ group }) => group);
  const sections = [...groups].map(([group, options]) =>
    [
      `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`,
      '',
      '| in a file | on the command line | in the environment | default | what it does |',
      '|---|---|---|---|---|',
      ...options.map(row),
    ].join('\n'),
  );
  return `${HEAD}\n${sections.join('\n\n')}\n`;
}

const HEAD = `# Options of a run

\`npm run generate\` writes this page from the table that the command line is made of.

What is said in several places counts in this order: the command line, the environment, the file of \`--config\`, the default. A file is YAML, with the
names of the flags as keys. A switch such as \`BENCH_NO_TLS\` is 1 or 0; \`--tls\` says yes to what a file says no to:

\`\`\`yaml
# yaml-language-server: $schema=options.schema.json
suite: adl
param:
  queries: [1, 1..8]      # two points
workers: ..16             # 1, 2, 4, 8 and 16
files: 16
file-size: [64MB, 256MB]
codec: [zstd, lz4]
sessions: 5
tls: true
\`\`\`

\`npm run bench -- --config nightly.yaml\` runs it, and \`--config nightly.yaml --workers 4\` runs it with 4 workers. What is wrong in a file is told with line and
column. \`npm run bench -- --dry-run --workers ..8 --write nightly.yaml\` writes what a command line resolves to, with the seed that orders its blocks, so that the same plan
can be run again and again. [options.schema.json](options.schema.json) lets editors complete and check the keys.

Only on the command line: \`--config\`, \`--write\`, \`--dry-run\` and \`--resume\`, which are about one call. A token is never an option: it stands in a file, or in
\`BENCH_INFLUX_TOKEN\`.
`;

if (import.meta.main) {
  writeFileSync(PAGE, optionsPage());
  writeFileSync(SCHEMA, `${JSON.stringify(optionsSchema(), undefined, 2)}\n`);
}
