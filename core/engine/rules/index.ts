import type { Reason } from '../../model/record.ts';
import { LINES } from './lines.ts';
import { PLACE } from './place.ts';
import type { Looked, Rule } from './rule.ts';
import { SAMPLES } from './samples.ts';
import { TIME } from './time.ts';
import { VALUES } from './values.ts';
import { WORK } from './work.ts';

/** What is true of any measurement. A trial that breaks one of these is invalid, however right its answer is. */
export const RULES: readonly Rule[] = [...LINES, ...PLACE, ...TIME, ...WORK, ...VALUES, ...SAMPLES];

/** Everything that cannot be, with the values seen. */
export function impossibleIn(looked: Looked): Reason[] {
  return RULES.flatMap(({ code, broken }) => broken(looked).map((message) => ({ code, message })));
}
