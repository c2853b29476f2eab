import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Record } from '../../core/model/record.ts';
import { type Destination, filesBeside } from './destination.ts';
import { SchemaError } from './line.ts';
import { type Context, eventOf, sampleLine, trialLine } from './points.ts';
import { quickEncoder } from './quick.ts';
import { type Position, readPosition, writePosition } from './position.ts';
import type { Send, SetAside, Settled } from './send.ts';
import { openIfThere } from '../open-if-there.ts';

/** Read at once; more where a single line is longer. */
const CHUNK_BYTES = 2 ** 20;
/** The server is fastest at about this many. */
const REQUEST_LINES = 5_000;
const NEWLINE = 0x0a;

/** How far a journal has been read. */
type Place = Pick<Position, 'offset' | 'seqs' | 'missing'>;

/** Lines made of the next part of a journal. */
interface Part {
  readonly from: Place;
  readonly to: Place;
  readonly lines: readonly string[];
  /** What fits no catalogue. */
  readonly odd: readonly SetAside[];
}

/** Sends one journal, and at its end the summary of its record. The journal is the spool: what is settled is kept beside it. */
export class JournalPush {
  readonly path: string;
  readonly #destination: Destination;
  readonly #send: Send;
  readonly #files: { readonly position: string; readonly setAside: string };
  #position: Position;
  readonly #context: { -readonly [K in keyof Context]?: Context[K] } & {
    commit?: string;
    reportsUrl?: string;
    begun?: number;
  } = {};
  #file: FileHandle | undefined;
  #quick: ReturnType<typeof quickEncoder> | undefined;
  #prepared: Part | undefined;

  constructor(path: string, destination: Destination, send: Send) {
    this.path = path;
    this.#destination = destination;
    this.#send = send;
    this.#files = filesBeside(path, destination);
    const { url, org, bucket, rawBucket } = destination;
    const begin = { offset: 0, sent: 0, setAside: 0, tooOld: 0, missing: 0, seqs: {}, summary: null };
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

  /** Sends the next lines, if there are any; whether there may be more. Rejects with TryLater and has then settled nothing. */
  async advance(): Promise<boolean> {
    const from = { offset: this.#position.offset, seqs: this.#position.seqs, missing: this.#position.missing };
    const part = this.#prepared?.from.offset === from.offset ? this.#prepared : await this.#prepare(from);
    if (part === undefined) return false;
    const sending = this.#sendAll(part);
    // The next lines are made while these are on their way.
    const [settled, next] = await Promise.allSettled([sending, this.#prepare(part.to)]);
    if (settled.status === 'rejected') {
      this.#prepared = part;
      throw settled.reason;
    }
    this.#save(settled.value, part.to);
    this.#prepared = next.status === 'fulfilled' ? next.value : undefined;
    return this.backlogBytes > 0;
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
      const chunk = await read(file, from.offset, Math.min(bytes, size - from.offset));
      const end = chunk.lastIndexOf(NEWLINE) + 1;
      if (end > 0) return this.#encode(chunk.toString('utf8', 0, end - 1).split('\n'), from, from.offset + end);
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
    const { site = 'unknown', commit = 'unknown', reportsUrl, begun } = this.#context;
    if (begun === undefined) return;
    const line = trialLine(Record.parse(JSON.parse(readFileSync(path, 'utf8'))), { site, commit, reportsUrl }, begun);
    if (line === this.#position.summary) return;
    const settled = await this.#send(this.#destination.bucket, [line]);
    this.#save(settled, { summary: line });
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  #encode(texts: readonly string[], from: Place, offset: number): Part {
    const lines: string[] = [];
    const odd: SetAside[] = [];
    const seqs = { ...from.seqs };
    let { missing } = from;
    const count = (source: string, seq: number) => {
      const last = seqs[source] ?? 0;
      missing += Math.max(0, seq - last - 1);
      seqs[source] = Math.max(last, seq);
    };
    for (const text of texts) {
      const quick = this.#quick?.(text);
      if (quick !== undefined) {
        lines.push(quick.line);
        count(quick.source, quick.seq);
        continue;
      }
      try {
        const event = eventOf(text);
        count(event.source, event.seq);
        this.#learn(event);
        if (event.sample) lines.push(sampleLine(event.sample, this.#complete()));
      } catch (error) {
        if (!(error instanceof SchemaError)) throw error;
        odd.push({ why: error.message, lines: [text], count: 1 });
      }
    }
    return { from, to: { offset, seqs, missing }, lines, odd };
  }

  async #sendAll({ lines, odd }: Part): Promise<Settled> {
    const settled: Settled[] = [{ sent: 0, tooOld: 0, setAside: odd }];
    for (let at = 0; at < lines.length; at += REQUEST_LINES) {
      settled.push(await this.#send(this.#destination.rawBucket, lines.slice(at, at + REQUEST_LINES)));
    }
    return {
      sent: total(settled.map(({ sent }) => sent)),
      tooOld: total(settled.map(({ tooOld }) => tooOld)),
      setAside: settled.flatMap(({ setAside }) => setAside),
    };
  }

  #save({ sent, tooOld, setAside }: Settled, change: Partial<Position>): void {
    // Before the position: a kill between the two repeats an entry rather than losing it.
    for (const entry of setAside) appendFileSync(this.#files.setAside, `${JSON.stringify(entry)}\n`);
    const before = this.#position;
    this.#position = {
      ...before,
      sent: before.sent + sent,
      tooOld: before.tooOld + tooOld,
      setAside: before.setAside + total(setAside.map(({ count }) => count)),
      ...change,
    };
    writePosition(this.#files.position, this.#position);
  }

  /** The plan and the environment are the first lines of a journal. */
  async #readHead(file: FileHandle): Promise<void> {
    const head = await read(file, 0, CHUNK_BYTES);
    const texts = head.toString('utf8', 0, Math.max(0, head.lastIndexOf(NEWLINE))).split('\n');
    for (const text of texts.slice(0, 2)) this.#learn(eventOf(text));
  }

  #learn({ t, planned, environment }: ReturnType<typeof eventOf>): void {
    this.#context.begun ??= t;
    if (planned) Object.assign(this.#context, planned);
    if (environment?.site !== undefined) this.#context.site ??= environment.site;
    if (environment?.commit !== undefined) this.#context.commit ??= environment.commit;
    if (environment?.reportsUrl !== undefined) this.#context.reportsUrl ??= environment.reportsUrl;
    if (planned || environment || this.#quick === undefined) this.#quick = quickEncoder(this.#complete());
  }

  #complete(): Context {
    const { site = 'unknown', runner = 'monitor', suite = 'none', backend = 'none' } = this.#context;
    return { site, runner, suite, backend };
  }
}

async function read(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(bytes), 0, bytes, offset);
  return buffer.subarray(0, bytesRead);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
