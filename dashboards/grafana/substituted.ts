import { ALL, ALL_PATTERN } from './variables.ts';

/** What Grafana knows when it runs a query: the time range in milliseconds and the values of the variables. */
export interface Situation {
  readonly from: number;
  readonly to: number;
  readonly intervalSeconds: number;
  /** One value, several, or `ALL`. */
  readonly [variable: string]: string | number | readonly string[];
}

const VARIABLE = /\$(\w+)|\$\{(\w+)(?::\w+)?\}/g;

/**
 * A query as Grafana sends it: variables become regular expressions, `$timeFilter` and `$__interval` what they stand for. What it
 * does not know stays, as in Grafana; `leftOver` finds it.
 */
export function substituted(query: string, situation: Situation): string {
  const { from, to, intervalSeconds } = situation;
  const macros: Readonly<Record<string, string>> = {
    timeFilter: `time >= ${from}ms and time <= ${to}ms`,
    __interval: `${intervalSeconds}s`,
    __interval_ms: String(intervalSeconds * 1000),
    __from: String(from),
    __to: String(to),
  };
  return query.replaceAll(VARIABLE, (whole, plain: string | undefined, braced: string | undefined) => {
    const name = plain ?? braced ?? '';
    const value = situation[name];
    return macros[name] ?? (value === undefined ? whole : pattern(value));
  });
}

/** The variables that a text still holds; the end mark of a regular expression is none. */
export function leftOver(text: string): readonly string[] {
  return text.match(/\$\w+|\$\{[^}]*\}|\[\[[^\]]*\]\]/g) ?? [];
}

/** The format `regex` of Grafana, which is also the one that InfluxQL gets when none is named. */
function pattern(value: string | number | readonly string[]): string {
  const values = typeof value === 'object' ? value : [String(value)];
  if (values.includes(ALL)) return ALL_PATTERN;
  const escaped = values.map((one) => one.replaceAll(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
  return escaped.length === 1 ? escaped.join('') : `(${escaped.join('|')})`;
}
