import { writeFileSync } from 'node:fs';

import type { Reporter } from 'vitest/node';
import { z } from 'zod';

/** What one suite of tests came to. */
export const Counts = z.object({
  passed: z.number(),
  failed: z.number(),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** The tests that took longest, longest first. */
  dearest: z.array(z.object({ name: z.string(), seconds: z.number() })),
});
export type Counts = z.infer<typeof Counts>;

export const noTests: Counts = { passed: 0, failed: 0, skipped: [], dearest: [] };

const DEAREST = 10;

function dearestOf(tests: Counts['dearest']): Counts['dearest'] {
  return tests.toSorted((a, b) => b.seconds - a.seconds).slice(0, DEAREST);
}

export function addCounts(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    failed: all.reduce((sum, { failed }) => sum + failed, 0),
    skipped: all.flatMap(({ skipped }) => skipped),
    dearest: dearestOf(all.flatMap(({ dearest }) => dearest)),
  };
}

/** The line that people and machines look for. */
export function countsLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`;
}

/** Where the time goes: a line for each of the tests that took longest. */
export function dearestLines({ dearest }: Counts): string[] {
  return dearest.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`);
}

/** A Vitest reporter that leaves the counts in `path`. A file that cannot be loaded and a stray error are failures, too. */
export function countsReporter(path: string): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const counts = { passed: 0, failed: unhandledErrors.length, skipped: [] as Counts['skipped'] };
      const tests: Counts['dearest'] = [];
      for (const module of modules) {
        counts.failed += module.errors().length;
        for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
        for (const test of module.children.allTests()) {
          const result = test.result();
          const name = `${module.relativeModuleId} > ${test.fullName}`;
          tests.push({ name, seconds: (test.diagnostic()?.duration ?? 0) / 1000 });
          if (result.state === 'passed') counts.passed++;
          else if (result.state === 'skipped') counts.skipped.push({ name, reason: result.note ?? 'no reason given' });
          // Failed, or never run because the run broke off.
          else counts.failed++;
        }
      }
      writeFileSync(path, JSON.stringify({ ...counts, dearest: dearestOf(tests) }));
    },
  };
}

/** The counts of a JUnit file as pytest writes it. */
export function countsOfJunit(xml: string): Counts {
  const suite = /<testsuite [^>]*>/.exec(xml)?.[0];
  if (suite === undefined) throw new Error('no <testsuite> in the JUnit file of pytest');
  const failed = count(suite, 'failures') + count(suite, 'errors');
  const skipped = [...xml.matchAll(/<testcase ([^>]*)>\s*<skipped ([^>]*)>/g)].map(([, test = '', skip = '']) => ({
    name: `${attribute(test, 'classname')} > ${attribute(test, 'name')}`,
    reason: attribute(skip, 'message') || 'no reason given',
  }));
  const tests = [...xml.matchAll(/<testcase ([^>]*)>/g)].map(([, test = '']) => ({
    name: `${attribute(test, 'classname')} > ${attribute(test, 'name')}`,
    seconds: Number(attribute(test, 'time')),
  }));
  return { passed: count(suite, 'tests') - failed - skipped.length, failed, skipped, dearest: dearestOf(tests) };
}

function count(tag: string, name: string): number {
  return z.coerce.number().int().parse(attribute(tag, name));
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`)
    .exec(tag)?.[1]
    ?.replace(/&(quot|lt|gt|amp);/g, (_, entity: string) => ({ quot: '"', lt: '<', gt: '>', amp: '&' })[entity] ?? '');
}
