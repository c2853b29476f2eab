import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { bench, makePlace, pidOf, type Place, processesOf, startBench, waitFor } from './harness.ts';

// Two people, or a person and a CronJob, at once in one cache.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const GENERATE = ['datasets', 'generate', '--files', '2', '--events', '40k'];

/** Starts a command under another umask. */
function withUmask(umask: string): string[] {
  return ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
}

/** What is in the cache and answers to `conditions` of find; what links lead to is not ours. */
function found(...conditions: readonly string[]): string[] {
  const paths = execFileSync('find', [place.folder, '-not', '-type', 'l', ...conditions], { encoding: 'utf8' });
  return paths.split('\n').filter((path) => path !== '');
}

/** One that makes data and stands still in the middle of it, and one that wants the same data. */
async function both() {
  const first = startBench(place, GENERATE, {}, withUmask('0'));
  await waitFor('the first events', () => first.output.text.includes('% of'));
  const group = -pidOf(first.child);
  process.kill(group, 'SIGSTOP');
  // Lock and data of somebody whose umask allows everything: nobody else may write them.
  expect(found('-perm', '-0002')).toEqual([]);
  expect(found('-path', '*/.locks/nano*', '-perm', '0664')).toHaveLength(1);
  const second = startBench(place, GENERATE, {}, withUmask('077'));
  await waitFor('the waiting', () => /^waiting for nano\S+: another process is/m.test(second.output.text));
  return { first, second, group };
}

test('two that need one data set: one makes it, the other says that it waits, and both have it', async () => {
  const counter = planted('two at once', 'two that need a data set of which neither is there');
  const { first, second, group } = await both();
  process.kill(group, 'SIGCONT');
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  expect(second.output.text).not.toContain('% of');
  const [made] = /^nano\S+ {2}2 files.*$/m.exec(second.output.text) ?? ['no data set'];
  expect(first.output.text).toContain(made);
  expect(readdirSync(join(place.cache, 'datasets')).filter((name) => name.startsWith('nano'))).toHaveLength(1);
  counter.lost('data files', 2, 2 - found('-path', '*/datasets/nano*.root').length);
});

test('whoever waits goes on when the other is killed, and makes it', async () => {
  const counter = planted('two at once', 'one of two that need a data set is killed while it makes it');
  await bench(place, ['datasets', 'clean']);
  const { second, group } = await both();
  process.kill(group, 'SIGKILL');
  expect(await second.ended).toBe(0);
  expect(second.output.text).toMatch(/^nano\S+ {2}2 files/m);
  // What a strict umask keeps for oneself stays so.
  const data = found('-path', '*/datasets/nano*');
  expect(data.length).toBeGreaterThan(2);
  counter.lost('data files', 2, 2 - data.filter((path) => path.endsWith('.root')).length);
  expect(found('-path', '*/datasets/nano*', '-perm', '/0077')).toEqual([]);
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 5_000);
});

test('data that a run reads are not removed until it has ended', async () => {
  planted('two at once', 'data are cleaned that a run reads, and that a killed one read');
  const args = [
    '--files',
    '1',
    '--events',
    '4k',
    '--tasks',
    '1',
    '--backend',
    'coffea',
    '--workers',
    '1',
    '--no-reference',
  ];
  const run = startBench(place, [...args, '--sessions', '1', '--repeats', '1']);
  await waitFor('the run', () => run.output.text.includes('experiment '));
  const [id = ''] = /nano\S+(?=:)/.exec(run.output.text) ?? [];
  const refused = await bench(place, ['datasets', 'clean', id]);
  expect(refused).toMatchObject({ exitCode: 3, stderr: `bench: ${id} is read by a run\n  wait until it has ended` });
  expect(await run.ended).toBe(0);
  expect((await bench(place, ['datasets', 'clean', id])).stdout).toMatch(new RegExp(`^${id} {2}removed`));
  // Whoever is killed holds nothing.
  const killed = startBench(place, args);
  await waitFor('the run', () => killed.output.text.includes('experiment '));
  process.kill(-pidOf(killed.child), 'SIGKILL');
  await waitFor('the end of all processes', () => processesOf(place).length === 0, 10_000);
  expect((await bench(place, ['datasets', 'clean', id])).exitCode).toBe(0);
});
