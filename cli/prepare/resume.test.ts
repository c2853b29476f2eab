import { expect, test } from 'vitest';
import { resumedOptions } from './resume.ts';

test('an experiment that is resumed keeps its clusters open or closed; those of before there was a choice were open', () => {
  expect(resumedOptions({ options: { workers: '2' } }, {})).toMatchObject({ workers: '2', tls: false });
  expect(resumedOptions({ options: { tls: true } }, {})).toMatchObject({ tls: true });
  expect(() => resumedOptions({ options: { tls: true } }, { tls: false })).toThrow('--no-tls');
});
