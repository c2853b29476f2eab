// What every suite must do, whatever it computes. docs/adding-a-suite.md names it; analyses/tests/test_contract.py does the same for its Python side.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { z } from 'zod';
import { Histogram } from '../../core/model/event.ts';
import type { Suite } from '../../suites/suite.ts';
import { analyses } from '../house/python.ts';

/** What `suites/<name>/test/example.ts` exports as `example`: a truth, and the right answer to it. */
export const Example = z.object({
  parameters: z.record(z.string(), z.string()),
  /** Compressed bytes of the columns of the data. */
  bytes: z.record(z.string(), z.number()),
  truth: z.object({
    contentHash: z.string(),
    events: z.int(),
    histograms: z.array(Histogram),
    ambiguous: z.array(z.object({ event: z.int(), histogram: z.string(), bins: z.array(z.int()), why: z.string() })),
  }),
  answer: z.object({ events: z.int(), histograms: z.array(Histogram) }),
});
export type Example = z.infer<typeof Example>;

interface Clause {
  readonly promise: string;
  /** `example` is there where the suite reads data. */
  readonly check: (suite: Suite, example: Example | undefined) => void;
}

const SOURCES = join(analyses, 'src/hepbench');

const contents = (...values: Histogram['values']): Histogram['values'] => values;

/** Every answer that differs from `answer` in one place. */
function wrongAnswers({ answer, truth }: Example): (readonly [string, Example['answer']])[] {
  const { events, histograms } = answer;
  const changed = (at: number, histogram: Histogram) => ({ events, histograms: histograms.with(at, histogram) });
  return [
    ['an event too few', { events: truth.events - 1, histograms }],
    ['an event too many', { events: truth.events + 1, histograms }],
    ['no histogram', { events, histograms: [] }],
    ...histograms.flatMap((histogram, at): (readonly [string, Example['answer']])[] => [
      [`${histogram.name} twice`, { events, histograms: [...histograms, histogram] }],
      [`without ${histogram.name}`, { events, histograms: histograms.toSpliced(at, 1) }],
      ...Array.from({ length: histogram.bins }, (_, i) => i + 1).flatMap((bin) =>
        contents(Number(histogram.values[bin]) + 1, 'NaN').map(
          (value) =>
            [
              `${histogram.name}, bin ${bin}: ${value}`,
              changed(at, { ...histogram, values: histogram.values.with(bin, value) }),
            ] as const,
        ),
      ),
    ]),
  ];
}

export const SUITE_CONTRACT: readonly Clause[] = [
  {
    promise: 'parameters have canonical defaults, say what values there are, and refuse others',
    check({ parameters }) {
      for (const { name, default: otherwise, parse, values, summary } of parameters) {
        expect({ name, parsed: parse(otherwise) }).toEqual({ name, parsed: otherwise });
        const refused = ['', '\u0000', 'no such value!'].filter((text) => parse(text) === undefined);
        expect({ name, refused }).toEqual({ name, refused: ['', '\u0000', 'no such value!'] });
        expect([values, summary]).toEqual([expect.stringMatching(/\w/), expect.stringMatching(/\w/)]);
      }
    },
  },
  {
    promise: 'each column is read once, what is always read is part of that, and each loop has its part',
    check(suite, example) {
      const { parameters = {}, bytes = {} } = example ?? {};
      const columns = suite.columns(parameters, bytes);
      expect(new Set(columns).size).toBe(columns.length);
      expect(columns.length > 0).toBe(suite.readsData);
      for (const backend of suite.backends) {
        const loops = suite.alwaysRead(backend, parameters, columns);
        expect(columns).toEqual(expect.arrayContaining(loops.flat()));
        expect(loops.length).toBe(suite.readsData ? suite.loops(parameters) : 0);
      }
    },
  },
  {
    promise: 'a right answer is right, and any other is refused with a reason',
    check(suite, example) {
      if (!example) return;
      const { answer, truth, parameters, bytes } = example;
      const reasonsFor = (given: Example['answer']) =>
        suite.check(given, truth, parameters, suite.columns(parameters, bytes));
      expect(reasonsFor(answer)).toEqual([]);
      const accepted = wrongAnswers(example).filter(([, wrong]) => reasonsFor(wrong).length === 0);
      expect(accepted.map(([what]) => what)).toEqual([]);
    },
  },
  {
    promise: 'without a truth no answer is right',
    check(suite, example) {
      if (!example) return;
      const { answer, parameters, bytes } = example;
      const reasons = suite.check(answer, undefined, parameters, suite.columns(parameters, bytes));
      expect(reasons).toMatchObject([{ code: 'TRUTH_MISSING' }]);
    },
  },
  {
    promise: 'it has an analysis in Python, and a reference where it reads data',
    check({ name, readsData }) {
      const there = (path: string) => existsSync(join(SOURCES, path));
      expect(there(`analyses/${name}.py`) || there(`analyses/${name}/__init__.py`)).toBe(true);
      expect(there(`reference/${name}.py`)).toBe(readsData);
    },
  },
  {
    promise: 'what it costs is a number, for each backend',
    check(suite, example) {
      const defaults = Object.fromEntries(suite.parameters.map(({ name, default: otherwise }) => [name, otherwise]));
      expect(suite.backends.length).toBeGreaterThan(0);
      for (const backend of suite.backends)
        for (const value of Object.values(suite.cost(backend, example?.parameters ?? defaults)))
          expect(value).toBeGreaterThanOrEqual(0);
    },
  },
];
