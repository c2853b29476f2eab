import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { readExperiment } from '../../results/store/folder.ts';
import { seededRandom } from '../../core/stats/random.ts';
import {
  benchGood,
  experimentsIn,
  journalsIn,
  makePlace,
  pidOf,
  type Place,
  processesOf,
  recordsIn,
  startBench,
  waitFor,
} from '../system/harness.ts';

// `bench` is killed wherever it may be. Whatever the place: the journals so far can be read, nothing stays behind, and
// `--resume` ends with exactly the planned trials.
const SEED = 20260801;
const KILLS = 50;
/** Experiments that are begun, killed and resumed to their end. */
const ROUNDS = 22;
/** The run that resumes is killed, too: in each lane once, twice and so on up to this, and then once again. */
const MOST_KILLS = 4;
/** Two rounds at a time, each in its own place: a round spends most of its time waiting for processes to start. */
const LANES = 2;
const CONTROL = ['--suite', 'control', '--param', 'kind=sleep', '--param', 'amount=0.02', '--tasks', '4'];
const SMALL = [...CONTROL, '--workers', '1,2', '--sessions', '1', '--repeats', '2', '--interval', '0.1'];

const places: Place[] = [];
beforeAll(() => {
  for (let lane = 0; lane < LANES; lane++) places.push(makePlace());
});
afterAll(() => {
  for (const place of places) place.remove();
});

function linesIn(experiment: string): number {
  return journalsIn(experiment).reduce((sum, path) => sum + readFileSync(path, 'utf8').split('\n').length - 1, 0);
}

/** The same while `bench` runs: a block that runs again takes its old journals away, perhaps in the middle of this; then as many as before. */
function linesNow(experiment: string, before: number): number {
  try {
    return linesIn(experiment);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return before;
    throw error;
  }
}

interface Killed {
  readonly exitCode: number | null;
  readonly experiment: string;
  readonly output: string;
}

/** Starts `bench` and sends `signal` when the journals have grown by `lines` lines; it may be over before. */
async function interrupt(
  place: Place,
  args: readonly string[],
  lines: number,
  signal: NodeJS.Signals,
): Promise<Killed> {
  const before = experimentsIn(place);
  const resumed = args[0] === '--resume' ? args[1] : undefined;
  const { child, ended, output } = startBench(place, args);
  const experiment = () => resumed ?? experimentsIn(place).find((path) => !before.includes(path)) ?? '';
  // A block that runs again starts with no journal.
  let [most, last] = [0, resumed === undefined ? 0 : linesIn(resumed)];
  const grown = () => {
    const now = experiment() === '' ? 0 : linesNow(experiment(), last);
    most += Math.max(0, now - last);
    last = now;
    return most;
  };
  let over = false;
  void ended.then(() => (over = true));
  await waitFor(`${lines} lines`, () => over || grown() >= lines, 60_000, 5);
  if (!over) process.kill(pidOf(child), signal);
  return { exitCode: await ended, experiment: experiment(), output: output.text };
}

/** What must hold after any end: nothing runs, and everything that was written can be read. */
async function expectWhole(place: Place, experiment: string): Promise<void> {
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 30_000);
  const report = await benchGood(place, ['report', experiment]);
  expect(report.stderr).toBe('');
}

async function expectResumes(place: Place, experiment: string): Promise<void> {
  const resumed = await benchGood(place, ['--resume', experiment]);
  expect(resumed.stderr).not.toContain('bug');
  const planned = readExperiment(experiment).blocks.flatMap(({ trials }) => trials.map(({ id }) => id));
  expect(recordsIn(experiment).map(({ trial, state }) => `${trial} ${state}`)).toEqual(
    planned.map((id) => `${id} valid`),
  );
  expect(journalsIn(experiment)).toHaveLength(planned.length);
  expect(resumed.stdout).toContain(`${planned.length} of ${planned.length} trials recorded`);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 30_000);
}

/** Deals `count` rounds out to the places, each with a position that was drawn before. */
async function rounds(count: number, most: number, round: (place: Place, draw: readonly number[]) => Promise<void>) {
  const random = seededRandom(SEED);
  const draws = Array.from({ length: count }, (_, index) =>
    Array.from({ length: 1 + (Math.floor(index / LANES) % MOST_KILLS) }, () => 1 + Math.floor(random() * most)),
  );
  await Promise.all(
    places.map(async (place, lane) => {
      for (const [index, draw] of draws.entries()) {
        if (index % LANES !== lane) continue;
        await round(place, draw).catch((error: unknown) => {
          throw new Error(`round ${index}, killed at lines ${draw.join(', ')}`, { cause: error });
        });
      }
    }),
  );
}

describe('an experiment of two blocks of three trials', () => {
  let lines: number;
  beforeAll(async () => {
    const place = places[0];
    if (!place) throw new Error('no place');
    lines = linesIn((await benchGood(place, SMALL)).experiment);
  });

  test(`${KILLS} kills at seeded random lines of the journals lose nothing and leave nothing behind`, async () => {
    planted('a process is killed', `bench, ${KILLS} times at random lines of the journals, then --resume`);
    let kills = 0;
    await rounds(ROUNDS, lines, async (place, [first = 1, ...others]) => {
      const { experiment, exitCode } = await interrupt(place, SMALL, first, 'SIGKILL');
      kills += exitCode === null ? 1 : 0;
      await expectWhole(place, experiment);
      for (const other of others) {
        const left = Math.max(1, lines - linesIn(experiment));
        const again = await interrupt(place, ['--resume', experiment], 1 + (other % left), 'SIGKILL');
        kills += again.exitCode === null ? 1 : 0;
        await expectWhole(place, experiment);
      }
      await expectResumes(place, experiment);
    });
    console.log(`${kills} kills, seed ${SEED}, positions from 1 to ${lines}`);
    expect(kills).toBeGreaterThanOrEqual(KILLS);
  }, 1_200_000);

  test('Ctrl-C at random lines ends with 130, says how to go on, and --resume ends it', async () => {
    planted('a terminal, a pipe or Ctrl-C', 'Ctrl-C at random lines of the journals, then --resume');
    await rounds(6, lines, async (place, [first = 1]) => {
      const { experiment, exitCode, output } = await interrupt(place, SMALL, first, 'SIGINT');
      // The signal may come when the last trial is over and the report is being made.
      expect([0, 130]).toContain(exitCode);
      expect(output.includes(`bench --resume ${experiment}`)).toBe(exitCode === 130);
      await expectWhole(place, experiment);
      await expectResumes(place, experiment);
    });
  });
});

test('a kill in the middle of the ADL queries with coffea loses nothing and leaves nothing behind', async () => {
  planted('a process is killed', 'bench, while coffea reads data, then --resume');
  const place = places[0];
  if (!place) throw new Error('no place');
  const data = ['--files', '2', '--events', '16000', '--tasks', '4'];
  const args = [
    '--backend',
    'coffea',
    ...data,
    '--workers',
    '2',
    '--no-reference',
    '--sessions',
    '2',
    '--repeats',
    '1',
  ];
  const { experiment, exitCode } = await interrupt(place, args, 60, 'SIGKILL');
  expect(exitCode).toBe(null);
  await expectWhole(place, experiment);
  await expectResumes(place, experiment);
});
