import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FaultRow, FileResult } from './fault-results.ts';
import { faultDifferences, rowsOf } from './faults-table.ts';
import { checkout } from './python.ts';

// A checkout of its own: results of tests, a document with the table, and test files of which it is enough that they are there.
let root: string;
let results: string;
let path: string;
beforeEach(() => {
  // In the checkout, so that planted tests find their packages.
  root = mkdtempSync(join(checkout, '.test-results-'));
  results = join(root, 'results');
  path = join(root, 'trust.md');
  writeFileSync(path, '<!-- table faults -->\n\n| a |\n|---|\n| all |\n\n<!-- end faults -->\n');
});
afterEach(() => rmSync(root, { recursive: true }));

function aRow(what: string, change: Partial<FaultRow> = {}): FaultRow {
  return {
    kind: 'a disk is full',
    what,
    lost: { trials: { of: 3, missing: 0 } },
    left: { processes: 0 },
    begun: 1,
    ...change,
  };
}

/** What a run of one test file leaves. */
function ran(name: string, rows: readonly FaultRow[], change: Partial<FileResult> = {}): void {
  const file = `test/system/${name}.test.ts`;
  const result: FileResult = { file, project: 'system', failed: [], skipped: [], rows: [...rows], ...change };
  for (const [at, text] of [
    [join(root, file), ''],
    [join(results, `${file}.json`), JSON.stringify(result)],
  ] as const) {
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
}

async function write() {
  return await execa(process.execPath, [join(import.meta.dirname, 'faults-table.ts'), results, path, root], {
    reject: false,
  });
}

test('what tests count is left by their run; a test fails that lost something, left something behind, or did not count', async () => {
  writeFileSync(
    join(root, 'vitest.config.ts'),
    `import { faultsReporter } from '${checkout}test/house/fault-results.ts';
     export default { test: { include: ['*.planted.ts'], reporters: [faultsReporter(${JSON.stringify(results)})] } };`,
  );
  writeFileSync(
    join(root, 'a.planted.ts'),
    `import { test } from 'vitest';
     import { counterOfTest, planted } from '${checkout}test/house/faults.ts';
     import { watches } from '${checkout}test/house/fault-watches.ts';
     watches.add(() => async (counter) => counter.left('processes', 0));
     const plant = (what: string) => planted('a disk is full', what);
     test('good', () => { plant('good').lost('trials', 2, 0); counterOfTest().lost('trials', 3, 0); });
     test('refused', () => plant('refused').begun(0));
     test('lost', () => plant('lost').lost('trials', 2, 1));
     test('left', () => { const counter = plant('left'); counter.begun(0); counter.left('locks', 2); });
     test('not counted', () => { plant('not counted'); });
     test('of none', () => { counterOfTest().lost('trials', 2, 1); });
     test('two', () => { plant('one').begun(0); plant('two'); });`,
  );
  const vitest = join(checkout, 'node_modules/vitest/vitest.mjs');
  await execa(process.execPath, [vitest, 'run', '--root', root], { reject: false, env: { CI: 'true' } });
  const result: unknown = JSON.parse(readFileSync(join(results, 'a.planted.ts.json'), 'utf8'));
  expect(result).toMatchObject({ failed: ['lost', 'left', 'not counted', 'two'], skipped: [] });
  expect(result).toMatchObject({
    rows: [
      { what: 'good', lost: { trials: { of: 5, missing: 0 } }, left: { processes: 0 } },
      { what: 'refused', lost: {}, left: { processes: 0 }, begun: 0 },
      { what: 'lost', lost: { trials: { of: 2, missing: 1 } } },
      { what: 'left', left: { locks: 2, processes: 0 } },
      { what: 'not counted' },
      { what: 'one' },
    ],
  });
}, 60_000);

test('the table is written by kind, with its sums, and again from a run of one file', async () => {
  ran('b', [aRow('x'), aRow('y', { kind: 'a process is killed' })]);
  ran('a', [aRow('z', { lost: {}, begun: 0 })]);
  expect((await write()).exitCode).toBe(0);
  expect(readFileSync(path, 'utf8').split('\n').slice(4, 8)).toEqual([
    '| a process is killed | y | 0 of 3 trials | 0 processes | system/b |',
    '| a disk is full | z | no trial had begun | 0 processes | system/a |',
    '| a disk is full | x | 0 of 3 trials | 0 processes | system/b |',
    '| all | 3 faults | 0 of 6 trials | 0 processes | |',
  ]);
  ran('a', [aRow('zz')]);
  expect((await write()).exitCode).toBe(0);
  expect(rowsOf(readFileSync(path, 'utf8')).map(({ what }) => what)).toEqual(['y', 'zz', 'x']);
});

test.each<[string, RegExp, () => void]>([
  ['a test that failed', /failed: test\/system\/a\.test\.ts > bad/, () => ran('a', [aRow('x')], { failed: ['bad'] })],
  [
    'a row that lost something',
    /x \(system\/a\): 1 of 3 trials lost/,
    () => ran('a', [aRow('x', { lost: { trials: { of: 3, missing: 1 } } })]),
  ],
  [
    'a row that left something behind',
    /x \(system\/a\): 2 locks left behind/,
    () => ran('a', [aRow('x', { left: { locks: 2 } })]),
  ],
  ['two rows of one name', /recorded twice: a disk is full: x/, () => ran('a', [aRow('x'), aRow('x')])],
  ['fewer rows than before', /not recorded: a disk is full: x \(system\/a\): run its test/, () => ran('a', [])],
  [
    'rows of a test that was skipped, with another in its place',
    /not recorded: a disk is full: x/,
    () => ran('a', [aRow('new')], { skipped: ['x'] }),
  ],
  [
    'rows of a file that did not run, with others in their place',
    /not recorded: a disk is full: x/,
    () => {
      rmSync(join(results, 'test/system/a.test.ts.json'));
      ran('b', [aRow('new')]);
    },
  ],
])('no table is written from %s', async (_what, said, change) => {
  ran('a', [aRow('x')]);
  expect((await write()).exitCode).toBe(0);
  const before = readFileSync(path, 'utf8');
  change();
  expect(await write()).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(said) });
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('rows that are in the table or in the tests alone are named, as far as the tests ran', async () => {
  ran('a', [aRow('x')]);
  ran('b', [aRow('y')]);
  expect((await write()).exitCode).toBe(0);
  const differences = (project = 'system') => faultDifferences([project], results, path, root);
  expect(differences()).toEqual([]);
  ran('a', [aRow('renamed')]);
  expect(differences()).toEqual([
    'in the table, not recorded: a disk is full: x (system/a)',
    'recorded, not in the table: a disk is full: renamed (system/a)',
  ]);
  expect(differences('lab')).toEqual([]);
  ran('a', [], { skipped: ['needs root'] });
  expect(differences()).toEqual([]);
});

test('docs/trust.md has at least 60 faults, of tests that are there; nothing was lost and nothing left behind', () => {
  const rows = rowsOf(readFileSync(join(checkout, 'docs/trust.md'), 'utf8'));
  expect(rows.length).toBeGreaterThanOrEqual(60);
  for (const { lost, left, test } of rows) {
    expect(lost).toMatch(/^(no trial had begun|0 of [\d,]+ [a-z ]+(, 0 of [\d,]+ [a-z ]+)*)$/);
    expect(left).toMatch(/^0 [a-z ]+(, 0 [a-z ]+)*$/);
    expect(existsSync(join(checkout, `test/${test}.test.ts`))).toBe(true);
  }
});
