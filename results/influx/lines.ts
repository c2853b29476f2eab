const NEWLINE = 0x0a;

/** Lines of line protocol for one request. */
export interface Lines {
  /** The lines with a line end between them. Only where it is a single line may that hold one itself, in a text field. */
  readonly text: string;
  readonly count: number;
}

export function linesOf(lines: readonly string[]): Lines {
  return { text: lines.join('\n'), count: lines.length };
}

export function splitLines({ text, count }: Lines): readonly string[] {
  return count === 1 ? [text] : text.split('\n');
}

/** Collects lines as bytes: as strings each of them would stay alive until the request, which costs the garbage collector more than all else. */
export class LineWriter {
  #bytes = Buffer.allocUnsafe(2 ** 16);
  #end = 0;
  #count = 0;

  add(line: string): void {
    // In UTF-8 a character of a string takes three bytes at most; one more for the line end.
    const needed = this.#end + 3 * line.length + 1;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * needed);
      this.#bytes.copy(larger, 0, 0, this.#end);
      this.#bytes = larger;
    }
    this.#end += this.#bytes.write(line, this.#end);
    this.#bytes[this.#end] = NEWLINE;
    this.#end += 1;
    this.#count += 1;
  }

  /** What was collected; begins anew. */
  take(): Lines {
    const lines = { text: this.#bytes.toString('utf8', 0, Math.max(0, this.#end - 1)), count: this.#count };
    this.#end = 0;
    this.#count = 0;
    return lines;
  }
}
