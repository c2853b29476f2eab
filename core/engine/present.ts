import { setImmediate } from 'node:timers/promises';
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

  /**
   * Takes those that are there, then who comes and goes until what it resolves to is called; that rejects where it was not known any more who is there.
   */
  async follow(presences: AsyncIterable<Presence>): Promise<() => Promise<void>> {
    const reader = presences[Symbol.asyncIterator]();
    const reading = this.#read(reader);
    // Whoever ends it is told.
    reading.catch(() => {});
    // Those that are there come at once, before anything that has to be waited for.
    await setImmediate();
    return async () => {
      await reader.return?.();
      await reading;
    };
  }

  async #read(reader: AsyncIterator<Presence>): Promise<void> {
    for (let next = await reader.next(); next.done !== true; next = await reader.next()) this.take(next.value);
  }

  /** Nobody is known to be there any more. */
  clear(): void {
    this.#targets.clear();
  }

  get all(): readonly Target[] {
    return [...this.#targets.values()];
  }
}
