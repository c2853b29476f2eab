import { distance } from 'fastest-levenshtein';
import { unknownName } from '../../core/errors.ts';

interface Named {
  readonly name: string;
}

/** The member of a list with this name; an unknown one is answered with the nearest that there are, `where` they are. */
export function pick<T extends Named>(kind: string, members: readonly T[], name: string, where = ''): T {
  const found = members.find((member) => member.name === name);
  if (found) return found;
  const names = members.map((member) => member.name);
  throw unknownName(kind, name, nearest(name, names), names, where);
}

/** Names within two edits, nearest first; one that begins alike counts too. */
export function nearest(name: string, names: readonly string[]): string[] {
  return names
    .map((candidate) => ({ candidate, edits: begins(candidate, name) ? 1 : distance(name, candidate) }))
    .filter(({ edits }) => edits <= 2)
    .toSorted((a, b) => a.edits - b.edits)
    .map(({ candidate }) => candidate);
}

function begins(candidate: string, name: string): boolean {
  return name !== '' && candidate.startsWith(name);
}
