import { createServer } from 'node:net';
import { expect } from 'vitest';
import { planted } from '../house/faults.ts';
import type { ErrorName } from '../house/hints.ts';
import type { Outcome } from './harness.ts';

export const CONTROL = ['--suite', 'control', '--sessions', '1', '--repeats', '1', '--workers', '1', '--no-reference'];
/** The cheapest run that there is. */
export const EMPTY = [...CONTROL, '--param', 'kind=empty'];

/** One hint, followed. */
export interface Row {
  readonly error: ErrorName | 'elsewhere';
  /** What the user does, in the words of test/house/hints.ts. */
  readonly what: string;
  readonly provoke: () => Promise<Outcome>;
  readonly hint: RegExp;
  /** Does what the hint says; `said` is its match. */
  readonly follow: (said: RegExpExecArray) => Promise<Outcome>;
  /** The fault of the surroundings that it is about, where it is one. */
  readonly fault?: Parameters<typeof planted>;
  /** What comes next, where the whole command cannot end well in a test: the error is passed all the same. */
  readonly next?: RegExp;
}

/** The command is refused with the hint, and doing what the hint says ends well, or comes to what is `next`. */
export async function expectToHelp({ provoke, hint, follow, next, fault }: Row): Promise<void> {
  if (fault) planted(...fault);
  const refused = await provoke();
  expect(refused.stderr).not.toContain('this is a bug');
  expect(refused.exitCode).not.toBe(0);
  const said = hint.exec(refused.stderr);
  if (!said) throw new Error(`the hint is not ${hint}: ${refused.stderr}`);
  const { exitCode, stdout, stderr } = await follow(said);
  expect(stderr).not.toMatch(hint);
  const ended = next ? next.test(stdout + stderr) : exitCode === 0;
  expect({ ended, exitCode, stderr }).toMatchObject({ ended: true });
}

/** A port of this machine that another program, this one, listens on until it ends. */
export async function listen(): Promise<number> {
  const server = createServer().unref();
  return await new Promise((resolve, reject) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('no port'));
    });
  });
}
