import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const Report = z.object({ diagnostics: z.array(z.object({ code: z.string() })) });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hepbench-lint-'));
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) cpSync(join(checkout, file), join(folder, file));
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The rules that `text`, planted at `path`, breaks. */
async function brokenRules(path: string, text: string): Promise<string[]> {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  const oxlint = join(checkout, 'node_modules/.bin/oxlint');
  const { stdout } = await execa(oxlint, ['--format', 'json', path], { cwd: folder, reject: false });
  return Report.parse(JSON.parse(stdout)).diagnostics.map(({ code }) => code);
}

test.each([
  ['process.exit', `export function stop(): void {\n  process.exit(1);\n}\n`, 'unicorn(no-process-exit)'],
  ['process.env', `export const home = process.env['HOME'];\n`, 'node(no-process-env)'],
  [
    'process by another name',
    `import { env } from 'node:process';\nexport const home = env['HOME'];\n`,
    'eslint(no-restricted-imports)',
  ],
])('%s is refused outside cli, core/config and core/python', async (_, text, rule) => {
  expect(await brokenRules('runners/planted.ts', text)).toEqual([rule]);
  expect(await brokenRules('core/engine/planted.ts', text)).toEqual([rule]);
});

test.each(['cli/a.ts', 'core/config/a.ts', 'core/python/a.ts'])(
  'process.env and process.exit are allowed in %s',
  async (path) => {
    const text = `export function stop(): void {\n  process.exit(process.env['CODE']);\n}\n`;
    expect(await brokenRules(path, text)).toEqual([]);
  },
);

test('folders are made by core/make-folders.ts alone', async () => {
  const of = (from: string, name: string) => `import { ${name} } from '${from}';\n${name}('a', { recursive: true });\n`;
  for (const [from, name] of [
    ['node:fs', 'mkdirSync'],
    ['node:fs', 'mkdir'],
    ['node:fs/promises', 'mkdir'],
  ] as const)
    expect(await brokenRules('results/a.ts', of(from, name))).toContain('eslint(no-restricted-imports)');
  expect(await brokenRules('core/make-folders.ts', of('node:fs', 'mkdirSync'))).toEqual([]);
});

test('what bench says passes cli/output.ts', async () => {
  const text = `process.stdout.write('a');\nprocess.stderr.write('b');\n`;
  const rule = 'eslint(no-restricted-properties)';
  for (const path of ['cli/commands/a.ts', 'core/a.ts', 'runners/a.ts'])
    expect(await brokenRules(path, text)).toEqual([rule, rule]);
  expect(await brokenRules('cli/output.ts', text)).toEqual([]);
});

test('rules that need types are at work', async () => {
  const text = `async function work(): Promise<void> {}\nexport function start(): void {\n  work();\n}\n`;
  expect(await brokenRules('core/a.ts', text)).toEqual(['typescript(no-floating-promises)']);
});
