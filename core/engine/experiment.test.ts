import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Runner, Session, Workload } from '../../runners/runner.ts';
import type { Dataset } from '../datasets/datasets.ts';
import { type ExperimentSpec, runBlocks } from './experiment.ts';
import { type Block, plan, type Request } from './plan.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-experiment-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const DATA: Dataset = {
  id: 'd',
  path: '/store/d',
  contentHash: 'c',
  bytes: 2,
  events: 40,
  tree: 'Events',
  spec: { clusterEvents: 10 },
  files: ['a.root', 'b.root'].map((name) => ({ name, events: 20, bytes: 1, clusters: 2 })),
  columns: {},
};

const REQUEST: Request = {
  suite: 'planted',
  runner: 'planted',
  backends: ['coffea'],
  parameterSets: [{}],
  loopsOf: () => 1,
  workers: [4],
  serial: false,
  serialThreads: [1],
  startMethods: ['spawn'],
  axes: [{}],
  data: [
    {
      datasetId: 'd',
      files: 2,
      fileBytes: 1,
      events: 40,
      clusters: [
        [0, 10, 20],
        [0, 10, 20],
      ],
    },
  ],
  sessions: 1,
  repeats: 1,
  pageCache: 'warm',
  seed: 1,
  cores: Infinity,
  tasks: 4,
};

/** A runner whose workers read the files elsewhere, on two cores, through page caches that nobody else reaches. */
function elsewhere(ran: Workload[]): Runner {
  const session: Session = {
    times: { askedAt: 0, schedulerAt: 0, readyAt: 0 },
    capabilities: { onThisMachine: false, controlsPageCaches: false, sharesMemory: false, cores: 8, quotaCores: 2 },
    async *targets() {},
    pathsOf: ({ files }) => files.map(({ name }) => `root://planted//${name}`),
    run: async (workload) => void ran.push(workload),
    close: async () => {},
  };
  return { name: 'planted', onThisMachine: false, facts: {}, notes: [], open: async () => session };
}

async function run(request: Request, runner: Runner) {
  const root = mkdtempSync(join(folder, 'run-'));
  const suite = {
    name: 'planted',
    summary: '',
    backends: ['coffea'],
    parameters: [],
    readsData: true,
    columns: () => [],
    alwaysRead: () => [],
    loops: () => 1,
    check: () => [],
    cost: () => ({ secondsPerEvent: 0, secondsPerTask: 0, coldSeconds: 0, pssBytes: 0 }),
  } satisfies ExperimentSpec['suite'];
  const made = (...parts: readonly string[]) => {
    mkdirSync(join(root, ...parts), { recursive: true });
    return join(root, ...parts);
  };
  const spec: ExperimentSpec = {
    decided: { id: 'e', startedAt: 0, environment: {}, memoryLimitBytes: null, watch: false, datasets: undefined },
    suite,
    runnerOf: async () => runner,
    collectors: [],
    datasets: new Map([['d', DATA]]),
    truths: new Map(),
    files: {
      prepareBlock: ({ id }: Block) => made(id),
      prepareTrial: (block, trial) => made(block.id, trial.id),
      journalPath: (block, trial) => join(root, block.id, trial.id, 'events.jsonl'),
      saveRecord: () => {},
    },
    python: { executable: 'python', environment: {}, folder },
    watch: { sampling: false, hook: false, intervalSeconds: 1 },
    joinTimeoutMs: 1000,
    trialTimeoutMs: 1000,
  };
  const observer = { sessionOpening() {}, trialStarting() {}, trialEnded() {} };
  return await runBlocks(spec, plan(request), observer, new AbortController().signal);
}

test('a state of the page caches that a runner cannot bring about is refused, and uncontrolled ones are not', async () => {
  const ran: Workload[] = [];
  await expect(run(REQUEST, elsewhere(ran))).rejects.toMatchObject({
    message: '--page-cache warm is not taken here: runner planted cannot fill or drop the page caches of its workers',
    hint: 'give --page-cache uncontrolled',
    exitCode: 2,
  });
  expect(ran).toEqual([]);
  await run({ ...REQUEST, pageCache: 'uncontrolled' }, elsewhere(ran));
  expect(ran).toHaveLength(2);
});

test('workers read what their session says, and are judged by the cores that they see', async () => {
  const ran: Workload[] = [];
  const [record] = await run({ ...REQUEST, pageCache: 'uncontrolled' }, elsewhere(ran));
  expect(ran[0]?.files).toEqual(['root://planted//a.root', 'root://planted//b.root']);
  expect(record?.flags.map(({ code }) => code)).toContain('oversubscribed');
  expect(record?.observed.hostCores).toEqual({ missing: 'the workers have hosts of their own' });
  const [fewer] = await run({ ...REQUEST, workers: [2], pageCache: 'uncontrolled' }, elsewhere(ran));
  expect(fewer?.flags.map(({ code }) => code)).not.toContain('oversubscribed');
});
