import { closeSync, openSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BenchError, ExitCode, interrupted, systemCode, worstExitCode } from './errors.ts';

const codes = fc.array(fc.constantFrom(...Object.values(ExitCode)));

test('nothing went wrong gives 0', () => {
  expect(worstExitCode([])).toBe(0);
  expect(worstExitCode([0, 0])).toBe(0);
});

test('the precedence is 1, 130, 2, 3, 5, 4, 6, 7, 0', () => {
  const order = [1, 130, 2, 3, 5, 4, 6, 7, 0] as const;
  for (const [index, code] of order.entries()) expect(worstExitCode(order.slice(index).toReversed())).toBe(code);
});

test('the worst code is one that occurred, in whatever order, and combining in two steps changes nothing', () => {
  fc.assert(
    fc.property(codes, codes, (some, others) => {
      const worst = worstExitCode([...some, ...others]);
      expect([0, ...some, ...others]).toContain(worst);
      expect(worstExitCode([...others, ...some])).toBe(worst);
      expect(worstExitCode([worstExitCode(some), worstExitCode(others)])).toBe(worst);
    }),
  );
});

test('an error carries its code, hint, exit code and cause', () => {
  const cause = new Error('SIGINT');
  const error = interrupted(cause);
  expect(error).toBeInstanceOf(BenchError);
  expect(error).toMatchObject({ name: 'BenchError', code: 'interrupted', exitCode: 130, cause });
  expect(error.hint).not.toBe('');
  expect(interrupted()).not.toHaveProperty('cause');
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test('errors of disk and network have the code of the system, mistakes of ours have none though Node gives them one', () => {
  expect(systemCode(thrownBy(() => openSync('/nothing/here', 'r')))).toBe('ENOENT');
  const mistakes = [
    thrownBy(() => openSync(String.fromCodePoint(0), 'r')),
    thrownBy(() => Buffer.alloc(1).readUInt8(5)),
    thrownBy(() => closeSync(-1)),
  ];
  for (const mistake of mistakes) expect(mistake).toHaveProperty('code', expect.stringMatching(/^ERR_/));
  expect(mistakes.map(systemCode)).toEqual([undefined, undefined, undefined]);
});
