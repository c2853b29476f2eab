import { type SampleMeasurement, SAMPLES } from '../../core/model/samples.ts';
import { microseconds, seriesOf } from './line.ts';
import type { LineWriter } from './lines.ts';
import { type Context, tagsOf } from './points.ts';

/** A sample whose line was made without parsing the event: nearly all of a journal, at a fraction of the cost. */
export interface QuickSample {
  readonly source: string;
  readonly seq: number;
}

/** Writes the line of the event in `bytes` between `from` and `to`; undefined, and nothing written, for what needs the long way. */
export type QuickEncoder = (bytes: Buffer, from: number, to: number, out: LineWriter) => QuickSample | undefined;

/** What stands between the values of a sample, as `openJournal` and the driver write it. */
const MARKS = {
  trial: Buffer.from('{"v":1,"trial":"'),
  source: Buffer.from('","source":"'),
  seq: Buffer.from('","seq":'),
  t: Buffer.from(',"t":'),
  collector: Buffer.from(',"type":"sample","collector":"'),
  values: Buffer.from('","values":{'),
} as const;
/** With more targets or sources than this at once they are read anew. */
const TEXTS_KEPT = 10_000;
/** Longest time stamp, with the space before it. */
const STAMP_LENGTH = 24;
const [SPACE, QUOTE, COMMA, BACKSLASH, CLOSING, DEL] = [0x20, 0x22, 0x2c, 0x5c, 0x7d, 0x7f];
const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];
/** Bytes that numbers consist of. */
const OF_NUMBER = Uint8Array.from({ length: 256 }, (_, byte) =>
  '+-.0123456789Ee'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** A field as a journal and as a line begin it: `"name":` and `name=`. */
interface Key {
  readonly inJournal: Buffer;
  readonly inLine: Buffer;
}

/** The fields of a collector, and the order that they had in its last sample, which is nearly always that of the next one. */
interface Keys {
  readonly byName: ReadonlyMap<string, Key>;
  readonly order: Key[];
}

function keysOf(measurement: SampleMeasurement): Keys {
  const floats = measurement.fields.filter(({ type }) => type === 'float');
  const entries = floats.map(({ name }) => {
    return [name, { inJournal: Buffer.from(`"${name}":`), inLine: Buffer.from(`${name}=`) }] as const;
  });
  return { byName: new Map(entries), order: [] };
}

/** An encoder for the samples of one context. */
export function quickEncoder(context: Context): QuickEncoder {
  const collectors = SAMPLES.map((measurement) => ({
    mark: Buffer.from(`${measurement.collector}","target":"`),
    keys: keysOf(measurement),
    series: new Texts((target) =>
      Buffer.from(`${seriesOf(measurement, tagsOf(measurement.collector, target, context))} `),
    ),
  }));
  const sources = new Texts((source) => source);

  return (bytes, from, to, out) => {
    // What does not fit gives -1, and so does all that follows it.
    const source = after(MARKS.source, bytes, endOfText(bytes, after(MARKS.trial, bytes, from, to), to), to);
    const sourceEnd = endOfText(bytes, source, to);
    const seq = after(MARKS.seq, bytes, sourceEnd, to);
    const seqEnd = endOfNumber(bytes, seq, to);
    const t = after(MARKS.t, bytes, seqEnd, to);
    const tEnd = endOfNumber(bytes, t, to);
    const name = after(MARKS.collector, bytes, tEnd, to);
    const collector = collectors.find(({ mark }) => after(mark, bytes, name, to) >= 0);
    if (collector === undefined) return undefined;
    const target = name + collector.mark.length;
    const targetEnd = endOfText(bytes, target, to);
    const values = after(MARKS.values, bytes, targetEnd, to);
    const number = wholeNumber(bytes, seq, seqEnd);
    if (values < 0 || !Number.isInteger(number)) return undefined;

    const head = collector.series.of(bytes, target, targetEnd);
    out.reserve(head.length + (to - values) + STAMP_LENGTH);
    out.bytes.set(head, out.end);
    let at = putFields(bytes, values, to, out.bytes, out.end + head.length, collector.keys);
    if (at < 0) return undefined;
    const stamp = microseconds(Number(bytes.toString('latin1', t, tEnd)));
    // Sixteen digits: from 2001 to 2286.
    if (stamp < 1e15 || stamp >= 1e16) return undefined;
    out.bytes[at] = SPACE;
    at += 17;
    const first = Math.floor(stamp / 1e8);
    putDigits(out.bytes, at - 8, first);
    putDigits(out.bytes, at, stamp - first * 1e8);
    out.commit(at);
    return { source: sources.of(bytes, source, sourceEnd), seq: number };
  };
}

/** What was made of a text, found again by the bytes of the text. */
class Texts<T> {
  readonly #make: (text: string) => T;
  readonly #known = new Map<number, { readonly bytes: Buffer; readonly made: T }>();

  constructor(make: (text: string) => T) {
    this.#make = make;
  }

  of(bytes: Buffer, from: number, to: number): T {
    let hash = to - from;
    for (let index = from; index < to; index += 1) hash = (Math.imul(hash, 31) + (bytes[index] ?? 0)) | 0;
    const known = this.#known.get(hash);
    if (known?.bytes.length === to - from && after(known.bytes, bytes, from, to) === to) return known.made;
    if (this.#known.size >= TEXTS_KEPT) this.#known.clear();
    const made = this.#make(bytes.toString('latin1', from, to));
    this.#known.set(hash, { bytes: Buffer.from(bytes.subarray(from, to)), made });
    return made;
  }
}

/** Copies `"a":1,"b":2}}` as `a=1,b=2`; where that ends, or -1. A number of JSON is a float of line protocol as it stands. */
function putFields(
  bytes: Buffer,
  from: number,
  to: number,
  into: Buffer,
  start: number,
  { byName, order }: Keys,
): number {
  let at = from;
  let put = start;
  for (let index = 0; ; index += 1) {
    let key = order[index];
    let value = key === undefined ? -1 : after(key.inJournal, bytes, at, to);
    if (value < 0) {
      key = byName.get(bytes.toString('latin1', at + 1, endOfText(bytes, at + 1, to)));
      value = key === undefined ? -1 : after(key.inJournal, bytes, at, to);
      if (key === undefined || value < 0) return -1;
      order[index] = key;
    }
    const end = endOfNumber(bytes, value, to);
    if (key === undefined || end < 0) return -1;
    const { inLine } = key;
    for (let index = 0; index < inLine.length; index += 1) into[put++] = inLine[index] ?? 0;
    for (let index = value; index < end; index += 1) into[put++] = bytes[index] ?? 0;
    at = end + 1;
    if (bytes[end] === CLOSING) return bytes[at] === CLOSING && at + 1 === to ? put : -1;
    if (bytes[end] !== COMMA) return -1;
    into[put++] = COMMA;
  }
}

/** Where `mark` ends if it stands at `at`; otherwise -1. */
function after(mark: Buffer, bytes: Buffer, at: number, to: number): number {
  const end = at + mark.length;
  if (at < 0 || end > to) return -1;
  for (let index = 0; index < mark.length; index += 1) if (mark[index] !== bytes[at + index]) return -1;
  return end;
}

/** Where the quote is that ends a text; -1 for a text with an escape or beyond ASCII. */
function endOfText(bytes: Buffer, at: number, to: number): number {
  if (at < 0) return -1;
  for (let index = at; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === QUOTE) return index;
    if (byte === BACKSLASH || byte < SPACE || byte >= DEL) return -1;
  }
  return -1;
}

/** Where a number ends; -1 for none, and so for the NaN and -Infinity that Python may write. */
function endOfNumber(bytes: Buffer, at: number, to: number): number {
  if (at < 0) return -1;
  const first = bytes[at] ?? 0;
  if (first !== MINUS && !isDigit(first)) return -1;
  let index = at + 1;
  while (index < to && OF_NUMBER[bytes[index] ?? 0] === 1) index += 1;
  return isDigit(bytes[index - 1] ?? 0) ? index : -1;
}

/** The number that is written in digits; NaN for another. */
function wholeNumber(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const byte = bytes[index] ?? 0;
    if (!isDigit(byte)) return Number.NaN;
    value = 10 * value + byte - ZERO;
  }
  return value;
}

/** Writes the eight digits of `value` up to `end`. Faster than by way of a text. */
function putDigits(into: Buffer, end: number, value: number): void {
  let rest = value | 0;
  for (let at = end - 1; at >= end - 8; at -= 1) {
    into[at] = ZERO + (rest % 10);
    rest = (rest / 10) | 0;
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}
