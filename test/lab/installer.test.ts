import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from '../../core/python/cache-folder.ts';
import { ensurePythonEnvironment } from '../../core/python/environment.ts';
import type { FaultCounter } from '../house/fault-watches.ts';
import { planted } from '../house/faults.ts';
import { checkout } from '../house/python.ts';
import { type Mirror, startMirror } from './mirror.ts';

// The sites of other people: a mirror of the package index, an own certificate authority, no network, and settings of pip and uv that
// were made for other work. The environment here is the installer and one small package, so that each is seconds.
const SMALL = 'toolz';

let folder: string;
let mirror: Mirror;
let python: string;
let cacheDir: string;
beforeAll(async () => {
  ({ python } = await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true }));
  folder = mkdtempSync(join(tmpdir(), 'hepbench-sites-'));
  const analyses = join(folder, 'analyses');
  cpSync(join(checkout, 'core'), join(folder, 'core'), { recursive: true });
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  mkdirSync(analyses);
  cpSync(join(checkout, 'analyses/requirements-uv.lock'), join(analyses, 'requirements-uv.lock'));
  const lock = readFileSync(join(checkout, 'analyses/requirements.lock'), 'utf8');
  const [only] = new RegExp(String.raw`^${SMALL}==(?:.*\\\n)+.*$`, 'm').exec(lock) ?? [];
  for (const name of ['requirements.lock', 'requirements-dev.lock']) writeFileSync(join(analyses, name), `${only}\n`);
  mirror = await startMirror(folder, python);
});
afterAll(() => {
  mirror.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  cacheDir = mkdtempSync(join(folder, 'cache-'));
});

/** Makes the environment as a user with these variables does, and imports the package. */
async function make(env: NodeJS.ProcessEnv) {
  const module = new URL(`file://${join(folder, 'core/python/environment.ts')}`).href;
  const program = `
    import { ensurePythonEnvironment } from ${JSON.stringify(module)};
    try {
      console.log((await ensurePythonEnvironment({ cacheDir: process.argv[1] })).python);
    } catch (error) {
      console.log(error.message, '|', error.hint);
      process.exitCode = error.exitCode ?? 1;
    }`;
  const home = join(cacheDir, 'home');
  const temporary = join(cacheDir, 'tmp');
  for (const made of [home, temporary]) mkdirSync(made, { recursive: true });
  const all = {
    TMPDIR: temporary,
    PATH: process.env['PATH'],
    HOME: home,
    UV_CACHE_DIR: join(cacheDir, 'uv'),
    PIP_CACHE_DIR: join(cacheDir, 'pip'),
    ...env,
  };
  const run = await execa(process.execPath, ['--input-type=module', '-e', program, cacheDir], {
    env: all,
    extendEnv: false,
    reject: false,
  });
  if (run.exitCode !== 0) return { exitCode: run.exitCode, said: run.stdout };
  const version = await execa(run.stdout, ['-I', '-c', `import ${SMALL}; print(${SMALL}.__name__)`], { reject: false });
  return { exitCode: run.exitCode, said: version.stdout };
}

const MADE = { exitCode: 0, said: SMALL };

/** The environment is there that the test made at the end, and nothing of a failed one beside it. */
function count(counter: FaultCounter): void {
  const there = readdirSync(join(cacheDir, 'python'));
  const whole = there.filter((name) => existsSync(join(cacheDir, 'python', name, 'ready')));
  counter.lost('environments', 1, 1 - whole.length);
  counter.left('files', there.length - whole.length + readdirSync(join(cacheDir, 'tmp')).length);
}

test('a mirror whose certificate nobody here knows is refused, and the hint names what makes it known', async () => {
  const counter = planted(
    'a connection is lost',
    'a mirror of packages has a certificate that nobody knows, then made known',
  );
  const unknown = await make({ PIP_INDEX_URL: mirror.index, PIP_RETRIES: '0' });
  expect(unknown).toMatchObject({
    exitCode: 3,
    said: expect.stringMatching(/pip install uv failed.*certificate.*SSL_CERT_FILE/is),
  });
  const before = mirror.asked.length;
  expect(await make({ PIP_INDEX_URL: mirror.index, SSL_CERT_FILE: mirror.authority })).toEqual(MADE);
  expect(mirror.asked.slice(before)).toEqual(expect.arrayContaining(['uv by pip', `${SMALL} by uv`]));
  count(counter);
});

test('a mirror and a certificate in the start file of pip serve pip and uv; whatever else stands in start files changes nothing', async () => {
  const counter = planted(
    'settings of the environment',
    'start files and variables of pip, uv and Python made for other work',
  );
  const home = join(cacheDir, 'home');
  mkdirSync(join(home, '.config/pip'), { recursive: true });
  mkdirSync(join(home, '.config/uv'));
  const elsewhere = join(folder, 'elsewhere');
  const lines = [
    '[global]',
    `index-url = ${mirror.index}`,
    `cert = ${mirror.authority}`,
    `target = ${elsewhere}`,
    'no-deps = true',
  ];
  writeFileSync(join(home, '.config/pip/pip.conf'), lines.join('\n'));
  writeFileSync(join(home, '.config/uv/uv.toml'), `offline = true\n[pip]\ntarget = ${JSON.stringify(elsewhere)}\n`);
  const set = { PIP_USER: '1', PIP_PREFIX: elsewhere, PYTHONPATH: folder, UV_OFFLINE: '1', UV_PYTHON: '3.9' };
  const before = mirror.asked.length;
  expect(await make(set)).toEqual(MADE);
  expect(mirror.asked.slice(before)).toEqual(expect.arrayContaining(['uv by pip', `${SMALL} by uv`]));
  expect(existsSync(elsewhere)).toBe(false);
  count(counter);
});

test('a folder of wheels is all that a machine without a network needs', async () => {
  const counter = planted('a connection is lost', 'no network while the environment is made, then a folder of wheels');
  const wheels = join(folder, 'wheels');
  const locks = ['requirements-uv.lock', 'requirements.lock'].flatMap((name) => ['-r', join(folder, 'analyses', name)]);
  // As docs/install.md says.
  await execa(python, [
    '-m',
    'pip',
    'download',
    '-q',
    '--require-hashes',
    '--only-binary',
    ':all:',
    ...locks,
    '-d',
    wheels,
  ]);
  expect(readdirSync(wheels).length).toBe(2);
  // Nothing listens on port 9: as without a network.
  const cut = { HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', PIP_RETRIES: '0' };
  const without = await make(cut);
  expect(without).toMatchObject({ exitCode: 3, said: expect.stringContaining('docs/install.md') });
  expect(await make({ ...cut, PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels })).toEqual(MADE);
  count(counter);
});
