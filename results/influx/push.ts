import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readLine } from '../../core/model/journal.ts';
import type { Event, EventOf } from '../../core/model/event.ts';
import { TrialRecord } from '../../core/model/record.ts';
import { JournalContext } from '../journal/context.ts';
import { linesIn, Tail } from '../journal/tail.ts';
import { type Destination, filesBeside } from './destination.ts';
import { SchemaError } from './line.ts';
import { type Lines, LineWriter, linesOf } from './lines.ts';
import { sampleEncoder, trialLine } from './points.ts';
import { type Position, readPosition, writePosition } from './position.ts';
import { type Send, type SetAside, type Settled, TryLater } from './send.ts';

/** What is read and sent at once: about 10,000 samples, for which the server needs least time each. */
const CHUNK_BYTES = 2 ** 21;
/** Requests under way at once: the server works on them side by side, and has the next one when it is done with one. */
const REQUESTS = 4;
/** The plan and the environment. */
const HEAD_LINES = 2;
/** The source of a line and its number there, as our journals write them. */
const NUMBERED = /"source":"([^"\\]+)","seq":(\d+)/;

/** How far a journal has been read. */
interface Progress {
  readonly offset: number;
  readonly missing: number;
  readonly seqs: ReadonlyMap<string, number>;
}

/** A part of a journal, for one request. */
interface Part {
  readonly to: Progress;
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
  readonly #tail: Tail;
  #lineOf = sampleEncoder(this.#context.get());
  /** Parts that are read and not settled, in the order of the journal. */
  readonly #ahead: Part[] = [];
  readonly #writer = new LineWriter();
  #givenUp = false;

  constructor(path: string, destination: Destination, send: Send) {
    this.path = path;
    this.#destination = destination;
    this.#send = send;
    this.#files = filesBeside(path, destination);
    const { url, org, bucket, rawBucket } = destination;
    const begin = { offset: 0, sent: 0, setAside: 0, unfit: 0, tooOld: 0, missing: 0, seqs: {}, summary: null };
    this.#position = readPosition(this.#files.position) ?? { v: 1, url, org, bucket, rawBucket, ...begin };
    // What is about to be called sent must not be lost with the power.
    this.#tail = new Tail(path, { offset: this.#position.offset, chunkBytes: CHUNK_BYTES, isDurable: true });
  }

  get position(): Position {
    return this.#position;
  }

  /** Bytes of the journal that are not settled. */
  get backlogBytes(): number {
    const size = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    return Math.max(0, size - this.#position.offset);
  }

  /** Settles nothing any more, whatever is answered from now on: others may go on with this journal. */
  giveUp(): void {
    this.#givenUp = true;
  }

  /** Settles the next lines, if there are any; whether there may be more. Rejects with TryLater and has then settled nothing. */
  async advance(): Promise<boolean> {
    for (const part of this.#ahead) part.answer ??= this.#answer(part.lines);
    while (this.#ahead.length < REQUESTS) {
      const part = await this.#prepare(this.#ahead.at(-1)?.to ?? progressOf(this.#position));
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

  async #prepare(from: Progress): Promise<Part | undefined> {
    if (from.offset > 0) await this.#readHead();
    const lines = await this.#tail.next();
    return lines && this.#encode(lines, from);
  }

  /** Sends the summary of the record beside the journal, unless that was done; to be called when all lines are settled. */
  async summarise(): Promise<void> {
    const path = join(dirname(this.path), 'record.json');
    if (!existsSync(path)) return;
    await this.#readHead();
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

  #encode(texts: Iterable<string>, from: Progress): Part {
    const odd: SetAside[] = [];
    const seqs = new Map(from.seqs);
    let { missing } = from;
    const count = (source: string, seq: number) => {
      const last = seqs.get(source) ?? 0;
      missing += Math.max(0, seq - last - 1);
      seqs.set(source, Math.max(last, seq));
    };
    for (const text of texts) {
      const read = readLine(text);
      if ('event' in read) {
        const { event } = read;
        count(event.source, event.seq);
        this.#learn(event);
        const why = event.type === 'sample' ? this.#add(event) : undefined;
        if (why !== undefined) odd.push({ why, lines: [text], count: 1 });
      } else {
        odd.push({ why: read.kind === 'bad' ? read.why : 'of a newer hepbench', lines: [text], count: 1 });
        // It is there, so that its number is not missing as well.
        const [, source, seq] = NUMBERED.exec(text) ?? [];
        if (source !== undefined) count(source, Number(seq));
      }
    }
    return { to: { offset: this.#tail.offset, seqs, missing }, lines: this.#writer.take(), odd };
  }

  /** Adds the line of a sample, or says why it has none. */
  #add(sample: EventOf<'sample'>): string | undefined {
    try {
      this.#writer.add(this.#lineOf(sample));
      return undefined;
    } catch (error) {
      if (error instanceof SchemaError) return error.message;
      throw error;
    }
  }

  #save({ sent, tooOld, setAside }: Settled, change: Partial<Position>, odd: readonly SetAside[] = []): void {
    if (this.#givenUp) throw new TryLater('was given up', undefined, undefined);
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

  /** Learns, where nothing is known yet, from the plan and the environment, which are the first lines of a journal. */
  async #readHead(): Promise<void> {
    if (this.#context.begun !== undefined) return;
    let left = HEAD_LINES;
    for await (const text of linesIn(this.path)) {
      const read = readLine(text);
      // A journal that is damaged at its head says of no trial; its lines are set aside as they are met.
      if ('event' in read) this.#learn(read.event);
      left -= 1;
      if (left === 0) return;
    }
  }

  #learn(event: Event): void {
    if (this.#context.learn(event)) this.#lineOf = sampleEncoder(this.#context.get());
  }
}

/** Undefined where it is none: it is made again from the journal, and where that is damaged that was said. */
function recordAt(path: string): TrialRecord | undefined {
  try {
    return TrialRecord.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function progressOf({ offset, missing, seqs }: Position): Progress {
  return { offset, missing, seqs: new Map(Object.entries(seqs)) };
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
