// Checks or formats the Python code: `node test/house/python-lint.ts check|format`.
import { execa } from 'execa';

import { analyses, checkout, developmentPython } from './python.ts';

const python = await developmentPython();

async function run(command: string, ...args: string[]): Promise<boolean> {
  const result = await execa(command, args, {
    cwd: analyses,
    stdio: 'inherit',
    reject: false,
    preferLocal: true,
    localDir: checkout,
  });
  // A tool that could not be started says nothing itself.
  if (result.exitCode === undefined) console.error(result.shortMessage);
  return !result.failed;
}

const ruff = (...args: string[]) => run(python, '-m', 'ruff', ...args);
const mode = process.argv[2];
let good: boolean;
if (mode === 'format') {
  const fixed = await ruff('check', '--fix');
  good = (await ruff('format')) && fixed;
} else if (mode === 'check') {
  const checks = [await ruff('check'), await ruff('format', '--check'), await run('pyright', '--pythonpath', python)];
  good = checks.every(Boolean);
} else {
  throw new Error(`say check or format, not ${mode}`);
}
if (!good) process.exit(1);
