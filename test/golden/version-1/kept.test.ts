import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { KEPT, pushed, reported, unpack } from './kept.ts';

const here = import.meta.dirname;

/** Every `record.json` below a folder, by the name of its trial. */
function recordsIn(folder: string): { [trial: string]: unknown } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('record.json'));
  return Object.fromEntries(files.map((path) => [path, JSON.parse(readFileSync(join(folder, path), 'utf8'))]));
}

/** Paths in `then` whose values are not the same in `now`. What only `now` has is new and no difference; of flags, too. */
function differences(then: unknown, now: unknown, path = ''): string[] {
  if (typeof then !== 'object' || then === null || typeof now !== 'object' || now === null)
    return Object.is(then, now) ? [] : [`${path}: ${JSON.stringify(then)} became ${JSON.stringify(now)}`];
  if (Array.isArray(then) && Array.isArray(now) && path.endsWith('/flags'))
    return then.filter((flag) => !now.some((other) => differences(flag, other).length === 0)).map((flag) => `${path}: ${JSON.stringify(flag)} is gone`);
  if (Array.isArray(then) && Array.isArray(now) && then.length !== now.length) return [`${path}: ${then.length} became ${now.length}`];
  return Object.entries(then).flatMap(([key, value]) => differences(value, Object.entries(now).find(([name]) => name === key)?.[1], `${path}/${key}`));
}

/** A line of InfluxDB's protocol without escapes beyond those of spaces: measurement, tags, fields and time, each by name. */
function pointOf(line: string): { [part: string]: string } {
  const [head = '', rest = ''] = line.split(/(?<!\\) (.*)/s);
  const [measurement = '', ...tags] = head.split(/(?<!\\),/);
  const time = rest.slice(rest.lastIndexOf(' ') + 1);
  // A comma inside the quotes of a text belongs to it.
  const fields = rest.slice(0, rest.lastIndexOf(' ')).split(/,(?=[a-z_0-9]+=)/);
  return Object.fromEntries([['measurement', measurement], ['time', time], ...[...tags, ...fields].map((pair) => pair.split(/=(.*)/s).slice(0, 2))]);
}

test('a difference is seen wherever it is, and what is new is none', () => {
  expect(differences({ a: [1, { b: null }] }, { a: [1, { b: null, c: 2 }], d: 3 })).toEqual([]);
  expect(differences({ a: [1, { b: null }] }, { a: [1, { b: 0 }] })).toEqual(['/a/1/b: null became 0']);
  expect(differences({ a: [1] }, { a: [1, 2] })).toEqual(['/a: 1 became 2']);
  expect(differences({ a: 1 }, {})).toEqual(['/a: 1 became undefined']);
  expect(differences({ r: { flags: ['x'] } }, { r: { flags: ['y', 'x'] } })).toEqual([]);
  expect(differences({ r: { flags: ['x'] } }, { r: { flags: ['y'] } })).toEqual(['/r/flags: "x" is gone']);
  expect(pointOf('m,a=1\\ 2,b=3 x="p, q",y=4 99')).toEqual({ measurement: 'm', a: '1\\ 2', b: '3', x: '"p, q"', y: '4', time: '99' });
});

test.for(KEPT.filter((name) => name !== 'monitor'))('%s: the journals give the records and the table that they gave then', { timeout: 120_000 }, async (name) => {
  const { folder, remove } = await unpack(name);
  try {
    const then = recordsIn(folder);
    expect(Object.keys(then).length).toBeGreaterThan(0);
    expect((await reported(folder)).trim()).toBe(readFileSync(join(here, `${name}.txt`), 'utf8').trim());
    expect(differences(then, recordsIn(folder))).toEqual([]);
  } finally {
    remove();
  }
});

test.for(KEPT)('%s: the points that are pushed are those of then', { timeout: 120_000 }, async (name) => {
  const { folder, remove } = await unpack(name);
  try {
    const then = gunzipSync(readFileSync(join(here, `${name}.lines.gz`))).toString().split('\n');
    const now = await pushed(folder);
    expect(now.length).toBe(then.length);
    // A tag more moves a line in their order, so they are put side by side by what stays.
    const identity = (line: string) => {
      const { measurement, time, worker, host, trial } = pointOf(line);
      return [measurement, time, worker, host, trial].join(' ');
    };
    const byIdentity = (lines: readonly string[]) => Object.fromEntries(lines.map((line) => [identity(line), pointOf(line)]));
    expect(Object.keys(byIdentity(then)).length).toBe(then.length);
    expect(differences(byIdentity(then), byIdentity(now))).toEqual([]);
  } finally {
    remove();
  }
});
