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

/** Collects lines as bytes: strings of many short pieces cost several times as much. */
export class LineWriter {
  bytes: Buffer = Buffer.allocUnsafe(2 ** 16);
  /** Where the next line begins. */
  end = 0;
  count = 0;

  /** Makes room for a line of up to `length` bytes. */
  reserve(length: number): void {
    // One more for the line end.
    const needed = this.end + length + 1;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(larger, 0, 0, this.end);
    this.bytes = larger;
  }

  /** Ends a line whose bytes were put between the end and `to`. */
  commit(to: number): void {
    this.bytes[to] = NEWLINE;
    this.end = to + 1;
    this.count += 1;
  }

  add(line: string): void {
    this.reserve(3 * line.length);
    this.commit(this.end + this.bytes.write(line, this.end));
  }

  /** What was collected; begins anew. */
  take(): Lines {
    const lines = { text: this.bytes.toString('utf8', 0, Math.max(0, this.end - 1)), count: this.count };
    this.end = 0;
    this.count = 0;
    return lines;
  }
}
