// What tests recorded of the faults that they planted (test/house/faults.ts), kept for each test file, so that a run of some files replaces
// only what these have recorded.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Reporter } from 'vitest/node';
import { z } from 'zod';

/** Where the tests of this checkout leave what they recorded. */
export const FAULTS = join(import.meta.dirname, '../../.test-results/faults');

/** Kinds of faults of the surroundings, in the order of the table. */
export const KINDS = [
  'a process is killed',
  'a terminal, a pipe or Ctrl-C',
  'a process stands still or is late',
  'a disk is full',
  'too little memory, too few files, too little time',
  'two at once',
  'a connection is lost',
  'a server refuses or loses',
  'the clock is set',
  'a journal is damaged',
  'data are damaged',
  'names, folders and rights',
  'settings of the environment',
  'a program or a package is not there',
  'somebody else on the machine',
] as const;

const FaultRow = z.object({
  kind: z.enum(KINDS),
  what: z.string(),
  /** Of each unit how many should be there, and how many of them are not. */
  lost: z.record(z.string(), z.object({ of: z.number(), missing: z.number() })),
  /** Of each unit how many are there that should be gone. */
  left: z.record(z.string(), z.number()),
  /** Journals that were begun under the fault; 0 where it ended before, null where nobody looked. */
  begun: z.number().nullable(),
});
export type FaultRow = z.infer<typeof FaultRow>;

/** What speaks against a row: something is lost or left behind, or nobody counted. */
export function problemOf({ lost, left, begun }: FaultRow): string | undefined {
  for (const [unit, { of, missing }] of Object.entries(lost))
    if (missing !== 0) return `${missing} of ${of} ${unit} lost`;
  for (const [unit, count] of Object.entries(left)) if (count !== 0) return `${count} ${unit} left behind`;
  if (begun !== 0 && Object.values(lost).every(({ of }) => of === 0)) return 'what was lost was not counted';
  if (Object.keys(left).length === 0) return 'what was left behind was not counted';
  return undefined;
}

const FileResult = z.object({
  file: z.string(),
  project: z.string(),
  failed: z.array(z.string()),
  skipped: z.array(z.string()),
  rows: z.array(FaultRow),
});
export type FileResult = z.infer<typeof FileResult>;

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultRow;
  }
}

/** A Vitest reporter that leaves in `folder` what each test file recorded; of unit tests, which plant no faults of the surroundings, nothing. */
export function faultsReporter(folder: string): Reporter {
  return {
    onTestRunEnd(modules) {
      for (const module of modules) {
        if (module.project.name === 'unit') continue;
        const result: FileResult = {
          file: module.relativeModuleId,
          project: module.project.name,
          failed: module.errors().map(({ message }) => message),
          skipped: [],
          rows: [],
        };
        for (const suite of module.children.allSuites())
          if (suite.errors().length > 0) result.failed.push(suite.fullName);
        for (const test of module.children.allTests()) {
          const { state } = test.result();
          const { fault } = test.meta();
          if (state === 'skipped') result.skipped.push(test.fullName);
          else if (state !== 'passed') result.failed.push(test.fullName);
          if (fault) result.rows.push(fault);
        }
        const path = join(folder, `${result.file}.json`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`);
      }
    },
  };
}

/** What all test files have recorded that are still there, each when it ran last. */
export function readResults(folder: string, root: string): FileResult[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => FileResult.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
    .filter(({ file }) => existsSync(join(root, file)));
}
