import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { BenchError, ExitCode, systemCode } from '../../core/errors.ts';

export interface Page {
  readonly contentType: string;
  page(): Promise<string>;
}

export interface PageServer {
  /** Address without a path. */
  readonly url: string;
  /** Lets answers that are under way end within `ms`, then closes every connection. */
  close(ms: number): Promise<void>;
}

/** Serves `GET /metrics` and `GET /health`; port 0 takes any free one. Rejects with a BenchError when it cannot listen. */
export async function servePage(page: Page, host: string, port: number): Promise<PageServer> {
  const underWay = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const answered = Promise.all([answer(page, request, response), once(response, 'close')]);
    underWay.add(answered);
    void answered.catch(() => response.destroy()).finally(() => underWay.delete(answered));
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen(host, port, error);
  }
  // An open page alone does not keep `bench` from ending.
  server.unref();
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    async close(ms) {
      const closed = new Promise((resolve) => server.close(resolve));
      await Promise.race([Promise.allSettled(underWay), after(ms)]);
      // A scraper that keeps its connection, or never reads, is not waited for.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(page: Page, { method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = url?.split('?')[0];
  if (path !== '/metrics' && path !== '/health') return say(response, 404, 'not here: see /metrics\n');
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return say(response, 405, 'only to be read\n');
  }
  if (path === '/health') return say(response, 200, 'ok\n');
  try {
    say(response, 200, await page.page(), page.contentType);
  } catch (error) {
    say(response, 500, `${String(error)}\n`);
  }
}

function say(response: ServerResponse, status: number, text: string, type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

async function after(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function cannotListen(host: string, port: number, cause: unknown): BenchError {
  const why = systemCode(cause);
  return new BenchError({
    code: why === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen',
    message: `the metrics page cannot listen on ${host}, port ${port}: ${why === 'EADDRINUSE' ? 'it is in use' : String(cause)}`,
    hint: 'end what listens there, or give another --metrics-port (0 takes any free one) or --metrics-host',
    exitCode: ExitCode.environment,
    cause,
  });
}
