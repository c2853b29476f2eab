import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cacheFolder } from './cache-folder.ts';
import { ensurePythonEnvironment } from './environment.ts';
import { installerOf, pipSettings, settingsOf } from './installer.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const NONE = new Map<string, string>();

test('settings of pip are read from files and variables, of which the variables weigh most', () => {
  const listed = [
    `:env:.index-url='https://env/simple'`,
    `global.index-url='https://global/simple'`,
    `global.find-links='\\n/one\\n/two'`,
    `install.trusted-host='mirror'`,
    `global.trusted-host='other'`,
    `global.target='/elsewhere'`,
    'nonsense',
  ].join('\n');
  expect(Object.fromEntries(pipSettings(listed))).toEqual({
    'index-url': 'https://env/simple',
    'find-links': '/one /two',
    'trusted-host': 'mirror',
    target: '/elsewhere',
  });
});

test('a mirror of pip serves uv as well, and nothing is said of other settings', () => {
  const pip = new Map([
    ['index-url', 'https://u:p@mirror/simple'],
    ['target', '/elsewhere'],
    ['user', '1'],
  ]);
  const { env, options } = settingsOf(pip, { PATH: '/bin', HOME: '/h', PIP_USER: '1', UV_PYTHON: '3.9' }, undefined);
  expect(env).toEqual({
    PATH: '/bin',
    HOME: '/h',
    PIP_CONFIG_FILE: '/dev/null',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_INDEX_URL: 'https://u:p@mirror/simple',
    UV_NO_CONFIG: '1',
    UV_DEFAULT_INDEX: 'https://u:p@mirror/simple',
    UV_INDEX_STRATEGY: 'unsafe-best-match',
  });
  expect(options).toEqual([]);
});

test('folders of wheels serve both, without any index where pip is to use none', () => {
  const pip = new Map([
    ['find-links', '/one /two'],
    ['no-index', 'true'],
  ]);
  const { env, options } = settingsOf(pip, {}, undefined);
  expect([env['PIP_FIND_LINKS'], env['UV_FIND_LINKS'], options]).toEqual(['/one /two', '/one,/two', ['--no-index']]);
  expect(settingsOf(new Map([['no-index', 'false']]), {}, undefined).options).toEqual([]);
});

test.each([
  [{ SSL_CERT_FILE: '/mine', REQUESTS_CA_BUNDLE: '/theirs' }, NONE, '/mine'],
  [{ REQUESTS_CA_BUNDLE: '/theirs' }, NONE, '/theirs'],
  [{ CURL_CA_BUNDLE: '/theirs' }, new Map([['cert', '/of-pip']]), '/of-pip'],
  [{}, NONE, '/of-the-system'],
])('certificates for both installers of %j', (given, pip, expected) => {
  const { env } = settingsOf(pip, given, '/of-the-system');
  expect([env['PIP_CERT'], env['SSL_CERT_FILE']]).toEqual([expected, expected]);
});

test('a proxy and the variables of uv itself reach uv', () => {
  const given = { https_proxy: 'http://p:1', UV_DEFAULT_INDEX: 'https://uv/simple', UV_HTTP_TIMEOUT: '300' };
  const pip = new Map([['index-url', 'https://pip/simple']]);
  expect(settingsOf(pip, given, undefined).env).toMatchObject({ ...given, PIP_INDEX_URL: 'https://pip/simple' });
  expect(settingsOf(new Map([['proxy', 'http://q:2']]), {}, undefined).env).toMatchObject({
    PIP_PROXY: 'http://q:2',
    HTTPS_PROXY: 'http://q:2',
  });
});

test('start files of pip are read, and one that it cannot read is named', async () => {
  const { python } = await ensurePythonEnvironment({ cacheDir: cacheFolder(), dev: true });
  mkdirSync(join(home, '.config/pip'), { recursive: true });
  const file = join(home, '.config/pip/pip.conf');
  writeFileSync(file, '[global]\nindex-url = https://mirror/simple\n');
  expect((await installerOf(python, { HOME: home })).env['UV_DEFAULT_INDEX']).toBe('https://mirror/simple');
  writeFileSync(file, 'index-url = https://mirror/simple');
  await expect(installerOf(python, { HOME: home })).rejects.toMatchObject({
    code: 'python-setup-failed',
    message: expect.stringMatching(/pip config list failed.*pip\.conf/s),
  });
});
