import type { FileHandle } from 'node:fs/promises';
import { openIfThere } from '../open-if-there.ts';

/** Read at once. A longer line is none of those that the page needs, and is passed over. */
const CHUNK_BYTES = 2 ** 18;
const NEWLINE = 0x0a;

/** Hands out the lines of a file that grows, each once; a line without its end waits. Keeps no more than a position. */
export class Tail {
  readonly #path: string;
  #offset = 0;
  /** Whether the position is inside a line that is passed over. */
  #inLongLine = false;

  constructor(path: string) {
    this.#path = path;
  }

  /** Hands the lines since the last time to `take`; none when there is no such file. Rejects with the system's error. */
  async read(take: (lines: readonly string[]) => void): Promise<void> {
    const file = await openIfThere(this.#path);
    if (!file) return;
    try {
      const { size } = await file.stat();
      if (size < this.#offset) this.#start();
      while (this.#offset < size) {
        const lines = await this.#next(file);
        if (!lines) return;
        take(lines);
      }
    } finally {
      await file.close();
    }
  }

  /** The file is another one than it was. */
  #start(): void {
    this.#offset = 0;
    this.#inLongLine = false;
  }

  /** Whole lines of the next chunk; undefined when the last line has no end yet. */
  async #next(file: FileHandle): Promise<string[] | undefined> {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES, this.#offset);
    const chunk = buffer.subarray(0, bytesRead);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      if (bytesRead < CHUNK_BYTES) return undefined;
      this.#inLongLine = true;
      this.#offset += bytesRead;
      return [];
    }
    const begin = this.#inLongLine ? chunk.indexOf(NEWLINE) + 1 : 0;
    this.#inLongLine = false;
    this.#offset += end;
    return begin === end ? [] : chunk.toString('utf8', begin, end - 1).split('\n');
  }
}
