import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Measurement } from '../../core/model/measurement.ts';
import { encoderOf, type InfluxPoint, SchemaError, tagValue } from './line.ts';

const TEST: Measurement = {
  name: 'm',
  bucket: 'raw',
  help: '',
  tags: ['a', 'b'],
  fields: [
    { name: 'f', type: 'float', kind: 'gauge', unit: '', help: '' },
    { name: 'i', type: 'integer', kind: 'gauge', unit: '', help: '' },
    { name: 's', type: 'string', kind: 'label', unit: '', help: '' },
  ],
};
const encoder = encoderOf(TEST);
const encode = ({ tags, fields, t }: InfluxPoint) => encoder(tags)(fields, t);

test('a point is one line: tags in order, types by the catalogue, microseconds', () => {
  const fields = { f: 1, i: 2, s: 'say "x\\y"' };
  expect(encode({ tags: { b: 'q r', a: 'x,y=z' }, fields, t: 1.5 })).toBe(
    String.raw`m,a=x\,y\=z,b=q\ r f=1,i=2i,s="say \"x\\y\"" 1500000`,
  );
});

test('a number that is missing or not finite is left out, and a point without any is refused', () => {
  const tags = { a: 'x', b: 'y' };
  expect(encode({ tags, fields: { f: undefined, i: 1 }, t: 0 })).toBe('m,a=x,b=y i=1i 0');
  expect(encode({ tags, fields: { f: Number.NaN, i: 1 }, t: 0 })).toBe('m,a=x,b=y i=1i 0');
  expect(() => encode({ tags, fields: { f: Number.POSITIVE_INFINITY }, t: 0 })).toThrow('a point without fields');
});

test.each<[string, Readonly<Record<string, number | string>>, string]>([
  ['an unknown field', { g: 1 }, 'field g is not in the catalogue'],
  ['a text as a number', { f: '1' }, 'f is a number, not "1"'],
  ['a number as a text', { s: 1 }, 's is text, not 1'],
  ['a fraction as a whole number', { i: 1.5 }, 'i is a whole number, not 1.5'],
  ['a whole number beyond 2^53', { i: 2 ** 53 }, 'i is a whole number'],
])('%s is refused before the server sees it', (_, fields, message) => {
  expect(() => encode({ tags: { a: 'x', b: 'y' }, fields, t: 0 })).toThrow(SchemaError);
  expect(() => encode({ tags: { a: 'x', b: 'y' }, fields, t: 0 })).toThrow(message);
});

test('a tag that is not given is refused: the point would belong to another series', () => {
  expect(() => encode({ tags: { a: 'x' }, fields: { f: 1 }, t: 0 })).toThrow('tag b is not given');
});

test('what line protocol cannot say in a tag becomes _, everything else stays', () => {
  expect(tagValue('a\nb\\c\u0000')).toBe('a_b_c_');
  expect(tagValue('')).toBe('_');
  expect(tagValue('naïve 😀, "x"=y')).toBe('naïve 😀, "x"=y');
  expect(tagValue('\ud800')).toBe('\ufffd');
});

/** Reads a line back as the server does: a backslash hides the character behind it. */
function decode(line: string): { tags: string[]; fields: string; time: string } {
  const parts: string[] = [''];
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    const inFields = parts.length === 2;
    if (character === '"' && inFields) quoted = !quoted;
    if (character === '\\') {
      parts[parts.length - 1] += line.slice(at, at + 2);
      at += 1;
    } else if (character === ' ' && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  expect(parts.length).toBe(3);
  const [series = '', fields = '', time = ''] = parts;
  const tags = series.split(/(?<!\\),/).slice(1);
  return { tags: tags.map((tag) => tag.replace(/^.*?=/, '').replaceAll(/\\([,= ])/g, '$1')), fields, time };
}

test('property: no text of a tag or a field can break out of its place', () => {
  const nasty = fc.string({ unit: fc.oneof(fc.constantFrom(',', ' ', '=', '"', '\\', '\n', '\r', '😀'), fc.string()) });
  fc.assert(
    fc.property(nasty, nasty, nasty, fc.integer({ min: 0, max: 4e9 }), (a, b, s, t) => {
      const line = encode({ tags: { a, b }, fields: { s }, t });
      const read = decode(line);
      expect(read.tags).toEqual([tagValue(a), tagValue(b)]);
      expect(read.fields.slice(3, -1).replaceAll(/\\(["\\])/g, '$1')).toBe(s.toWellFormed());
      expect(read.time).toBe(String(t * 1e6));
    }),
  );
});
