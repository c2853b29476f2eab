import { expect, test } from 'vitest';

import { cacheFolder } from './cache-folder.ts';

test('BENCH_CACHE comes before XDG_CACHE_HOME, and that before ~/.cache', () => {
  expect(cacheFolder({ BENCH_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/hepbench');
  expect(cacheFolder({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/hepbench$/);
});
