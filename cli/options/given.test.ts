import { expect, test } from 'vitest';
import type { RawOptions } from '../../core/config/run-config.ts';
import { dropRival } from './given.ts';

/** What is left of the options where `given` stand on the command line and the others are defaults. */
function left(options: RawOptions, ...given: string[]): RawOptions {
  const raw = { ...options };
  dropRival(raw, (name) => (given.includes(name) ? 3 : 0));
  return raw;
}

test('a default of --min-seconds goes where no trial may take as long; one that is given stays, to be refused', () => {
  const short = { minSeconds: '3', trialTimeout: '2' };
  expect(left(short, 'trialTimeout')).toEqual({ trialTimeout: '2' });
  expect(left(short, 'minSeconds')).toEqual(short);
  expect(left({ minSeconds: '3', trialTimeout: '900' })).toEqual({ minSeconds: '3', trialTimeout: '900' });
});

test('of --clone and --min-seconds the one from the place that counts more is left, and both from one place', () => {
  const both = { clone: '2', minSeconds: '3', trialTimeout: '900' };
  expect(left(both, 'clone')).toEqual({ clone: '2', trialTimeout: '900' });
  expect(left(both, 'minSeconds')).toEqual({ minSeconds: '3', trialTimeout: '900' });
  expect(left(both, 'clone', 'minSeconds')).toEqual(both);
});
