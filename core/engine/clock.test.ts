import { expect, test } from 'vitest';
import { epochNow } from './clock.ts';

test('a process that must wait for a core between its two clocks has the epoch of its other readings', () => {
  let [seconds, readings] = [10, 0];
  const monotonic = () => (seconds += 1e-6);
  const wall = () => {
    // As long as a core is lent to another process, in the first readings and beside the last.
    if (readings++ !== 3) seconds += 0.05;
    return 1000 + seconds;
  };
  expect(epochNow(wall, monotonic)).toBeCloseTo(1000, 5);
  expect(epochNow()).toBeCloseTo(performance.timeOrigin / 1000, 0);
});
