import fc from 'fast-check';
import { expect, test } from 'vitest';

import { answerKey, curveKey, pointKey, sizesKey, workKey } from '../stats/eligible.ts';
import type { Identity } from './axis.ts';
import { AXIS_LIST, datasetArgsOf, type AxisName, type Point, pointOf, SessionAxes, sessionKey } from './axes.ts';

const text = fc.string({ minLength: 1, maxLength: 4 });
const whole = fc.integer({ min: 1, max: 1e6 });

/** Two different values for every axis: an axis without a line here does not compile. */
const VALUES: { readonly [N in AxisName]: fc.Arbitrary<readonly [Point[N], Point[N]]> } = {
  runner: twoOf(text),
  threadsPerWorker: twoOf(whole),
  startMethod: twoOf(fc.constantFrom('spawn', 'fork-server', 'none')),
  suite: twoOf(text),
  parameters: twoOf(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.stringMatching(/^[a-z0-9,]{1,4}$/))),
  files: twoOf(whole),
  fileBytes: twoOf(whole),
  codec: twoOf(fc.constantFrom('zstd', 'lz4', 'zlib', 'lzma', 'none')),
  clusterEvents: twoOf(fc.option(whole)),
  clone: twoOf(whole),
  backend: twoOf(fc.constantFrom('rdataframe', 'coffea', 'dask')),
  workers: twoOf(whole),
  tasks: twoOf(whole),
};

function twoOf<T>(values: fc.Arbitrary<T>): fc.Arbitrary<readonly [T, T]> {
  return fc.tuple(values, values).filter(([a, b]) => JSON.stringify(a) !== JSON.stringify(b));
}

const aPoint = pointOf({
  runner: 'local',
  threadsPerWorker: 1,
  startMethod: 'spawn',
  suite: 'adl',
  parameters: {},
  files: 1,
  fileBytes: 1,
  backend: 'coffea',
  workers: 1,
  tasks: 1,
});

function axesOf(identity: Identity): readonly AxisName[] {
  return AXIS_LIST.filter((axis) => axis.identity === identity).map(({ name }) => name);
}

/** What each key is blind to; it tells all other axes apart. */
const BLIND: readonly (readonly [string, (point: Point) => string, readonly AxisName[]])[] = [
  ['a point', pointKey, []],
  ['a curve', curveKey, axesOf('point')],
  ['work', workKey, [...axesOf('point'), ...axesOf('curve')]],
  ['an answer', answerKey, [...axesOf('point'), ...axesOf('curve'), 'backend']],
  ['data of any size', sizesKey, [...axesOf('point'), 'files', 'fileBytes', 'clone']],
  ['a session', sessionKey, AXIS_LIST.filter(({ scope }) => scope === 'trial').map(({ name }) => name)],
];

test('what the keys are blind to by the entries of the axes is what it should be of those that were always there', () => {
  expect(axesOf('point')).toEqual(['workers', 'tasks']);
  expect(axesOf('curve')).toEqual(expect.arrayContaining(['runner', 'threadsPerWorker', 'startMethod']));
  for (const name of ['suite', 'parameters', 'files', 'fileBytes', 'codec', 'backend'])
    expect(axesOf('work')).toContain(name);
});

test.for(BLIND)('the key of %s is blind to what it is to be blind to, and to nothing else', ([, key, blind]) => {
  for (const { name } of AXIS_LIST) {
    fc.assert(
      fc.property(VALUES[name], ([one, other]) => {
        const same = key({ ...aPoint, [name]: one }) === key({ ...aPoint, [name]: other });
        expect([name, same]).toEqual([name, blind.includes(name)]);
      }),
    );
  }
});

test('a runner is told the values of all axes of a session, and of no other', () => {
  const told = AXIS_LIST.filter(({ scope }) => scope === 'session').map(({ name }) => name);
  expect(told).toContain('workers');
  for (const { name } of AXIS_LIST) {
    fc.assert(
      fc.property(VALUES[name], ([, value]) => {
        const session = new Map<string, unknown>(Object.entries(SessionAxes.parse({ ...aPoint, [name]: value })));
        expect([name, session.has(name), session.get(name)]).toEqual(
          told.includes(name) ? [name, true, value] : [name, false, undefined],
        );
      }),
    );
  }
});

test('a key that forgets an axis is seen', () => {
  const forgetful = (point: Point) => pointKey({ ...point, codec: 'zstd' });
  expect(forgetful({ ...aPoint, codec: 'lz4' })).toBe(forgetful({ ...aPoint, codec: 'lzma' }));
  expect(pointKey({ ...aPoint, codec: 'lz4' })).not.toBe(pointKey({ ...aPoint, codec: 'lzma' }));
});

test('names and tags are each given once', () => {
  for (const all of [AXIS_LIST.map(({ tag }) => tag), AXIS_LIST.map(({ title }) => title)])
    expect(new Set(all).size).toBe(AXIS_LIST.length);
});

test('the default of an option is a value of its axis, and a text that is none is refused', () => {
  const withDefault = AXIS_LIST.flatMap(({ option }) => (option?.default === undefined ? [] : [option]));
  expect(withDefault.length).toBeGreaterThan(4);
  for (const option of withDefault) {
    expect(option.parse?.(option.default ?? '')?.length).toBeGreaterThan(0);
    expect(option.parse?.('?')).toBeUndefined();
  }
});

test('data are made as they were before there were these axes, unless something else is asked for', () => {
  expect(datasetArgsOf({})).toEqual([]);
  expect(datasetArgsOf(aPoint)).toEqual([]);
  expect(datasetArgsOf({ codec: 'none', clusterEvents: 500, clone: 3 })).toEqual([
    '--compression',
    '0',
    '--cluster-events',
    '500',
  ]);
});
