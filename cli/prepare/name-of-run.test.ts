import { expect, test } from 'vitest';
import { nameOfRun } from './name-of-run.ts';

test('names of one second differ, and begin with their time', () => {
  const names = Array.from({ length: 50 }, () => nameOfRun('adl'));
  expect(new Set(names).size).toBe(50);
  for (const name of names) expect(name).toMatch(/^\d{8}-\d{6}-adl-[0-9a-f]{6}$/);
});
