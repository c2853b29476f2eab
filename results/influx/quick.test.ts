import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measurementOf, SAMPLE_KINDS } from '../../core/model/samples.ts';
import { LineWriter } from './lines.ts';
import { eventOf, sampleLine } from './points.ts';
import { quickEncoder } from './quick.ts';

const CONTEXT = { site: 'a site', runner: 'local', suite: 'adl', backend: 'coffea', run: 'e 1', cluster: 'b001' };
const quickly = quickEncoder(CONTEXT);

/** What the quick way makes of a line that stands between others. */
function encode(text: string): { source: string; seq: number; line: string } | undefined {
  const [before, bytes] = [Buffer.from('before\n'), Buffer.from(text)];
  const out = new LineWriter();
  out.add('first');
  const from = before.length;
  const sample = quickly(Buffer.concat([before, bytes, Buffer.from('\nafter')]), from, from + bytes.length, out);
  const { text: written, count } = out.take();
  if (sample !== undefined) return { ...sample, line: written.replace('first\n', '') };
  expect({ written, count }).toEqual({ written: 'first', count: 1 });
  return undefined;
}

function longWay(text: string): string | undefined {
  const { sample } = eventOf(text);
  return sample && sampleLine(sample, CONTEXT);
}

function textOf(event: object): string {
  return JSON.stringify({
    v: 1,
    trial: 't',
    source: 'agent/w0',
    seq: 3,
    t: 1.7e9 + 0.123456,
    type: 'sample',
    ...event,
  });
}

test('the quick way is taken for a sample as we write it, and gives the same line', () => {
  const text = textOf({
    collector: 'agent',
    target: 'w 0',
    values: { rss_bytes: 1e21, cpu_seconds_total: -1.5e-7, threads: 3 },
  });
  const quick = encode(text);
  expect(quick).toMatchObject({ source: 'agent/w0', seq: 3 });
  expect(quick?.line).toBe(longWay(text));
});

test('property: where the quick way is taken it says what the long way says, value by value', () => {
  const sample = fc.constantFrom(...SAMPLE_KINDS).chain((collector) =>
    fc.record({
      collector: fc.constant(collector),
      target: fc.oneof(fc.constantFrom('w0', 'w1', 'host,a', 'a b=c', '{"', '"values":{"'), fc.string()),
      source: fc.oneof(fc.constantFrom('agent/w0', 'host'), fc.string()),
      values: fc.dictionary(
        fc.constantFrom(...measurementOf(collector).fields.map(({ name }) => name)),
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
        { minKeys: 1 },
      ),
      t: fc.oneof(fc.double({ min: 1e9, max: 9.9e9, noNaN: true }), fc.double({ min: 0, max: 4e9, noNaN: true })),
      seq: fc.nat(),
    }),
  );
  let taken = 0;
  fc.assert(
    fc.property(sample, (event) => {
      const text = textOf(event);
      const quick = encode(text);
      if (quick === undefined) return;
      taken += 1;
      // Numbers may be spelled differently: 1e21 and 1e+21.
      const spelled = (line = '') =>
        line.replace(
          / ([^ ]*) (\d+)$/,
          (_, fields: string, t: string) =>
            ` ${fields
              .split(',')
              .map((f) =>
                f
                  .split('=')
                  .map((x) => (Number.isNaN(Number(x)) ? x : String(Number(x))))
                  .join('='),
              )
              .join(',')} ${t}`,
        );
      expect(spelled(quick.line)).toBe(spelled(longWay(text)));
      expect({ source: quick.source, seq: quick.seq }).toEqual({ source: event.source, seq: event.seq });
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(500);
});

test.each<[string, string]>([
  ['another event', textOf({ type: 'mark', name: 'result' })],
  ['a field that is not in the catalogue', textOf({ collector: 'agent', target: 'w0', values: { new_field: 1 } })],
  ['a collector that there is not', textOf({ collector: 'x', target: 'w0', values: { rss_bytes: 1 } })],
  [
    'NaN, as Python writes it',
    textOf({ collector: 'agent', target: 'w0', values: { rss_bytes: 1 } }).replace(':1}', ':NaN}'),
  ],
  ['-Infinity', textOf({ collector: 'agent', target: 'w0', values: { rss_bytes: 1 } }).replace(':1}', ':-Infinity}')],
  ['an escaped name', textOf({ collector: 'agent', target: 'w"0', values: { rss_bytes: 1 } })],
  ['a time before 2001', textOf({ t: 100, collector: 'agent', target: 'w0', values: { rss_bytes: 1 } })],
  ['no values', textOf({ collector: 'agent', target: 'w0', values: {} })],
  ['a line that was cut short', textOf({ collector: 'agent', target: 'w0', values: { rss_bytes: 1 } }).slice(0, -1)],
  ['keys in another order', JSON.stringify({ type: 'sample', v: 1 })],
])('%s goes the long way', (_, text) => {
  expect(encode(text)).toBeUndefined();
});
