import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrialRecord } from '../../core/model/record.ts';
import {
  benchGood,
  eventsIn,
  journalsIn,
  makePlace,
  type Place,
  processesOf,
  recordsIn,
  waitFor,
} from '../system/harness.ts';

// 64 workers on this machine, however few cores it has: all of them are real, and none of their numbers is taken for scaling.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const WORKERS = 64;
const TASKS = 128;
const DATA = ['--files', '2', '--events', '32000', '--cluster-events', '250', '--tasks', String(TASKS)];
const FEW = ['--no-reference', '--sessions', '1', '--repeats', '1', '--param', 'queries=1'];

function headingIn(report: string): string {
  return /<h1>(.*?)<\/h1>/s.exec(report)?.[1] ?? 'no heading';
}

/** What ROOT compiles for a trial was there before the workers were forked; an edit is compiled by each of them. */
function expectCompiledBefore(records: readonly TrialRecord[]): void {
  const compiling = (state: string) =>
    records.flatMap(({ warmth, budget: { compilation } }) => (warmth.compiled === state ? [compilation] : []));
  const [[first], [edited]] = [compiling('parent-warmed'), compiling('edited')];
  expect(Number(first)).toBeLessThan(Number(edited) / 100);
}

test.each(['coffea', 'rdataframe'])(
  '%s: 64 workers join, each executes a task, and the point is flagged and in no headline',
  async (backend) => {
    const run = await benchGood(place, ['--workers', String(WORKERS), '--backend', backend, ...DATA, ...FEW]);
    const many = journalsIn(run.experiment)
      .map((path) => eventsIn(path))
      .filter((events) => events.some((event) => event.type === 'planned' && event.point.workers === WORKERS));
    expect(many.length).toBeGreaterThanOrEqual(2);

    for (const events of many) {
      const present = events.filter((event) => event.type === 'worker').filter(({ action }) => action === 'present');
      expect(new Set(present.map(({ name }) => name)).size).toBe(WORKERS);
      const pids = new Set(present.map(({ pid }) => pid));
      expect(pids.size).toBe(WORKERS);
      expect(pids).not.toContain(null);
    }
    // Work stealing may leave a worker without a task in one trial; over the session each of them processed events.
    const tasks = many.flatMap((events) => events.filter((event) => event.type === 'task'));
    const used = tasks.filter(({ kind }) => kind === 'process').map(({ worker }) => worker);
    expect(new Set(used).size).toBe(WORKERS);

    const records = recordsIn(run.experiment).filter(({ point }) => point.workers === WORKERS);
    for (const { state, observed, flags, counts } of records) {
      expect([state, observed.workers, counts.tasksSeen]).toEqual(['valid', WORKERS, TASKS]);
      // What else runs on this machine is no matter of this test.
      expect(flags.map(({ code }) => code).filter((code) => !['foreign-cpu', 'part-failed'].includes(code))).toEqual([
        'oversubscribed',
      ]);
    }
    if (backend === 'rdataframe') expectCompiledBefore(records);
    const said = new RegExp(
      `observed, ${backend} 64 workers, .* \\(oversubscribed\\): 64 workers joined, (\\d+) processed events, mean concurrency ([\\d.]+), integral ([\\d.]+) task-seconds`,
    ).exec(run.stdout);
    expect(Number(said?.[1])).toBeGreaterThan(WORKERS / 2);
    expect(Number(said?.[2])).toBeGreaterThan(2);
    expect(Number(said?.[3])).toBeGreaterThan(0);
    expect(run.stderr).toContain('64 workers on');
    expect(run.stderr).toContain('oversubscribed, flagged everywhere, in no fit');

    expect(run.stdout).toMatch(new RegExp(`${backend} +64 .*oversubscribed`));
    const report = readFileSync(join(run.experiment, 'report.html'), 'utf8');
    expect(report).toContain('oversubscribed');
    expect(headingIn(report)).not.toMatch(/scales to .*64/i);
    await waitFor('the end of all processes', () => processesOf(place).length === 0, 60_000);
  },
  // 64 interpreters of ROOT that each compile: minutes on two cores.
  900_000,
);

test('beside points that fit on the cores, 64 workers are shown, flagged, and in no fit', async () => {
  const args = ['--suite', 'control', '--param', 'kind=sleep', '--param', 'amount=0.2', '--tasks', '64'];
  const run = await benchGood(place, [...args, '--workers', '1,2,64', '--sessions', '1', '--repeats', '3']);
  expect(run.stdout.match(/^dask +64 .*$/m)?.[0]).toContain('oversubscribed');
  expect(run.stdout.match(/^dask +[12] .*$/gm)).toHaveLength(2);
  expect(run.stdout.match(/^dask +[12] .*oversubscribed/gm)).toBe(null);
  const report = readFileSync(join(run.experiment, 'report.html'), 'utf8');
  expect(headingIn(report)).toMatch(/scales to (perhaps 2 or more|at least 2) workers/i);
  expect(headingIn(report)).not.toMatch(/scales to .*64/i);
  expect(report).toContain('largest tested without oversubscription: 2');
  // They start side by side: nobody waits as long as for one after the other.
  const waits = journalsIn(run.experiment)
    .map((path) => eventsIn(path))
    .flatMap((events) => {
      const workers = events.find((event) => event.type === 'planned')?.point.workers;
      const session = events.find((event) => event.type === 'session');
      return session === undefined ? [] : [{ workers, seconds: (session.readyAt ?? Infinity) - session.askedAt }];
    });
  const longest = (count: number) =>
    Math.max(...waits.filter(({ workers }) => workers === count).map(({ seconds }) => seconds));
  expect(longest(WORKERS)).toBeLessThan((WORKERS / 2) * longest(1));
  // Sleep needs no core: 64 at once are seen, and yet count for nothing.
  expect(Number(/mean concurrency ([\d.]+)/.exec(run.stdout)?.[1])).toBeGreaterThan(2);
});
