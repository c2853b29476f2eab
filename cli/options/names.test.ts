import fc from 'fast-check';
import { expect, test } from 'vitest';
import { errorOf } from '../../core/engine/test/error-of.ts';
import { nearest, pick } from './names.ts';

const suites = [{ name: 'adl' }, { name: 'control' }, { name: 'ttbar' }];

test('a member is picked by its name', () => {
  expect(pick('suite', suites, 'ttbar')).toBe(suites[2]);
});

test('an unknown name is answered with the nearest and with all there are', () => {
  expect(errorOf(() => pick('suite', suites, 'contrl'))).toMatchObject({
    message: 'there is no suite "contrl"',
    hint: 'did you mean control? known: adl, control, ttbar',
    exitCode: 2,
  });
});

test('a name that is like none suggests none', () => {
  expect(errorOf(() => pick('suite', suites, 'photons')).hint).toBe('known: adl, control, ttbar');
});

test('suggestions are within two edits, nearest first, or begin alike', () => {
  expect(nearest('coffee', ['rdataframe', 'coffea', 'coffees', 'toffees'])).toEqual(['coffea', 'coffees', 'toffees']);
  expect(nearest('rdf', ['rdataframe'])).toEqual([]);
  expect(nearest('rdata', ['rdataframe', 'coffea'])).toEqual(['rdataframe']);
});

test('one changed, missing or added letter is always forgiven', () => {
  const name = fc.stringMatching(/^[a-z]{3,12}$/);
  fc.assert(
    fc.property(name, fc.nat(), fc.constantFrom('', 'x', 'yz'), (right, place, typed) => {
      const at = place % right.length;
      const wrong = right.slice(0, at) + typed + right.slice(at + 1);
      expect(nearest(wrong, [right])).toEqual([right]);
    }),
  );
});
