import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkout, developmentPython } from '../house/python.ts';
import { recordsIn } from '../system/harness.ts';
import { type Account, openAccount, UID } from './account.ts';
import { type Mirror, startMirror } from './mirror.ts';

// From the README to a first report, by its commands and those of docs/install.md alone, as a user without rights of a machine that
// has no network but the mirrors of its site, and a quota of 1.5 cores.
const NOBODY = 54_321;
const INSTALL = 'docs/install.md';
/** As short as a report with every kind of trial can be made. */
const DATA = '--files 2 --file-size 4MB';
const SHORT = `--backend rdataframe --param queries=6 ${DATA} --sessions 1 --repeats 1`;
const SHORTER = '--suite control --sessions 1 --repeats 1';

let folder: string;
let mirror: Mirror;
let account: Account;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-account-'));
  mirror = await startMirror(folder, await developmentPython());
  account = await openAccount(folder, mirror.port, 1.5);
  copyFileSync(mirror.authority, join(account.folder, 'authorities.pem'));
  // As it is now, with what is not committed yet.
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim();
  const repository = join(account.folder, 'hepbench.git');
  git('init', '-q', '--bare', '-b', 'main', repository);
  git('-C', repository, 'config', 'receive.shallowUpdate', 'true');
  git('push', '-q', repository, `${git('stash', 'create') || 'HEAD'}:refs/heads/main`);
  execFileSync('chown', ['-R', `${UID}:${UID}`, repository]);
});
afterAll(() => {
  account.close();
  mirror.close();
  rmSync(folder, { recursive: true });
});

/** The commands below a heading of a document, line by line. */
function commandsOf(document: string, heading: string): string[] {
  const text = readFileSync(join(checkout, document), 'utf8');
  const [, below = ''] = text.split(`\n## ${heading}\n`);
  const blocks = below.split(/^## /m)[0]?.matchAll(/^```sh\n(.*?)^```/gms) ?? [];
  return [...blocks].flatMap(([, lines = '']) => lines.trim().split('\n'));
}

/** A command of a document with what a reader puts in the place of an example. */
function filled(command: string | undefined, places: { readonly [example: string]: string }): string {
  let text = (command ?? '').replace(/ +#.*/, '');
  for (const [example, value] of Object.entries(places)) {
    if (!text.includes(example)) throw new Error(`no ${example} in the command of the document: ${text}`);
    text = text.replaceAll(example, value);
  }
  return text;
}

/** What a site with mirrors and an authority of its own sets. */
function siteCommands(): string[] {
  const [registry, npmAuthority, index, authority] = commandsOf(INSTALL, 'What they are told');
  const authorities = { '/path/to/authorities.pem': `${account.home}/authorities.pem` };
  return [
    filled(registry, { 'https://mirror.example.org/npm/': mirror.registry }),
    filled(npmAuthority, authorities),
    filled(index, { 'https://mirror.example.org/simple': mirror.index }),
    filled(authority, authorities),
  ];
}

test('a command that has gone from the documents is missed', () => {
  expect(() => filled(commandsOf('README.md', 'No such heading')[0], { 'npm ci': '' })).toThrow('no npm ci in');
});

test('with mirrors, an authority of the site and 1.5 cores the commands of the README end with a report whose numbers hold', async () => {
  const [clone] = commandsOf(INSTALL, 'Without a network');
  const [first] = commandsOf('README.md', 'Two commands');
  const { exitCode, output } = await account.run(
    [
      // As docs/install.md asks of a group that shares a cache.
      'umask 002',
      // As cautious sites have it for all their users.
      'npm config set ignore-scripts true',
      ...siteCommands(),
      filled(clone, { '...': `${account.home}/hepbench.git`, ' && npm ci': '' }),
      `${filled(first, { 'npm ci && npm run bench': 'npm ci && npm run bench' })} -- ${SHORT}`,
    ].join('\nset -e\n'),
  );
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('report: ') });
  expect(output).toContain('2 workers on 1.5 cores: oversubscribed');
  expect(mirror.asked).toEqual(expect.arrayContaining(['zod by npm', 'uv by pip', 'root by uv']));
  const experiment = experimentIn(output);
  expect(readFileSync(join(experiment, 'report.html'), 'utf8')).toContain('cpuQuotaCores');
  const { environment } = JSON.parse(readFileSync(join(experiment, 'experiment.json'), 'utf8'));
  expect(environment).toMatchObject({ cpuQuotaCores: 1.5, uncommittedChanges: false, commit: expect.any(String) });
  const records = recordsIn(experiment);
  const kinds = records.map(({ point, state, flags }) => ({
    workers: point.runner === 'serial' ? 0 : point.workers,
    state,
    flags: flags.map(({ code }) => code).filter((code) => code === 'oversubscribed'),
  }));
  const valid = (workers: number, ...flags: readonly string[]) => ({ workers, state: 'valid', flags });
  expect(new Set(kinds.map((kind) => JSON.stringify(kind)))).toEqual(
    new Set([valid(0), valid(1), valid(2, 'oversubscribed')].map((kind) => JSON.stringify(kind))),
  );
}, 600_000);

test('data in the cache of another user are used, and made by those of its group; whoever may only read is told so', async () => {
  await account.run(`mkdir -m 777 scratch; chmod 755 .cache; chmod -R g+w .cache/hepbench`);
  const env = { HOME: `${account.home}/scratch`, BENCH_CACHE: `${account.home}/.cache/hepbench` };
  const as = { uid: NOBODY, cwd: join(account.home, 'hepbench'), env };
  const generate = (size: string) => `umask 002; npm run -s bench -- datasets generate ${size}`;
  expect(await account.run(generate(DATA), as)).toMatchObject({ exitCode: 0 });
  const other = generate('--files 1 --events 2k');
  const refused = await account.run(other, as);
  expect(refused).toMatchObject({
    exitCode: 3,
    output: expect.stringContaining('check that BENCH_CACHE names a folder which this user can read and write'),
  });
  expect(await account.run(other, { ...as, gid: UID })).toMatchObject({ exitCode: 0 });
  expect(await account.run(other, as)).toMatchObject({ exitCode: 0 });
}, 600_000);

test('a limit of processes is named, and fewer workers fit', async () => {
  const run = (limit: number, workers: number) =>
    account.run(`ulimit -u ${limit}; npm run -s bench -- ${SHORTER} --workers ${workers}`, {
      cwd: join(account.home, 'hepbench'),
    });
  expect(await run(100, 16)).toMatchObject({
    exitCode: 3,
    output: expect.stringMatching(/of 100 that this user may have are left, 185 needed .*\n.*\(ulimit -u\)/),
  });
  expect(await run(100, 1)).toMatchObject({ exitCode: 0 });
});

test('a cache from which nothing may be executed is seen before anything is made', async () => {
  const command = 'BENCH_CACHE=/tmp/cache npm run -s bench -- doctor';
  expect(await account.run(command, { cwd: join(account.home, 'hepbench') })).toMatchObject({
    exitCode: 3,
    output: expect.stringMatching(/MISSING {2}cache folder: no program may be executed .*\n.*BENCH_CACHE/),
  });
});

test('a checkout that was carried to a machine without a network runs from its wheels, as a user in no list who may not write it', async () => {
  const [, ...fetching] = commandsOf(INSTALL, 'Without a network');
  const run = fetching.pop();
  const [home, elsewhere] = commandsOf(INSTALL, 'In a container or a batch slot');
  const fetched = await account.run([...siteCommands(), ...fetching].join('\nset -e\n'), {
    cwd: join(account.home, 'hepbench'),
    // This is another machine, of which the document asks no more than a network.
    env: { TMPDIR: account.home },
  });
  expect(fetched).toMatchObject({ exitCode: 0 });
  await account.run('mv hepbench carried && rm -rf .cache && mkdir -m 777 scratch/me');
  const before = mirror.asked.length;
  const places = { '/scratch/me': `${account.home}/scratch/me` };
  const results = filled(elsewhere, { ...places, 'npm run bench -- ': '' });
  const commands = [
    filled(home, places),
    `${filled(run, { 'npm run bench': 'npm run bench' })} -- ${results} ${SHORTER}`,
  ];
  // Proxies that answer nobody: no command needs them, and no process of ours is reached through them.
  const proxies = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' };
  const env = { HOME: undefined, USER: undefined, ...proxies };
  const as = { uid: NOBODY, cwd: join(account.home, 'carried'), env };
  const { exitCode, output } = await account.run(commands.join('\n'), as);
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('report: ') });
  expect(mirror.asked.length).toBe(before);
  const { environment } = JSON.parse(readFileSync(join(experimentIn(output), 'experiment.json'), 'utf8'));
  expect(environment).toMatchObject({ uncommittedChanges: false, commit: expect.any(String) });
}, 600_000);

/** The folder that the account says its report is in, as it is called outside. */
function experimentIn(output: string): string {
  const [, path = ''] = /^report: (.*)\/report\.html$/m.exec(output) ?? [];
  return path.replace(account.home, account.folder);
}
