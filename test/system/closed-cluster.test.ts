import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planted } from '../house/faults.ts';
import { z } from 'zod';
import { pythonEnvironment } from '../../core/python/process.ts';
import { readExperiment } from '../../results/store/folder.ts';
import { checkout } from '../house/python.ts';
import {
  experimentsIn,
  makePlace,
  pidOf,
  type Place,
  processesOf,
  pythonOf,
  recordsIn,
  startBench,
  waitFor,
} from './harness.ts';

// A node that many users share: all of them reach what listens on loopback.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SLEEPING = ['--suite', 'control', '--param', 'kind=sleep', '--param', 'amount=0.3', '--tasks', '40'];
const SECRET = 'PRIVATE KEY';
const SHORT = ['--workers', '2', '--no-reference', '--sessions', '1', '--repeats', '1'];

/** As `intruder.py` says: of each port of the session, how it was entered, and what its HTTP answers to. */
const Found = z.array(
  z.object({ port: z.number(), entered: z.array(z.string()), http: z.number().nullable(), pages: z.array(z.string()) }),
);

/** What somebody without the credentials of the session reaches while its first trial runs; the run goes on to its end. */
async function intrude(...options: readonly string[]) {
  const run = startBench(place, [...SLEEPING, ...SHORT, ...options]);
  await waitFor('the first trial', () => journalIn(run.output.text).includes('"mark"'));
  const session = processesOf(place).filter((pid) => pid !== pidOf(run.child));
  const secrets = session.filter((pid) =>
    ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(SECRET)),
  );
  const variables = session.flatMap((pid) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0'));
  const intruder = [join(checkout, 'test/system/intruder.py'), ...session.map(String)];
  const found = Found.parse(JSON.parse(execFileSync(pythonOf(place), intruder, { encoding: 'utf8', stdio: 'pipe' })));
  if ((await run.ended) !== 0) throw new Error(`the run did not end well: ${run.output.text}`);
  return { found, secrets, variables, experiment: experimentsIn(place).at(-1) ?? '' };
}

/** The journal of the first trial, once the run has told where it is. */
function journalIn(text: string): string {
  const [, id = ''] = /^experiment (\S+):/m.exec(text) ?? [];
  const journal = join(place.results, id, 'blocks/b001/b001-t00/events.jsonl');
  return id !== '' && existsSync(journal) ? readFileSync(journal, 'utf8') : '';
}

test.each([[[]], [['--start-method', 'fork-server']]])(
  'nobody without the credentials of the session runs code in it (%j), and they are kept nowhere',
  async (options) => {
    planted('somebody else on the machine', `tries to enter all ports of a session ${options.join(' ')}`.trim());
    const { found, secrets, variables, experiment } = await intrude(...options);
    // What else of the caller's environment reaches them is in the record.
    const { environment } = readExperiment(experiment);
    const ours = new Set([...Object.keys(pythonEnvironment({ BENCH_CACHE: place.cache })), '']);
    const theirs = [...new Set(variables)].map((line) => line.split(/=(.*)/s)).filter(([name = '']) => !ours.has(name));
    expect(theirs.length).toBeGreaterThan(0);
    expect(environment['variables']).toMatchObject(Object.fromEntries(theirs.map(([name, value]) => [name, value])));
    // Scheduler, both workers, the driver, and the HTTP of scheduler and workers.
    expect(found.length).toBeGreaterThanOrEqual(7);
    expect(found.flatMap(({ entered }) => entered)).toEqual([]);
    // What is no HTTP answers nothing; what is refuses whom it does not know, or knows no such request.
    expect(found.flatMap(({ pages }) => pages)).toEqual(['/metrics']);
    for (const { http } of found) expect([null, 401, 404, 405]).toContain(http);
    expect(secrets).toEqual([]);
    const files = readdirSync(experiment, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(
      files.filter(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8').includes(SECRET)),
    ).toEqual([]);
    expect(recordsIn(experiment).map(({ state }) => state)).toEqual(['valid', 'valid']);
  },
);

test('with --no-tls everybody does: the check above would see it', async () => {
  const { found } = await intrude('--no-tls');
  const open = found.filter(({ entered }) => entered.includes('tcp'));
  expect(open).toHaveLength(3);
});
