// --min-seconds through the front door: how often each backend lists its files is found before the first trial, kept, and used.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { listingsFor } from '../../core/engine/calibration.ts';
import { readExperiment } from '../../results/store/folder.ts';
import { bench, benchGood, experimentsIn, makePlace, type Place, recordsIn } from './harness.ts';

let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SMALL = '--files 2 --file-size 2MB --param queries=1 --workers 1 --sessions 1 --repeats 1 --no-reference'.split(
  ' ',
);

test('each backend lists the files as often as its calibration says, also when the experiment is resumed', async () => {
  const { experiment, stderr } = await benchGood(place, [...SMALL, '--min-seconds', '2']);
  const { calibration = {}, blocks } = readExperiment(experiment);
  expect(Object.keys(calibration).toSorted()).toEqual(['coffea', 'rdataframe']);
  for (const [backend, { clone, timed, minSeconds, note }] of Object.entries(calibration)) {
    const [once, more] = timed;
    if (!once || !more) throw new Error(`${backend} was not timed: ${note}`);
    expect([clone, minSeconds]).toEqual([listingsFor(2, once, more), 2]);
    expect(stderr).toContain(`${backend}: files are listed ${clone} times (`);
  }
  const records = recordsIn(experiment);
  expect(records.map(({ state, reasons }) => [state, reasons])).toEqual(records.map(() => ['valid', []]));
  for (const { point, counts } of records) {
    expect([point.backend, point.clone]).toEqual([point.backend, calibration[point.backend]?.clone]);
    expect(counts.tasksSeen).toBe(counts.tasksPlanned);
  }
  expect(Math.max(...records.map(({ point }) => point.clone))).toBeGreaterThan(1);
  // Answers are compared though the backends list the files another number of times.
  expect(readFileSync(join(experiment, 'report.html'), 'utf8')).toContain('identical in all');

  rmSync(join(experiment, 'blocks', blocks[1]?.id ?? ''), { recursive: true });
  const resumed = await benchGood(place, ['--resume', experiment]);
  expect(resumed.stderr).not.toContain('files are listed');
  expect(recordsIn(experiment).map(({ point }) => point)).toEqual(records.map(({ point }) => point));
});

test('a dry run says what would be calibrated, and starts nothing; --clone is taken as it is', async () => {
  const before = experimentsIn(place);
  const said = await benchGood(place, ['--dry-run', '--workers', '2', '--min-seconds', '3']);
  expect(said.stdout).toMatch(/--min-seconds 3: a session of each backend .* rdataframe \d+, coffea \d+/);
  const explicit = await bench(place, ['--dry-run', '--workers', '2', '--clone', '2'], undefined, {
    BENCH_MIN_SECONDS: '3',
  });
  expect([explicit.exitCode, explicit.stdout]).toEqual([0, expect.not.stringContaining('--min-seconds')]);
  expect(experimentsIn(place)).toEqual(before);
});

test.for([
  ['--min-seconds 3 --clone 2', '--min-seconds is not taken here: --clone already says', 'or --min-seconds 0'],
  ['--min-seconds soon', '--min-seconds: "soon" is not valid', 'give seconds, at least 0'],
  ['--min-seconds 900', '--min-seconds: "900" is not valid', 'give less than --trial-timeout 900, or 0'],
  ['--suite control --min-seconds 3', '--min-seconds is not taken here: suite control reads no data', 'leave it out'],
] as const)('%s is refused with what is valid', async ([line, ...said]) => {
  const { exitCode, stderr } = await bench(place, line.split(' '));
  expect(exitCode).toBe(2);
  for (const words of said) expect(stderr).toContain(words);
});
