import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Record } from '../../core/model/record.ts';
import { JournalContext } from './context.ts';
import { type Destination, filesBeside } from './destination.ts';
import { SchemaError } from './line.ts';
import { type Lines, LineWriter, linesOf } from './lines.ts';
import { eventOf, sampleLine, trialLine, type UsedEvent } from './points.ts';
import { type QuickEncoder, quickEncoder } from './quick.ts';
import { type Position, readPosition, writePosition } from './position.ts';
import type { Send, SetAside, Settled } from './send.ts';
import { openIfThere } from '../open-if-there.ts';

/** Read at once; more where a single line is longer. */
const CHUNK_BYTES = 2 ** 21;
/** The server is fastest at about this many. */
const REQUEST_LINES = 10_000;
/** Requests under way at once: the server works on them side by side, and has the next one when it is done with one. */
const REQUESTS = 4;
const NEWLINE = 0x0a;
/** The source of a line and its number there, as our journals write them. */
const NUMBERED = /"source":"([^"\\]+)","seq":(\d+)/;

/** How far a journal has been read. */
interface Place {
  readonly offset: number;
  readonly missing: number;
  readonly seqs: ReadonlyMap<string, number>;
}

/** A part of a journal, for one request. */
interface Part {
  readonly to: Place;
  readonly lines: Lines;
  /** What fits no catalogue. */
  readonly odd: readonly SetAside[];
  /** What became of the lines; undefined while they are not under way. */
  answer?: Promise<Settled | Failure> | undefined;
}

/** So that an answer that nobody waits for yet does not end the process. */
interface Failure {
  readonly failure: unknown;
}

/** Sends one journal, and at its end the summary of its record. The journal is the spool: what is settled is kept beside it. */
export class JournalPush {
  readonly path: string;
  readonly #destination: Destination;
  readonly #send: Send;
  readonly #files: { readonly position: string; readonly setAside: string };
  #position: Position;
  readonly #context = new JournalContext();
  #file: FileHandle | undefined;
  #quick: QuickEncoder | undefined;
  /** Parts that are read and not settled, in the order of the journal. */
  readonly #ahead: Part[] = [];
  // Both are used again: large buffers that come and go make the collector run often.
  readonly #writer = new LineWriter();
  #buffer = Buffer.alloc(0);

  constructor(path: string, destination: Destination, send: Send) {
    this.path = path;
    this.#destination = destination;
    this.#send = send;
    this.#files = filesBeside(path, destination);
    const { url, org, bucket, rawBucket } = destination;
    const begin = { offset: 0, sent: 0, setAside: 0, unfit: 0, tooOld: 0, missing: 0, seqs: {}, summary: null };
    this.#position = readPosition(this.#files.position) ?? { v: 1, url, org, bucket, rawBucket, ...begin };
  }

  get position(): Position {
    return this.#position;
  }

  /** Bytes of the journal that are not settled. */
  get backlogBytes(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    return Math.max(0, size - this.#position.offset);
  }

  /** Settles the next lines, if there are any; whether there may be more. Rejects with TryLater and has then settled nothing. */
  async advance(): Promise<boolean> {
    for (const part of this.#ahead) part.answer ??= this.#answer(part.lines);
    while (this.#ahead.length < REQUESTS) {
      const part = await this.#prepare(this.#ahead.at(-1)?.to ?? placeOf(this.#position));
      if (part === undefined) break;
      part.answer = this.#answer(part.lines);
      this.#ahead.push(part);
    }
    const [first] = this.#ahead;
    const answer = await first?.answer;
    if (first === undefined || answer === undefined) return false;
    if ('failure' in answer) {
      // Those behind it may have been answered: what failed goes out again with it.
      for (const part of this.#ahead) {
        const settled = await part.answer;
        if (settled && 'failure' in settled) part.answer = undefined;
      }
      throw answer.failure;
    }
    const { to, odd } = first;
    this.#save(answer, { ...to, seqs: Object.fromEntries(to.seqs) }, odd);
    this.#ahead.shift();
    return this.backlogBytes > 0;
  }

  async #answer(lines: Lines): Promise<Settled | Failure> {
    try {
      return await this.#send(this.#destination.rawBucket, lines);
    } catch (failure) {
      return { failure };
    }
  }

  async #prepare(from: Place): Promise<Part | undefined> {
    const file = (this.#file ??= await openIfThere(this.path));
    if (!file) return undefined;
    const { size } = await file.stat();
    if (size <= from.offset) return undefined;
    // What is about to be called sent must not be lost with the power.
    await file.datasync();
    if (from.offset > 0 && this.#context.begun === undefined) await this.#readHead(file);
    for (let bytes = CHUNK_BYTES; ; bytes *= 2) {
      const wanted = Math.min(bytes, size - from.offset);
      if (this.#buffer.length < wanted) this.#buffer = Buffer.allocUnsafe(wanted);
      const chunk = await read(file, from.offset, this.#buffer.subarray(0, wanted));
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) return this.#encode(chunk.subarray(0, end), from);
      // The end of a line that is being written; otherwise a line longer than the chunk.
      if (chunk.length < bytes) return undefined;
    }
  }

  /** Sends the summary of the record beside the journal, unless that was done; to be called when all lines are settled. */
  async summarise(): Promise<void> {
    const path = join(dirname(this.path), 'record.json');
    if (!existsSync(path)) return;
    const file = (this.#file ??= await openIfThere(this.path));
    if (file && this.#context.begun === undefined) await this.#readHead(file);
    const { commit, reportsUrl, begun } = this.#context;
    if (begun === undefined) return;
    const about = { site: this.#context.get().site, commit, reportsUrl };
    const record = recordAt(path);
    if (record === undefined) return;
    const line = trialLine(record, about, begun);
    if (line === this.#position.summary) return;
    const settled = await this.#send(this.#destination.bucket, linesOf([line]));
    this.#save(settled, { summary: line });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /** The lines of a chunk that ends with a line, or of as much of it as fits a request. */
  #encode(chunk: Buffer, from: Place): Part {
    const odd: SetAside[] = [];
    const seqs = new Map(from.seqs);
    let { missing } = from;
    const count = (source: string, seq: number) => {
      const last = seqs.get(source) ?? 0;
      missing += Math.max(0, seq - last - 1);
      seqs.set(source, Math.max(last, seq));
    };
    let begin = 0;
    while (begin < chunk.length && this.#writer.count < REQUEST_LINES) {
      const end = chunk.indexOf(NEWLINE, begin);
      const quick = this.#quick?.(chunk, begin, end, this.#writer);
      if (quick !== undefined) {
        count(quick.source, quick.seq);
      } else {
        const text = chunk.toString('utf8', begin, end);
        try {
          const event = eventOf(text);
          count(event.source, event.seq);
          this.#learn(event);
          if (event.sample) this.#writer.add(sampleLine(event.sample, this.#context.get()));
        } catch (error) {
          if (!(error instanceof SchemaError)) throw error;
          odd.push({ why: error.message, lines: [text], count: 1 });
          // It is there, so that its number is not missing as well.
          const [, source, seq] = NUMBERED.exec(text) ?? [];
          if (source !== undefined) count(source, Number(seq));
        }
      }
      begin = end + 1;
    }
    return { to: { offset: from.offset + begin, seqs, missing }, lines: this.#writer.take(), odd };
  }

  #save({ sent, tooOld, setAside }: Settled, change: Partial<Position>, odd: readonly SetAside[] = []): void {
    // Before the position: a kill between the two repeats an entry rather than losing it.
    for (const entry of [...odd, ...setAside]) appendFileSync(this.#files.setAside, `${JSON.stringify(entry)}\n`);
    const before = this.#position;
    const position = {
      ...before,
      sent: before.sent + sent,
      tooOld: before.tooOld + tooOld,
      setAside: before.setAside + total(setAside.map(({ count }) => count)),
      unfit: before.unfit + odd.length,
      ...change,
    };
    // Where the disk is full this throws, and the counts in memory stay as they were: the next attempt sends and counts the same lines again.
    writePosition(this.#files.position, position);
    this.#position = position;
  }

  /** The plan and the environment are the first lines of a journal. */
  async #readHead(file: FileHandle): Promise<void> {
    const head = await read(file, 0, Buffer.allocUnsafe(CHUNK_BYTES));
    const texts = head.toString('utf8', 0, Math.max(0, head.lastIndexOf(NEWLINE))).split('\n');
    for (const text of texts.slice(0, 2)) {
      try {
        this.#learn(eventOf(text));
      } catch (error) {
        // A journal that is empty or damaged at its head says of no trial; its lines are set aside as they are met.
        if (!(error instanceof SchemaError)) throw error;
      }
    }
  }

  #learn(event: UsedEvent): void {
    const told = this.#context.learn(event);
    if (told || this.#quick === undefined) this.#quick = quickEncoder(this.#context.get());
  }
}

/** Undefined where it is none: it is made again from the journal, and where that is damaged that was said. */
function recordAt(path: string): Record | undefined {
  try {
    return Record.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function placeOf({ offset, missing, seqs }: Position): Place {
  return { offset, missing, seqs: new Map(Object.entries(seqs)) };
}

/** What of the file fits `into`. */
async function read(file: FileHandle, offset: number, into: Buffer): Promise<Buffer> {
  const { bytesRead } = await file.read(into, 0, into.length, offset);
  return into.subarray(0, bytesRead);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
