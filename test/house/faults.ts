// For tests that plant a fault of the surroundings: a full disk, a killed process, a server that refuses. What was lost by it and what
// was left behind is counted when the test has ended, must be nothing, and goes with the results of the test into the table of
// docs/trust.md (`npm run faults`).
import { onTestFinished, TestRunner } from 'vitest';
import { type FaultRow, type KINDS, problemOf } from './fault-results.ts';
import { type FaultCounter, watches } from './fault-watches.ts';

/** The present test plants this fault; to be called before it does. What it alone can count goes to what is given back. */
export function planted(kind: (typeof KINDS)[number], what: string): FaultCounter {
  const { meta } = presentTest();
  if (meta.fault) throw new Error(`one fault for each test: this one has planted ${meta.fault.what}`);
  const row: FaultRow = { kind, what, lost: {}, left: {}, begun: null };
  meta.fault = row;
  const counter = counterOf(row);
  const looks = [...watches].map((watch) => watch());
  onTestFinished(async () => {
    for (const look of looks) await look(counter);
    const problem = problemOf(row);
    if (problem !== undefined) throw new Error(`${what}: ${problem}`);
  });
  return counter;
}

/** The counter of the fault that the present test has planted, for what several tests use; one that counts nothing where it has none. */
export function counterOfTest(): FaultCounter {
  return counterOf(presentTest().meta.fault);
}

function presentTest() {
  const test = TestRunner.getCurrentTest();
  if (!test) throw new Error('faults are planted in a test');
  return test;
}

function counterOf(row: FaultRow | undefined): FaultCounter {
  return {
    lost(unit, of, missing) {
      if (!row) return;
      const before = row.lost[unit] ?? { of: 0, missing: 0 };
      row.lost[unit] = { of: before.of + of, missing: before.missing + missing };
    },
    left(unit, count) {
      if (row) row.left[unit] = (row.left[unit] ?? 0) + count;
    },
    begun(count) {
      if (row) row.begun = (row.begun ?? 0) + count;
    },
  };
}
