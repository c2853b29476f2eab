import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** One line of what does not fit a schema: the first field with what was expected there, and how many more there are. */
export function wrongFields({ issues: [first, ...others] }: z.ZodError): string {
  if (first === undefined) return 'not as expected';
  const more = others.length === 0 ? '' : ` (and ${others.length} more field${others.length === 1 ? '' : 's'} of it)`;
  const field = first.path.map(String).join('.');
  return `${field === '' ? '' : `${field}: `}${expectedBy(first)}${more}`;
}

function expectedBy(issue: Issue): string {
  const ways = issue.code === 'invalid_union' ? issue.errors.flatMap(([way]) => way ?? []) : [];
  if (ways.length > 0) return ways.map((way) => expectedBy(way)).join(', or ');
  return issue.message.replace(/^Invalid [\w ]+[:.] (.)/, (_, letter: string) => letter.toLowerCase());
}
