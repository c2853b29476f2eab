import { expect, test } from 'vitest';

import { cacheFolder } from './cache-folder.ts';

test('BENCH_CACHE comes before XDG_CACHE_HOME, and that before ~/.cache', () => {
  expect(cacheFolder({ BENCH_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/hepbench');
  expect(cacheFolder({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/hepbench$/);
});

test.each(['#', '?', '*', '[a]', 'a:b', '$x', '\n', "it's", 'Zürich', '北'])(
  '%j in the name of the cache folder is refused',
  (part) => {
    const folder = `/data/a${part}`;
    expect(() => cacheFolder({ BENCH_CACHE: folder })).toThrow(
      'which ROOT, uproot or coffea cannot take as part of a name',
    );
    expect(() => cacheFolder({ XDG_CACHE_HOME: folder })).toThrow(JSON.stringify(folder).slice(1, -1));
  },
);

test.each(['with space', 'a@b', 'a+b,c=d', '~'])('%j is as good as any', (part) => {
  expect(cacheFolder({ BENCH_CACHE: `/data/${part}` })).toBe(`/data/${part}`);
});
