import { expect, test } from 'vitest';
import { suites } from '../suites/index.ts';
import { suiteOf } from './prepare/data.ts';
import { defaultsOf, studies, studyOf } from './studies.ts';

test('a study is chosen like a suite, runs the trials of one, and has no name of one', async () => {
  for (const { name, suite } of studies) {
    expect(suites.map((one) => one.name)).not.toContain(name);
    expect(await suiteOf(name)).toBe(await suiteOf(suite));
  }
  await expect(suiteOf('sefl')).rejects.toMatchObject({ hint: expect.stringContaining('self') });
});

test('a suite without a study of its name is run as it is planned, with the options that are given', async () => {
  const study = await studyOf('adl');
  expect(study.arrange([], 1)).toEqual([]);
  expect(defaultsOf('adl')).toEqual({});
  expect(defaultsOf('self')).toMatchObject({ workers: '1' });
});
