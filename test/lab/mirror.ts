import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A mirror of the package indexes on loopback, as a site has one: with a certificate that only the site's own authority vouches for. */
export interface Mirror {
  /** Of Python packages. */
  readonly index: string;
  /** Of npm packages. */
  readonly registry: string;
  readonly port: number;
  /** File with the certificate of the authority. */
  readonly authority: string;
  /** Names of the packages that were asked for, with the program that asked. */
  readonly asked: readonly string[];
  close(): void;
}

/** `folder` takes keys and certificates; `python` and npm know which indexes are mirrored. */
export async function startMirror(folder: string, python: string): Promise<Mirror> {
  const code = 'from pip._internal.models.index import PyPI; print(PyPI.simple_url)';
  const index = textOf(python, '-c', code);
  const registry = textOf('npm', 'config', 'get', 'registry');
  const path = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout'];
  openssl('req', '-x509', ...key, path('authority.key'), '-out', path('authority.pem'), '-subj', '/CN=authority');
  openssl('req', ...key, path('server.key'), '-out', path('server.csr'), '-subj', '/CN=mirror');
  execFileSync('sh', ['-c', 'printf "subjectAltName=IP:127.0.0.1" > "$0"', path('names')]);
  const by = ['-CA', path('authority.pem'), '-CAkey', path('authority.key'), '-CAcreateserial'];
  openssl('x509', '-req', '-in', path('server.csr'), ...by, '-extfile', path('names'), '-out', path('server.pem'));

  const asked: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', headers } = request;
    const [, kind, what = '', file = ''] = url.split('/');
    if (kind === 'simple') {
      asked.push(`${what} by ${String(headers['user-agent']).split('/')[0]}`);
      const page = await fetch(`${index}/${what}/`, { headers: { Accept: 'text/html' } });
      const text = (await page.text()).replaceAll(
        /href="(https:\/\/[^"]*\/)/g,
        (_, at: string) => `href="/file/${hex(at)}/`,
      );
      response.writeHead(page.status, { 'Content-Type': 'text/html' }).end(text);
      return;
    }
    if (kind === 'npm') {
      asked.push(`${decodeURIComponent(what)} by npm`);
      const page = await fetch(new URL(what, registry), { headers: { Accept: headers.accept ?? '*/*' } });
      const text = (await page.text()).replaceAll(
        /"tarball":\s*"(https?:\/\/[^"]*\/)/g,
        (_, at: string) => `"tarball":"${origin()}/file/${hex(at)}/`,
      );
      response.writeHead(page.status, { 'Content-Type': page.headers.get('content-type') ?? '' }).end(text);
      return;
    }
    const { range } = headers;
    const found = await fetch(`${fromHex(what)}${file}`, {
      method: request.method ?? 'GET',
      headers: range ? { range } : {},
    });
    const length = found.headers.get('content-length');
    response.writeHead(found.status, length === null ? {} : { 'Content-Length': length });
    if (found.body) await pipeline(found.body, response);
    else response.end();
  };
  const certificate = { key: readFileSync(path('server.key')), cert: readFileSync(path('server.pem')) };
  const server = createServer(certificate, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the mirror has no port');
    return address.port;
  };
  const origin = () => `https://127.0.0.1:${port()}`;
  return {
    index: `${origin()}/simple`,
    registry: `${origin()}/npm/`,
    port: port(),
    authority: path('authority.pem'),
    asked,
    close: () => server.close(),
  };
}

function textOf(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' }).trim();
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

function fromHex(text: string): string {
  return Buffer.from(text, 'hex').toString();
}
