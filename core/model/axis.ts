import type { z } from 'zod';
import { parseCounts } from './sizes.ts';

/** What the option of an axis is on the command line. */
export interface AxisOption<T> {
  readonly flag: string;
  readonly summary: string;
  readonly default?: string;
  readonly group: 'what' | 'where' | 'data';
  /** The values that a text names, each once; undefined for a text that is not valid. Without it the suite says what values there are. */
  readonly parse?: (text: string) => readonly T[] | undefined;
  /** For messages: what values there are. */
  readonly valid: string;
}

/**
 * What points share that agree in all axes of a kind. `work`: the same computation on the same data; `curve`: the same place and way to
 * run it, so that they differ in what a scaling curve is drawn over; `point`: what changes along a curve.
 */
export type Identity = 'work' | 'curve' | 'point';

interface Entry {
  readonly title: string;
  /** Unit of the value, where it has one. */
  readonly unit?: string;
  readonly identity: Identity;
  /** `session`: fixed for all trials of a block. */
  readonly scope: 'session' | 'trial';
  /** Name of its tag in InfluxDB. */
  readonly tag: string;
  /**
   * Of a value. Its default is what every run had that was made before there was this axis; an axis that was always there has none. Journals
   * that do not name the axis have this value, and a point that has it carries no tag, so that the series in a database go on.
   */
  readonly schema: z.ZodType;
  /** In legends and tables, where points differ in it; undefined for axes that `dashboards/view/labels.ts` words itself. */
  readonly label?: (text: string) => string;
  readonly option?: AxisOption<unknown>;
  /** Arguments by which `hepbench.datasets` makes data of the value with this text; undefined for axes that are no matter of the data. */
  readonly datasetArgs?: (text: string) => readonly string[];
}

/** As an axis is declared, and `before`: the text of the value that runs had before there was this axis, undefined where it always was there. */
export function axis<E extends Entry>(entry: E): E & { readonly before: string | undefined } {
  const before = entry.schema.safeParse(undefined);
  return { ...entry, before: before.success ? textOf(before.data) : undefined };
}

/** A value as one text: `queries=1 loops=one` of several by name in the order of their names, `default` of what nobody asked for. */
export function textOf(value: unknown): string {
  if (value === null) return 'default';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, part]) => `${name}=${String(part)}`).join(' ');
}

/** Values of a comma-separated list. The same value twice would be the same point twice. */
export function listed<T>(parse: (part: string) => T | undefined): (text: string) => readonly T[] | undefined {
  return (text) => {
    const values = text.split(',').map((part) => parse(part.trim()));
    const known = values.filter((value) => value !== undefined);
    return known.length === values.length ? [...new Set(known)] : undefined;
  };
}

/** Whole numbers up to `most`, as lists and ranges. */
export function counted(most: number): Pick<AxisOption<number>, 'parse' | 'valid'> {
  return {
    parse: (text) => {
      const counts = parseCounts(text);
      return counts && Math.max(...counts) <= most ? counts : undefined;
    },
    valid: `numbers from 1 to ${most} such as 1,2,4 or 2..4 or ..64`,
  };
}

export function upTo(most: number, value: number | undefined): number | undefined {
  return value !== undefined && value <= most ? value : undefined;
}
