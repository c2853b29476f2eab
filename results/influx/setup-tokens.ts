import { createHash, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { AuthorizationsAPI } from '@influxdata/influxdb-client-apis';
import { systemCode } from '../../core/errors.ts';
import { makeFolders } from '../../core/make-folders.ts';
import { failed, needed, type Organisation, type SetupRequest, TIMEOUT_MS } from './setup-organisation.ts';

type Role = 'writer' | 'reader';
type Works = (setup: SetupRequest, bucket: string, token: string) => Promise<boolean>;

const ROLES: Readonly<Record<Role, { readonly action: 'write' | 'read'; readonly works: Works }>> = {
  writer: { action: 'write', works: takesLines },
  reader: { action: 'read', works: answers },
};

/** Keeps the token in its file while it works; the server tells the text of a token only when it makes it. */
export async function ensureToken(setup: SetupRequest, place: Organisation, role: Role): Promise<string> {
  const { tokenFolder, say } = setup;
  const path = resolve(tokenFolder, fileName(setup, role));
  // An older hepbench gave the token files of all buckets the same name. Such a file is used if its token works for these buckets; it is never overwritten.
  for (const known of [path, resolve(tokenFolder, `hepbench-${role}.token`)]) {
    const present = readFile(known);
    if (present === '' || !(await works(setup, place, role, present))) continue;
    onDisk(known, () => chmodSync(known, 0o600));
    say(`${role} token: works, in ${known}`);
    return known;
  }
  const api = new AuthorizationsAPI(place.server);
  const { orgID, buckets } = place;
  // The description names file and machine: the same setup on another machine makes a token of its own and leaves this one alone.
  const description = `hepbench ${role} of ${[...buckets.keys()].join(' and ')}, in ${path} on ${hostname()}`;
  const { action } = ROLES[role];
  const permissions = [...buckets.values()].map((id) => ({
    action,
    resource: { type: 'buckets' as const, id, orgID },
  }));
  const made = await api.postAuthorizations({ body: { orgID, description, permissions } });
  const authID = needed(made.id, 'the identity of the new token');
  try {
    const token = needed(made.token, 'the text of the new token');
    if (!(await works(setup, place, role, token)))
      throw failed('influx-odd-answer', `a new ${role} token does not work`);
    onDisk(path, () => writeToken(tokenFolder, path, token));
  } catch (error) {
    // Nobody has it: a token that is not in a file is of no use.
    await api.deleteAuthorizationsID({ authID });
    throw error;
  }
  const { authorizations = [] } = await api.getAuthorizations({ orgID });
  const old = authorizations.filter((one) => one.description === description && one.id !== authID);
  for (const { id } of old) await api.deleteAuthorizationsID({ authID: needed(id, 'the identity of a token') });
  say(`${role} token: made, in ${path}${old.length > 0 ? '; the one before it is deleted on the server' : ''}`);
  return path;
}

/** Says what the token is for, and no two places share one: a server, an organisation and two buckets in it. */
function fileName({ url, org, bucket, rawBucket }: SetupRequest, role: Role): string {
  const key = createHash('sha256')
    .update(JSON.stringify([url, org, bucket, rawBucket]))
    .digest('hex')
    .slice(0, 8);
  return `hepbench-${role}-${bucket.replaceAll(/[^\w.-]/g, '_').slice(0, 64)}-${key}.token`;
}

async function works(setup: SetupRequest, { buckets }: Organisation, role: Role, token: string): Promise<boolean> {
  for (const bucket of buckets.keys()) if (!(await ROLES[role].works(setup, bucket, token))) return false;
  return true;
}

/** Whether the token may write: an empty request says so, and stores nothing. */
async function takesLines({ url, org }: SetupRequest, bucket: string, token: string): Promise<boolean> {
  const query = new URLSearchParams({ org, bucket, precision: 'us' });
  return (await ask(`${url}/api/v2/write?${query}`, token, { method: 'POST', body: '' })) !== undefined;
}

/** Whether the token may read. SHOW MEASUREMENTS would not do: it is as empty for a bucket that may not be read. */
async function answers({ url }: SetupRequest, bucket: string, token: string): Promise<boolean> {
  const query = new URLSearchParams({ db: bucket, q: 'SELECT * FROM hepbench_nothing' });
  const text = await ask(`${url}/query?${query}`, token, {});
  return text !== undefined && !text.includes('"error"');
}

/** The answer's text; undefined when the token is not good for what is asked. */
async function ask(url: string, token: string, request: RequestInit): Promise<string | undefined> {
  const headers = { Authorization: `Token ${token}` };
  const response = await fetch(url, { ...request, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  if ([401, 403, 404].includes(response.status)) return undefined;
  if (!response.ok) throw failed('influx-refused', `InfluxDB answers ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

function readFile(path: string): string {
  const text = onDisk(path, () => (existsSync(path) ? readFileSync(path, 'utf8').trim() : ''));
  // Anything else than a token cannot be put into a header.
  return /^[\x21-\x7e]+$/.test(text) ? text : '';
}

/** In one step, and at no moment readable for others. A folder that is there keeps its mode. */
function writeToken(folder: string, path: string, token: string): void {
  makeFolders(folder, 0o700);
  const part = `${path}.${randomUUID()}`;
  try {
    writeFileSync(part, `${token}\n`, { flag: 'wx', mode: 0o600, flush: true });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function onDisk<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const why = systemCode(error) ?? String(error);
    throw failed('token-file-unusable', `${path}: ${why}`, 'give another --token-folder, or its rights to you', error);
  }
}
