import type { Presence, Target } from '../model/target.ts';

/** A target of which no more is known than is given. */
export function targetOf(role: Target['role'], name: string, known: Partial<Target> = {}): Target {
  const nothing = { pid: null, host: null, pod: null, cores: null, memoryLimitBytes: null, http: null };
  return { ...nothing, ...known, name, role };
}

/** Who is there at present: what collectors ask for at each of their readings. */
export class Present {
  readonly #targets = new Map<string, Target>();

  take({ action, target }: Presence): void {
    // A worker that replaces another one has its name.
    const key = `${target.role} ${target.name} ${target.pid}`;
    if (action === 'joined') this.#targets.set(key, target);
    else this.#targets.delete(key);
  }

  /** Nobody is known to be there any more. */
  clear(): void {
    this.#targets.clear();
  }

  get all(): readonly Target[] {
    return [...this.#targets.values()];
  }
}
