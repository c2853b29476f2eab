import { HttpError, InfluxDB, setLogger } from '@influxdata/influxdb-client';
import type { Destination } from './destination.ts';
import { type Lines, linesOf, splitLines } from './lines.ts';

/** What became of lines that the server has answered for. */
export interface Settled {
  readonly sent: number;
  readonly tooOld: number;
  readonly setAside: readonly SetAside[];
}

/** Lines that the server refused for good. */
export interface SetAside {
  readonly why: string;
  /** More than `count` where the server dropped many and does not say which. */
  readonly lines: readonly string[];
  readonly count: number;
}

/** The server could not be asked, or asked to be asked again later. None of the lines is settled. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  /** How long the server wants us to wait; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs: number | undefined, cause: unknown) {
    super(message, { cause });
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Server extends Destination {
  readonly token: string;
  readonly timeoutMs: number;
}

/** Sends lines to a bucket and says what became of them; rejects with {@link TryLater}. */
export type Send = (bucket: string, lines: Lines) => Promise<Settled>;

const NONE: Settled = { sent: 0, tooOld: 0, setAside: [] };
/** Compression costs more than it saves where nothing leaves the machine. */
const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\])/;

/** Uses the transport of the official client: its write API retries by itself and gives lines up when it cannot. */
export function senderTo({ url, org, token, timeoutMs }: Server): Send {
  // It writes every failure to the console, and we tell it ourselves.
  setLogger({ error: () => {}, warn: () => {} });
  const client = new InfluxDB({ url, token, timeout: timeoutMs });
  const gzipThreshold = LOOPBACK.test(url) ? Number.MAX_SAFE_INTEGER : 1000;

  async function post(bucket: string, text: string): Promise<void> {
    const query = new URLSearchParams({ org, bucket, precision: 'us' });
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    const options = { method: 'POST', headers, gzipThreshold };
    await new Promise<void>((resolve, reject) => {
      let status = 0;
      client.transport.send(`/api/v2/write?${query}`, text, options, {
        responseStarted: (_headers, code = 0) => (status = code),
        error: reject,
        complete() {
          if (status === 204) resolve();
          else reject(new HttpError(status, `answered ${status} to a write`));
        },
      });
    });
  }

  return async function send(bucket, lines): Promise<Settled> {
    if (lines.count === 0) return NONE;
    try {
      await post(bucket, lines.text);
      return { ...NONE, sent: lines.count };
    } catch (error) {
      return await refused(error, splitLines(lines), async (part) => await send(bucket, linesOf(part)));
    }
  };
}

async function refused(
  error: unknown,
  lines: readonly string[],
  send: (part: readonly string[]) => Promise<Settled>,
): Promise<Settled> {
  const { status, message } = answerOf(error);
  // Nothing of the request was stored: one malformed line fails all, and a body may be too large only as a whole.
  if ((status === 400 && isInfluxAnswer(error)) || status === 413) {
    if (lines.length === 1) return { ...NONE, setAside: [{ why: message, lines, count: 1 }] };
    return await halves(lines, send);
  }
  if (status === 422) return await partial(message, lines, send);
  throw new TryLater(status === 0 ? message : `${status}: ${message}`, retryAfterMs(error), error);
}

/** More dropped lines than this in one request are not told apart from the stored ones. */
const FEW = 32;

/** The server stored all lines but the dropped ones, and says their number and one reason. */
async function partial(
  message: string,
  lines: readonly string[],
  send: (part: readonly string[]) => Promise<Settled>,
): Promise<Settled> {
  const dropped = Math.min(Number(/dropped[= ](\d+)/.exec(message)?.[1] ?? lines.length), lines.length);
  if (/retention policy/.test(message)) return { ...NONE, sent: lines.length - dropped, tooOld: dropped };
  if (dropped === lines.length || dropped > FEW) {
    return { ...NONE, sent: lines.length - dropped, setAside: [{ why: message, lines, count: dropped }] };
  }
  // To send stored lines again changes nothing, and finds those that were dropped.
  return await halves(lines, send);
}

async function halves(lines: readonly string[], send: (part: readonly string[]) => Promise<Settled>): Promise<Settled> {
  const middle = Math.ceil(lines.length / 2);
  return sum([await send(lines.slice(0, middle)), await send(lines.slice(middle))]);
}

function sum(parts: readonly Settled[]): Settled {
  return {
    sent: parts.reduce((total, { sent }) => total + sent, 0),
    tooOld: parts.reduce((total, { tooOld }) => total + tooOld, 0),
    setAside: parts.flatMap(({ setAside }) => setAside),
  };
}

function answerOf(error: unknown): { status: number; message: string } {
  if (error instanceof HttpError) {
    return { status: error.statusCode, message: brief(error.message || error.statusMessage || 'no explanation') };
  }
  return { status: 0, message: brief(error instanceof Error ? error.message || error.name : String(error)) };
}

function brief(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)} ...` : text;
}

/** A 400 of a proxy between us says nothing about our lines. */
function isInfluxAnswer(error: unknown): boolean {
  return error instanceof HttpError && error.json !== undefined && 'code' in error.json;
}

/** The header is in seconds, or a date; the client's own `retryAfter()` takes the seconds for milliseconds. */
function retryAfterMs(error: unknown): number | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const header = error.headers?.['retry-after'];
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
