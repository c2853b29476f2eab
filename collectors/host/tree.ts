import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** USER_HZ of Linux: the kernel's interface has used 100 on x86-64 always. */
export const TICKS_PER_SECOND = 100;

/**
 * CPU-seconds of a process and of all that it and its children started, ended ones included, from the folder `proc`; undefined where the process
 * is not to be seen there. Every process of the machine is looked at.
 */
export function cpuOfTree(proc: string, pid: number): number | undefined {
  const cpu = new Map<number, number>();
  const children = new Map<number, number[]>();
  for (const name of numbersIn(proc)) {
    const stat = statOf(join(proc, name, 'stat'));
    if (!stat) continue;
    const own = Number(name);
    cpu.set(own, stat.seconds);
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), own]);
  }
  if (!cpu.has(pid)) return undefined;
  let sum = 0;
  for (const one of walk(pid, children)) sum += cpu.get(one) ?? 0;
  return sum;
}

function* walk(pid: number, children: ReadonlyMap<number, readonly number[]>): Generator<number> {
  yield pid;
  for (const child of children.get(pid) ?? []) yield* walk(child, children);
}

function numbersIn(proc: string): string[] {
  try {
    return readdirSync(proc).filter((name) => /^\d+$/.test(name));
  } catch {
    // A masked /proc: the value is left out.
    return [];
  }
}

/** Parent, and seconds of the process and of its children that it has waited for. */
function statOf(path: string): { readonly parent: number; readonly seconds: number } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch {
    // It ended since the listing, or is hidden from this user.
    return undefined;
  }
  // After the last ")": the name of a program may hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return Number.isFinite(ticks) ? { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND } : undefined;
}
