import type { Measurement } from '../../core/model/measurement.ts';
import { MEASUREMENTS } from '../../core/model/measurements.ts';
import type { Source } from './sources.ts';

const CATALOGUE: readonly Measurement[] = MEASUREMENTS;

interface Nested {
  readonly before: string;
  readonly inside: string;
  readonly after: string;
}

/** The first subquery of a query; undefined when it reads a measurement. */
function subquery(text: string): Nested | undefined {
  const found = /FROM\s*\(/i.exec(text);
  if (!found) return undefined;
  const start = found.index + found[0].length;
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0)
      return { before: text.slice(0, found.index), inside: text.slice(start, at), after: text.slice(at + 1) };
  }
  return undefined;
}

/** Texts and regular expressions may hold quotes. */
function withoutLiterals(text: string): string {
  return text.replaceAll(/(=~|!~)\s*\/(?:\\.|[^/\\])*\//g, '$1').replaceAll(/'(?:\\.|[^'\\])*'/g, '');
}

function quotedNames(text: string): string[] {
  return [...text.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);
}

function aliases(text: string): string[] {
  return [...text.matchAll(/\bAS\s+"([^"]+)"/gi)].map(([, name = '']) => name);
}

function withoutAliases(text: string): string {
  return text.replaceAll(/\bAS\s+"[^"]+"/gi, '');
}

function grouping(text: string): string {
  return /GROUP BY(.*)$/is.exec(text)?.[1] ?? '';
}

/** Names that a query may use of what it reads, and those that it shows itself. */
interface Scope {
  readonly problems: readonly string[];
  readonly shown: ReadonlySet<string>;
}

function unknownIn(text: string, known: ReadonlySet<string>, of: string): string[] {
  const unknown = quotedNames(withoutAliases(text)).filter((name) => !known.has(name));
  return [...new Set(unknown)].map((name) => `"${name}" is no column of ${of}`);
}

function scopeOf(text: string, source: Source | undefined): Scope {
  const nested = subquery(text);
  if (nested) {
    const inner = scopeOf(nested.inside, source);
    const own = `${nested.before} ${nested.after}`;
    return {
      problems: [...inner.problems, ...unknownIn(own, inner.shown, 'its subquery')],
      shown: new Set([...aliases(nested.before), ...quotedNames(grouping(nested.after))]),
    };
  }
  const from = /FROM\s+"([^"]+)"/i.exec(text);
  const measurement = CATALOGUE.find(({ name }) => name === from?.[1]);
  const shown = new Set([...aliases(text), ...quotedNames(grouping(text))]);
  if (!measurement) return { problems: [`"${from?.[1] ?? ''}" is no measurement`], shown };
  const known = new Set([measurement.name, ...measurement.tags, ...measurement.fields.map(({ name }) => name)]);
  const misplaced =
    source === measurement.bucket
      ? []
      : [`${measurement.name} is in the ${measurement.bucket} bucket, not in ${source}`];
  return { problems: [...misplaced, ...unknownIn(text, known, measurement.name)], shown };
}

/** The tags by which the lines of a query differ. */
export function groupedBy(query: string): ReadonlySet<string> {
  const text = withoutLiterals(query);
  return new Set(quotedNames(grouping(subquery(text)?.after ?? text)));
}

/** What is wrong with the names of a query: every measurement, field and tag must be in the catalogue, in that bucket. */
export function queryProblems(query: string, source: Source | undefined): readonly string[] {
  return scopeOf(withoutLiterals(query), source).problems;
}
