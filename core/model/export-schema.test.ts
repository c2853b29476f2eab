import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemaOf, SCHEMA_NAMES } from './export-schema.ts';

test.each(SCHEMA_NAMES)(
  'the committed JSON Schema of %s is that of the code; `npm run generate` makes it again',
  (name) => {
    const committed: unknown = JSON.parse(readFileSync(join(import.meta.dirname, `${name}.schema.json`), 'utf8'));
    expect(committed).toEqual(JSON.parse(JSON.stringify(jsonSchemaOf(name))));
  },
);
