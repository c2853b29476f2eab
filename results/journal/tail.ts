import { type FileHandle, open } from 'node:fs/promises';
import { systemCode } from '../../core/errors.ts';

const NEWLINE = 0x0a;

export interface TailOptions {
  /** Where the first line begins that is wanted. */
  readonly offset?: number;
  /** Read at once; more where a single line is longer. */
  readonly chunkBytes?: number;
  /** What is given is on the disk, so that it cannot be lost with the power any more. */
  readonly isDurable?: boolean;
  /** A file that has become shorter is another one, and read from its beginning; otherwise it gives nothing until it is longer again. */
  readonly rewinds?: boolean;
}

/** Gives the lines of a file that grows, each once; a line without its end waits. No file stays open, so that nobody has to close one. */
export class Tail {
  readonly #path: string;
  readonly #chunkBytes: number;
  readonly #isDurable: boolean;
  readonly #rewinds: boolean;
  #offset: number;
  // Used again: large buffers that come and go make the garbage collector run often.
  #buffer = Buffer.alloc(0);

  constructor(
    path: string,
    { offset = 0, chunkBytes = 2 ** 18, isDurable = false, rewinds = false }: TailOptions = {},
  ) {
    this.#path = path;
    this.#offset = offset;
    this.#chunkBytes = chunkBytes;
    this.#isDurable = isDurable;
    this.#rewinds = rewinds;
  }

  /** Where the first line begins that was not given yet, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * The next lines, about a chunk of them, to be used before the next call; undefined where there is none: no such file, nothing new, or a line
   * whose end is not there yet. Rejects with the system's error.
   */
  async next(): Promise<Iterable<string> | undefined> {
    const file = await openIfThere(this.#path);
    if (!file) return undefined;
    try {
      const { size } = await file.stat();
      if (this.#rewinds && size < this.#offset) this.#offset = 0;
      if (size <= this.#offset) return undefined;
      if (this.#isDurable) await file.datasync();
      return await this.#read(file, size);
    } finally {
      await file.close();
    }
  }

  async #read(file: FileHandle, size: number): Promise<Iterable<string> | undefined> {
    for (let bytes = this.#chunkBytes; ; bytes *= 2) {
      const wanted = Math.min(bytes, size - this.#offset);
      if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafe(wanted);
      const { bytesRead } = await file.read(this.#buffer, 0, wanted, this.#offset);
      const chunk = this.#buffer.subarray(0, bytesRead);
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      this.#offset += end;
      if (end > 0) return linesOfChunk(chunk.subarray(0, end));
      // The end of a line that is being written; otherwise a line longer than the chunk.
      if (bytesRead < bytes) return undefined;
    }
  }
}

/** All lines of the file that are there now. */
export async function* linesIn(path: string): AsyncGenerator<string> {
  const tail = new Tail(path);
  for (let lines = await tail.next(); lines !== undefined; lines = await tail.next()) yield* lines;
}

function* linesOfChunk(chunk: Buffer): Generator<string> {
  for (let begin = 0; begin < chunk.length;) {
    const end = chunk.indexOf(NEWLINE, begin);
    yield chunk.toString('utf8', begin, end);
    begin = end + 1;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
