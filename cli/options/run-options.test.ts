import { Command } from 'commander';
import { expect, test } from 'vitest';
import { RawOptions, resolveRunConfig } from '../../core/config/run-config.ts';
import { RUN_OPTIONS } from './run-options.ts';

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
    sessions: 2,
    repeats: 3,
    fileBytes: [64e6],
  });
});

test('every flag of the table is declared once', () => {
  const names = RUN_OPTIONS.map(({ flag }) => flag.split(' ')[0]);
  expect(new Set(names).size).toBe(names.length);
});

test('flags reach the configuration under their names', () => {
  const config = resolveRunConfig(
    parsed('--param', 'queries=1', 'loops=one', '--no-watch', '--no-reference', '--scheduler-port', '8786'),
  );
  expect(config).toMatchObject({ watch: false, reference: false, schedulerPort: 8786 });
  expect([...config.parameters.keys()]).toEqual(['queries', 'loops']);
});
