import { expect, test } from 'vitest';
import { checkedUrl, influxConfigOf } from './sinks.ts';

test('tokens of the environment are taken out of it, so that no child inherits them', () => {
  const env = { BENCH_INFLUX_TOKEN: 'secret', BENCH_INFLUX_ADMIN_TOKEN: 'more secret', PATH: '/bin' };
  const raw = { influxUrl: 'http://localhost:8086', influxOrg: 'o', influxBucket: 'b' };
  expect(influxConfigOf(raw, env)).toMatchObject({ token: 'secret', bucket: 'b', rawBucket: 'b' });
  expect(env).toEqual({ PATH: '/bin' });
});

test.each([
  'http://me:hunter2@host:port',
  'http://me:hunter2',
  'http//me:hunter2@host',
  'htp://me:hunter2@host:8086',
  'me:hunter2@host:8086',
  'http://me:hunter2@ho st:8086/',
  'http://me:hunter2@host:8086',
  'http://host:8086?token=hunter2',
  'http://host:8086/#hunter2',
  ' http://me:hunter2@host:99999 ',
])('an address that is refused does not show its password: %s', (value) => {
  const refused = () => checkedUrl(value);
  expect(refused).toThrow(/--influx-url: ".*" is not valid/);
  expect(refused).not.toThrow(/hunter2/);
});

test('an address keeps its path, without a slash at its end; a word that is none is shown', () => {
  expect(checkedUrl('https://host/influx/')).toBe('https://host/influx');
  expect(() => checkedUrl('here')).toThrow('--influx-url: "here" is not valid');
});
