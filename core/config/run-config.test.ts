import { expect, test } from 'vitest';
import { errorOf } from '../engine/test/error-of.ts';
import { type RawOptions, resolveRunConfig } from './run-config.ts';

/** The options that commander always gives, with the defaults of `cli/options/run-options.ts`. */
const defaults: RawOptions = {
  suite: 'adl',
  workers: '1,2',
  reference: true,
  serialThreads: '1',
  sessions: '2',
  repeats: '3',
  pageCache: 'warm',
  files: '4',
  fileSize: '64MB',
  interval: '1',
  watch: true,
  joinTimeout: '120',
  trialTimeout: '900',
  timeout: '86400',
  results: 'results/runs',
};

function resolveWith(options: RawOptions) {
  return resolveRunConfig({ ...defaults, ...options });
}

test('the defaults are resolved', () => {
  expect(resolveWith({})).toEqual({
    suite: 'adl',
    runner: 'local',
    backends: undefined,
    parameters: new Map(),
    workers: [1, 2],
    reference: true,
    serialThreads: [1],
    startMethods: ['spawn'],
    sessions: 2,
    repeats: 3,
    seed: undefined,
    pageCache: 'warm',
    files: [4],
    fileBytes: [64e6],
    events: undefined,
    dataAxes: [{}],
    otherAxes: [{}],
    minSeconds: 0,
    tasks: undefined,
    intervalSeconds: 1,
    watch: true,
    memoryLimitBytes: null,
    joinTimeoutSeconds: 120,
    trialTimeoutSeconds: 900,
    timeoutSeconds: 86_400,
    results: 'results/runs',
  });
});

test('every option that is given is taken', () => {
  const config = resolveWith({
    backend: 'coffea, rdataframe',
    param: ['queries=1/1..8', 'loops=one'],
    workers: '..8',
    reference: false,
    seed: '0',
    fileSize: '16MB,64MB',
    events: '500k,2M',
    memoryLimit: '2GB',
    watch: false,
    interval: '0.25',
  });
  expect(config).toMatchObject({
    backends: ['coffea', 'rdataframe'],
    workers: [1, 2, 4, 8],
    reference: false,
    seed: 0,
    fileBytes: [16e6, 64e6],
    events: [5e5, 2e6],
    memoryLimitBytes: 2e9,
    watch: false,
    intervalSeconds: 0.25,
  });
  expect(config.parameters).toEqual(
    new Map([
      ['queries', ['1', '1..8']],
      ['loops', ['one']],
    ]),
  );
});

test('beyond 8 workers a fork server starts them unless the user says otherwise', () => {
  expect(resolveWith({ workers: '1,8' }).startMethods).toEqual(['spawn']);
  expect(resolveWith({ workers: '1,9' }).startMethods).toEqual(['fork-server']);
  expect(resolveWith({ workers: '1,9', startMethod: 'spawn' }).startMethods).toEqual(['spawn']);
  const both = resolveWith({ startMethod: 'fork-server,spawn' });
  expect(both.startMethods).toEqual(['fork-server', 'spawn']);
});

test('a least time of a trial and a number of listings are two answers to one question', () => {
  expect(resolveWith({ minSeconds: '2.5' }).minSeconds).toBe(2.5);
  expect(resolveWith({ minSeconds: '0', clone: '2' }).dataAxes).toEqual([{ clone: 2 }]);
  expect(errorOf(() => resolveWith({ minSeconds: '2.5', clone: '2' }))).toMatchObject({
    message: '--min-seconds is not taken here: --clone already says how often the files are listed',
    hint: 'give one of the two, or --min-seconds 0',
    exitCode: 2,
  });
});

test('a value given twice makes one point, not two', () => {
  const config = resolveWith({
    backend: 'coffea,coffea',
    fileSize: '16MB,16MB,16000kB',
    events: '2M,2000k',
    param: ['queries=1/1'],
  });
  expect(config).toMatchObject({ backends: ['coffea'], fileBytes: [16e6], events: [2e6] });
  expect(config.parameters).toEqual(new Map([['queries', ['1']]]));
});

test('a parameter given twice keeps all its values', () => {
  expect(resolveWith({ param: ['queries=1', 'queries=2'] }).parameters).toEqual(new Map([['queries', ['1', '2']]]));
});

const count = (least: number, most: number) => `give a whole number from ${least} to ${most}`;
const seconds = (least: number) => `give seconds, at least ${least} and at most 2000000`;
const counts = (most: number) => `give numbers from 1 to ${most} such as 1,2,4 or 2..4 or ..64`;

const REFUSED: [{ [option: string]: string }, string, string][] = [
  [{ workers: '-1' }, '--workers', counts(4096)],
  [{ workers: '0' }, '--workers', counts(4096)],
  [{ workers: '5000' }, '--workers', counts(4096)],
  [{ workers: '1,two' }, '--workers', counts(4096)],
  [{ workers: '' }, '--workers', counts(4096)],
  [{ serialThreads: '257' }, '--serial-threads', counts(256)],
  [{ files: '-4' }, '--files', counts(10_000)],
  [{ sessions: '0' }, '--sessions', count(1, 1000)],
  [{ sessions: '-2' }, '--sessions', count(1, 1000)],
  [{ repeats: '1.5' }, '--repeats', count(1, 1000)],
  [{ repeats: '1e9' }, '--repeats', count(1, 1000)],
  [{ seed: '-1' }, '--seed', count(0, 4_294_967_295)],
  [{ seed: '4294967296' }, '--seed', count(0, 4_294_967_295)],
  [{ tasks: '0' }, '--tasks', count(1, 1_000_000)],
  [{ clusterEvents: '-5' }, '--cluster-events', 'give whole numbers from 1 to 1000000000'],
  [{ clusterEvents: '2000,0' }, '--cluster-events', 'give whole numbers from 1 to 1000000000'],
  [{ codec: 'zstd,snappy' }, '--codec', 'give zstd,lz4,zlib,lzma,none'],
  [{ clone: '1001' }, '--clone', 'give whole numbers from 1 to 1000'],
  [{ fileSize: '0MB' }, '--file-size', 'give sizes such as 16MB,64MB'],
  [{ fileSize: '16MB,big' }, '--file-size', 'give sizes such as 16MB,64MB'],
  [{ events: '-1' }, '--events', 'give numbers such as 500k,2M'],
  [{ events: '1.5' }, '--events', 'give numbers such as 500k,2M'],
  [{ memoryLimit: '-2GB' }, '--memory-limit', 'give a size from 32MB, such as 2GB'],
  [{ memoryLimit: '1GB,2GB' }, '--memory-limit', 'give a size from 32MB, such as 2GB'],
  [{ memoryLimit: '1' }, '--memory-limit', 'give a size from 32MB, such as 2GB'],
  [{ memoryLimit: '0.5' }, '--memory-limit', 'give a size from 32MB, such as 2GB'],
  [{ interval: '0' }, '--interval', seconds(0.05)],
  [{ interval: 'NaN' }, '--interval', seconds(0.05)],
  [{ minSeconds: '-1' }, '--min-seconds', seconds(0)],
  [{ minSeconds: 'soon' }, '--min-seconds', seconds(0)],
  [{ joinTimeout: '-1' }, '--join-timeout', seconds(0.1)],
  [{ trialTimeout: '' }, '--trial-timeout', seconds(0.1)],
  [{ timeout: '2000001' }, '--timeout', seconds(1)],
  [{ timeout: 'Infinity' }, '--timeout', seconds(1)],
  [{ startMethod: 'fork' }, '--start-method', 'give spawn or fork-server or spawn,fork-server'],
  [{ pageCache: 'hot' }, '--page-cache', 'give warm or cold or uncontrolled'],
];

function refusal(flag: string, value: unknown): string {
  return value === '' ? `${flag} has no value` : `${flag}: ${JSON.stringify(value)} is not valid`;
}

test.each(REFUSED)('%j is refused with flag, value and what is valid', (options, flag, hint) => {
  const [value] = Object.values(options);
  expect(errorOf(() => resolveWith(options))).toMatchObject({
    message: refusal(flag, value),
    hint,
    exitCode: 2,
  });
});

/** The ends of its ranges and its examples; without either the hint lists all values. */
function valuesIn(hint: string): string[] {
  const ends = /(?:from|at least) ([\d.]+) (?:to|and at most) (\d+)/.exec(hint)?.slice(1) ?? [];
  const examples = / such as (.+)/.exec(hint)?.[1]?.split(' or ') ?? [];
  const values = [...ends, ...examples];
  return values.length > 0 ? values : hint.replace('give ', '').split(' or ');
}

test.each(REFUSED)('%j: every value that the hint names is taken', (options, _flag, hint) => {
  const [name = ''] = Object.keys(options);
  expect(valuesIn(hint).length).toBeGreaterThan(0);
  for (const value of valuesIn(hint)) expect(() => resolveWith({ [name]: value })).not.toThrow();
});

test('the longest time that can be given is one that a timer of Node keeps', () => {
  const { timeoutSeconds } = resolveWith({ timeout: valuesIn(seconds(1))[1] });
  expect(timeoutSeconds * 1000).toBeLessThan(2 ** 31);
});

test.each(['queries', '=1', 'queries=', ''])('the parameter %j is refused', (pair) => {
  expect(errorOf(() => resolveWith({ param: [pair] }))).toMatchObject({
    message: refusal('--param', pair),
    hint: 'give name=value',
  });
});
