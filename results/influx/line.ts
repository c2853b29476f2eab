import type { Field, Measurement } from '../../core/model/measurement.ts';

/** Values by the names of the catalogue; a missing one is left out. */
export interface InfluxPoint {
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | string | undefined>>;
  /** Seconds since the epoch. */
  readonly t: number;
}

/** Longest tag value; the server takes less than 64 KiB for all of a point's tags. */
const TAG_LENGTH = 256;
/** The server refuses strings of 64 KiB. */
const TEXT_LENGTH = 16_384;

/** A value that does not fit the catalogue: the point must not be sent. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** Makes the lines of one series; a time stamp is whole microseconds. Throws a SchemaError for fields that do not fit the catalogue. */
export type SeriesEncoder = (fields: InfluxPoint['fields'], t: number) => string;

/** Makes the encoders of one measurement, one for each combination of tags. */
export function encoderOf(measurement: Measurement): (tags: InfluxPoint['tags']) => SeriesEncoder {
  const fields = new Map(measurement.fields.map((field) => [field.name, field]));
  return (tags) => {
    const series = seriesOf(measurement, tags);
    return (values, t) => {
      let line = series;
      let separator = ' ';
      for (const name in values) {
        const value = values[name];
        if (value === undefined) continue;
        const field = fields.get(name);
        if (field === undefined) throw new SchemaError(`${measurement.name}: field ${name} is not in the catalogue`);
        const text = fieldText(field, value);
        if (text === undefined) continue;
        line += `${separator}${name}=${text}`;
        separator = ',';
      }
      if (separator === ' ') throw new SchemaError(`${measurement.name}: a point without fields`);
      return `${line} ${microseconds(t)}`;
    };
  };
}

/** Measurement and tags: what comes before the fields of a line. */
function seriesOf(measurement: Measurement, tags: InfluxPoint['tags']): string {
  let series = measurement.name;
  for (const name of measurement.tags) {
    const value = tags[name];
    if (value === undefined) {
      if (measurement.mayLack?.includes(name)) continue;
      throw new SchemaError(`${measurement.name}: tag ${name} is not given`);
    }
    series += `,${name}=${escapeTag(tagValue(value))}`;
  }
  return series;
}

/** The time stamp of a line for a time in seconds. */
export function microseconds(t: number): number {
  return Math.round(t * 1e6);
}

/**
 * The value that a tag is stored with. Line protocol cannot say a backslash at the end of a tag, nor a control character,
 * nor an empty value, so these become `_`.
 */
export function tagValue(value: string): string {
  const text = value
    .toWellFormed()
    .replaceAll(/[\p{Cc}\\\u2028\u2029]/gu, '_')
    .slice(0, TAG_LENGTH)
    .toWellFormed();
  return text === '' ? '_' : text;
}

function escapeTag(value: string): string {
  return /[,= ]/.test(value) ? value.replaceAll(/[,= ]/g, '\\$&') : value;
}

function fieldText({ name, type }: Field, value: number | string): string | undefined {
  if (type === 'string') {
    if (typeof value !== 'string') throw new SchemaError(`${name} is text, not ${value}`);
    return `"${value.toWellFormed().slice(0, TEXT_LENGTH).toWellFormed().replaceAll(/["\\]/g, '\\$&')}"`;
  }
  if (typeof value !== 'number') throw new SchemaError(`${name} is a number, not ${JSON.stringify(value)}`);
  if (!Number.isFinite(value)) return undefined;
  if (type === 'float') return String(value);
  if (!Number.isSafeInteger(value)) throw new SchemaError(`${name} is a whole number, not ${value}`);
  return `${value}i`;
}
