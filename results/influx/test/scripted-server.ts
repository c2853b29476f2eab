import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { systemCode } from '../../../core/errors.ts';

export interface Request {
  readonly bucket: string;
  readonly lines: readonly string[];
}

/** Answers a write; without an answer the connection hangs. */
export type Script = (request: Request, response: ServerResponse) => void;

/** A server on loopback that answers writes as a test says: for what the real one does not do on demand. */
export async function serveScript(script: Script) {
  const requests: Request[] = [];
  let current = script;
  const server = createServer((incoming, response) => {
    void take(incoming, response);
  });
  async function take(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const bucket = new URL(incoming.url ?? '', 'http://x').searchParams.get('bucket') ?? '';
    const body = await bodyOf(incoming);
    if (body === undefined) return;
    const request = { bucket, lines: body.split('\n').filter((line) => line !== '') };
    requests.push(request);
    current(request, response);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    /** From now on answers by another script. */
    answer(next: Script) {
      current = next;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Undefined where the other side gave up before it had sent all. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk);
  } catch (error) {
    if (systemCode(error) === 'ECONNRESET') return undefined;
    throw error;
  }
  const body = Buffer.concat(chunks);
  return (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
}

/** An answer as InfluxDB words it. */
export function answer(status: number, message = '', headers: Readonly<Record<string, string>> = {}): Script {
  const code = {
    400: 'invalid',
    401: 'unauthorized',
    404: 'not found',
    413: 'request too large',
    422: 'unprocessable entity',
  };
  return (_request, response) => {
    const known = Object.entries(code).find(([name]) => Number(name) === status)?.[1] ?? 'internal error';
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(status === 204 ? undefined : JSON.stringify({ code: known, message }));
  };
}
