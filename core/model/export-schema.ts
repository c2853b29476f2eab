import { z } from 'zod';
import { Event } from './event.ts';
import { TrialRecord } from './record.ts';

const SCHEMAS = { event: Event, record: TrialRecord } as const;
export type SchemaName = keyof typeof SCHEMAS;
export const SCHEMA_NAMES: readonly SchemaName[] = ['event', 'record'];

/** JSON Schema (2020-12) of one line of a journal, or of a record: for programs that are not written in TypeScript. */
export function jsonSchemaOf(name: SchemaName): object {
  // What is checked by hand says itself what it is: `meta`.
  return z.toJSONSchema(SCHEMAS[name], {
    unrepresentable: 'any',
    override: ({ jsonSchema: { properties, required }, jsonSchema }) => {
      // What has a default may be absent: files of before there was it are valid.
      if (required) jsonSchema.required = required.filter((field) => !isDefaulted(properties?.[field]));
    },
  });
}

function isDefaulted(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'default' in schema;
}

// `node core/model/export-schema.ts event` prints one of them.
if (import.meta.main) {
  const name = SCHEMA_NAMES.find((known) => known === process.argv[2]);
  if (!name) throw new Error(`name one of ${SCHEMA_NAMES.join(', ')}`);
  process.stdout.write(`${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`);
}
