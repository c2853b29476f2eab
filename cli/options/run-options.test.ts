import { Command } from 'commander';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { RawOptions, resolveRunConfig } from '../../core/config/run-config.ts';
import { GROUPS, RUN_OPTIONS, titleOf } from './run-options.ts';

function parsed(...args: readonly string[]): RawOptions {
  const command = new Command();
  for (const option of RUN_OPTIONS)
    command.option(option.flag, option.summary, 'default' in option ? option.default : undefined);
  return RawOptions.parse(command.parse([...args], { from: 'user' }).opts());
}

test('the defaults of the table are themselves valid', () => {
  expect(resolveRunConfig(parsed())).toMatchObject({
    suite: 'adl',
    workers: [1, 2],
    sessions: 3,
    repeats: 1,
    fileBytes: [32e6],
  });
});

test('every flag of the table is declared once', () => {
  const names = RUN_OPTIONS.map(({ flag }) => flag.split(' ')[0]);
  expect(new Set(names).size).toBe(names.length);
});

test('flags reach the configuration under their names', () => {
  const config = resolveRunConfig(
    parsed('--param', 'queries=1', 'loops=one', '--no-watch', '--no-reference', '--runner', 'elsewhere'),
  );
  expect(config).toMatchObject({ watch: false, reference: false, runner: 'elsewhere' });
  expect([...config.parameters.keys()]).toEqual(['queries', 'loops']);
});

test('help shows every option under its group, in the order of the groups', async () => {
  const { stdout } = await execa(process.execPath, ['cli/program.ts', 'run', '--help'], { env: { COLUMNS: '80' } });
  const sections = stdout.split(/^(?=[A-Z][\w ]+:$)/m).slice(1);
  const groupOf = (flag: string) => sections.find((text) => new RegExp(`^  ${flag.split(' ')[0]}\\b`, 'm').test(text));
  for (const { flag, group } of RUN_OPTIONS) expect(groupOf(flag)).toMatch(new RegExp(`^${titleOf(group)}`));
  const headings = sections.map((text) => text.split('\n')[0]);
  expect(headings).toEqual([...GROUPS.map(titleOf), 'InfluxDB:', 'Prometheus:', 'Options:']);
});

test('--version tells version and commit, and says where the commit is not known', async () => {
  const { stdout } = await execa(process.execPath, ['cli/program.ts', '--version']);
  expect(stdout).toMatch(/^hepbench \d+\.\d+\.\d+ \(commit ([0-9a-f]{12}(, with changes)?|unknown: .*)\)$/);
  const elsewhere = await execa(process.execPath, ['cli/program.ts', '-V'], { env: { PATH: '/nowhere' } });
  expect(elsewhere.stdout).toBe(`${stdout.split(' (')[0]} (commit unknown: git does not tell it)`);
});

test('what is thrown in a callback, where nobody waits for it, ends in the one place that explains errors', async () => {
  const planted = `data:text/javascript,process.once('beforeExit', () => { throw new Error('planted') })`;
  const { exitCode, stderr } = await execa(
    process.execPath,
    ['--import', planted, 'cli/program.ts', 'list', 'suites'],
    {
      reject: false,
    },
  );
  expect({ exitCode, stderr }).toEqual({
    exitCode: 1,
    stderr: expect.stringMatching(/^bench: this is a bug, please report it\nError: planted\n/),
  });
});

test('a full disk under the output is told, with an exit code of its own', async () => {
  const command = `"${process.execPath}" cli/program.ts list suites > /dev/full`;
  const { exitCode, stderr } = await execa('sh', ['-c', command], { reject: false });
  expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: 'bench: standard output cannot be written: ENOSPC' });
});
