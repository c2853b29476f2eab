import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { addCounts, countsLine, countsOfJunit, dearestLines } from './counts.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

test('passes, failures, skips with their reason, and files that do not load are counted in a real run of Vitest', async () => {
  // In the checkout, so that the planted files find their packages.
  const folder = mkdtempSync(join(checkout, '.test-results-'));
  try {
    const path = join(folder, 'counts.json');
    writeFileSync(
      join(folder, 'vitest.config.ts'),
      `import { countsReporter } from '${checkout}test/house/counts.ts';
       export default { test: { include: ['*.planted.ts'], reporters: [countsReporter(${JSON.stringify(path)})] } };`,
    );
    writeFileSync(
      join(folder, 'a.planted.ts'),
      `import { test } from 'vitest';
       test('good', async () => await new Promise((resolve) => setTimeout(resolve, 30)));
       test('bad', () => { throw new Error('bad'); });
       test('away', (context) => context.skip('the reason'));
       test.skip('silent', () => {});`,
    );
    writeFileSync(join(folder, 'b.planted.ts'), `import './nowhere.ts';`);
    const vitest = join(checkout, 'node_modules/vitest/vitest.mjs');
    const run = await execa(process.execPath, [vitest, 'run', '--root', folder], {
      reject: false,
      env: { CI: 'true' },
    });
    expect(run.exitCode).toBe(1);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      passed: 1,
      failed: 2,
      skipped: [
        { name: 'a.planted.ts > away', reason: 'the reason' },
        { name: 'a.planted.ts > silent', reason: 'no reason given' },
      ],
      dearest: [
        { name: 'a.planted.ts > good', seconds: expect.closeTo(0.03, 1) },
        ...['bad', 'away', 'silent'].map(() => ({ name: expect.any(String), seconds: expect.any(Number) })),
      ],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

test('the JUnit file of pytest is counted', () => {
  const xml = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
    failures="2" skipped="1" tests="7" time="0.031"><testcase classname="tests.test_a" name="test_good" time="0.001" />
    <testcase classname="tests.test_a" name="test_away[1-&lt;2&gt;]" time="0.000"><skipped type="pytest.skip"
    message="needs &quot;root&quot; &amp; time">/a.py:3: no</skipped></testcase></testsuite></testsuites>`;
  const counts = countsOfJunit(xml);
  expect(counts).toEqual({
    passed: 3,
    failed: 3,
    skipped: [{ name: 'tests.test_a > test_away[1-<2>]', reason: 'needs "root" & time' }],
    dearest: [
      { name: 'tests.test_a > test_good', seconds: 0.001 },
      { name: 'tests.test_a > test_away[1-<2>]', seconds: 0 },
    ],
  });
  expect(dearestLines(counts)[0]).toBe('    0.0 s  tests.test_a > test_good');
  expect(countsLine(addCounts([counts, counts]))).toBe('6 passed, 6 failed');
});

test('a broken JUnit file is an error, not zero tests', () => {
  expect(() => countsOfJunit('')).toThrow(/no <testsuite>/);
  expect(() => countsOfJunit('<testsuite tests="3">')).toThrow(/failures|invalid/i);
});
