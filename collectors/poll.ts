import type { Tell } from './collector.ts';

/**
 * Calls `read` now, every `intervalSeconds`, and once more at the end; the result stops it. Readings never overlap. One that fails is a
 * gap: `tell` hears of it once, the next readings go on, and whoever stops the poll gets an error that says how many failed and for how long.
 */
export function poll(intervalSeconds: number, read: () => Promise<void>, tell: Tell = () => {}): () => Promise<void> {
  const stopping = new AbortController();
  const gaps = new Gaps(tell);
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await gaps.watch(read);
      // Stopped during the reading: an aborted signal would not wake the pause.
      if (stopping.signal.aborted) break;
      await pause(intervalSeconds * 1000, stopping.signal);
    }
    await gaps.watch(read);
  };
  const running = loop();
  // Nothing but `tell` itself can fail here: whoever stops the poll gets it, until then it must not count as unhandled.
  running.catch(() => {});
  return async () => {
    stopping.abort();
    await running;
    gaps.close();
  };
}

/** Which readings failed. */
class Gaps {
  readonly #tell: Tell;
  #readings = 0;
  #failed = 0;
  #first: unknown;
  #since: number | undefined;
  #longest = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  async watch(read: () => Promise<void>): Promise<void> {
    const asked = performance.now();
    this.#readings += 1;
    try {
      await read();
    } catch (error) {
      this.#failed += 1;
      this.#first ??= error;
      if (this.#since === undefined) this.#tell(`a reading failed: ${String(error)}`);
      this.#since ??= asked;
      return;
    }
    if (this.#since !== undefined) this.#tell(`readings work again, after ${this.#end().toFixed(1)} s`);
  }

  #end(): number {
    const seconds = this.#since === undefined ? 0 : (performance.now() - this.#since) / 1000;
    this.#longest = Math.max(this.#longest, seconds);
    this.#since = undefined;
    return seconds;
  }

  close(): void {
    this.#end();
    if (this.#failed === 0) return;
    throw new Error(
      `${this.#failed} of ${this.#readings} readings failed, for ${this.#longest.toFixed(1)} s at most; the first: ${String(this.#first)}`,
      { cause: this.#first },
    );
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
