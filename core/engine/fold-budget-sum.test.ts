import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Meter } from '../model/event.ts';
import { isKnown } from '../model/quantity.ts';
import { aMeter, answer, aPlan, aSession, type Entry, mark, recordOf, task, worker } from './test/journal-of.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const seconds = fc.double({ min: 0.001, max: 5, noNaN: true });

/** What a task spends its time on, as shares that are scaled to its length. */
const spending = fc.record({
  work: share,
  compile: share,
  compileWait: share,
  coreWait: share,
  read: share,
  sleep: share,
  open: share,
  openWait: share,
  handover: share,
});
const SPENT = ['work', 'compile', 'compileWait', 'coreWait', 'read', 'sleep', 'open', 'openWait', 'handover'] as const;
type Spending = { readonly [part in (typeof SPENT)[number]]: number };
const kind = fc.constantFrom('process', 'process', 'merge', 'other');
const aTask = fc.record({ kind, gap: fc.oneof(fc.constant(0), seconds), length: seconds, spending });
const layout = fc.array(fc.array(aTask, { maxLength: 5 }), { minLength: 1, maxLength: 4 });

function scaled(shares: Spending, length: number): Spending {
  const total = sumOf(SPENT.map((part) => shares[part]));
  const of = (part: keyof Spending) => (total === 0 ? 0 : (shares[part] / total) * length);
  return {
    work: total === 0 ? length : of('work'),
    compile: of('compile'),
    compileWait: of('compileWait'),
    coreWait: of('coreWait'),
    read: of('read'),
    sleep: of('sleep'),
    open: of('open'),
    openWait: of('openWait'),
    handover: of('handover'),
  };
}

function meterOf(spent: Spending, length: number): Meter {
  return aMeter(length, {
    cpuSeconds: spent.work + spent.compile + spent.open + spent.handover,
    runQueueSeconds: spent.coreWait + spent.compileWait,
    compileSeconds: spent.compile + spent.compileWait,
    compileCpuSeconds: spent.compile,
    openSeconds: spent.open + spent.openWait,
    openCpuSeconds: spent.open,
    handoverCpuSeconds: spent.handover,
    readSeconds: spent.read,
  });
}

interface PlannedTask {
  readonly kind: 'process' | 'merge' | 'other';
  readonly gap: number;
  readonly length: number;
  readonly spending: Spending;
}

interface Made {
  readonly entries: readonly Entry[];
  readonly spent: readonly Spending[];
}

/** Workers whose tasks do not overlap, between trigger and result. */
function trialOf(workers: readonly (readonly PlannedTask[])[]): Made {
  const entries: Entry[] = [];
  const spent: Spending[] = [];
  let end = 101;
  for (const [index, tasks] of workers.entries()) {
    const name = `w${index}`;
    entries.push(worker('present', name, 99));
    let now = 100;
    for (const { kind: is, gap, length, spending: shares } of tasks) {
      const inTask = scaled(shares, length);
      entries.push(task(name, now + gap, now + gap + length, { kind: is, meter: meterOf(inTask, length) }));
      if (is === 'process') spent.push(inTask);
      now += gap + length;
    }
    end = Math.max(end, now);
  }
  return { entries: [mark('trigger', 100), mark('result', end + 0.5), ...entries], spent };
}

function partsOf(entries: readonly Entry[]) {
  const { coreSeconds, unexplained, ...parts } = recordOf([aPlan(), aSession(), ...entries, answer(1000)]).budget;
  const numbers = Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [name, value !== undefined && isKnown(value) ? value : Number.NaN]),
  );
  return { parts: numbers, coreSeconds: Number(coreSeconds), unexplained: Number(unexplained) };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

test('the parts are what the tasks spent, add up to the core-seconds, and leave nothing unexplained', () => {
  fc.assert(
    fc.property(layout, (workers) => {
      const { entries, spent } = trialOf(workers);
      fc.pre(spent.length > 0);
      const { parts, coreSeconds, unexplained } = partsOf(entries);
      expect(parts['taskCpu']).toBeCloseTo(sumOf(spent.map(({ work }) => work)), 9);
      expect(parts['compilation']).toBeCloseTo(
        sumOf(spent.map(({ compile, compileWait }) => compile + compileWait)),
        9,
      );
      expect(parts['opening']).toBeCloseTo(sumOf(spent.map(({ open, openWait }) => open + openWait)), 9);
      expect(parts['handover']).toBeCloseTo(sumOf(spent.map(({ handover }) => handover)), 9);
      expect(parts['coreWait']).toBeCloseTo(sumOf(spent.map(({ coreWait }) => coreWait)), 9);
      expect(parts['readWait']).toBeCloseTo(sumOf(spent.map(({ read }) => read)), 9);
      expect(parts['otherWait']).toBeCloseTo(sumOf(spent.map(({ sleep }) => sleep)), 9);
      expect(sumOf(Object.values(parts))).toBeCloseTo(coreSeconds, 9);
      expect(unexplained).toBeCloseTo(0, 9);
      expect(Object.values(parts).filter((part) => !(part >= 0))).toEqual([]);
    }),
  );
});

test('whatever a meter reads, no part is negative and the rest is unexplained', () => {
  // Differences of clocks: a little below zero, too.
  const reading = fc.double({ min: -0.01, max: 10, noNaN: true });
  const meter = fc.record({
    wallSeconds: reading,
    cpuSeconds: reading,
    runQueueSeconds: reading,
    compileSeconds: reading,
    compileCpuSeconds: reading,
    readSeconds: reading,
    readCpuSeconds: reading,
    openSeconds: reading,
    openCpuSeconds: reading,
    handoverCpuSeconds: reading,
  });
  fc.assert(
    fc.property(meter, (read) => {
      const entries = [worker('present', 'w0', 99), task('w0', 101, 104, { meter: aMeter(3, read) })];
      const { parts, coreSeconds, unexplained } = partsOf([mark('trigger', 100), mark('result', 110), ...entries]);
      expect(Object.values(parts).filter((part) => !(part >= 0))).toEqual([]);
      expect(sumOf(Object.values(parts)) + unexplained).toBeCloseTo(coreSeconds, 9);
    }),
  );
});
