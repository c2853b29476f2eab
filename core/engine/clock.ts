// One clock for a whole run, that nobody can set: the wall clock when the run began, and the monotonic clock since. Each journal begins with the wall
// clock of its own beginning, as the other processes of its trial do, and says by how much that was set meanwhile.

const READINGS = 5;

/**
 * Seconds since the epoch, by the wall clock of now, at which the monotonic clock was 0. Of several readings the quickest counts: on a busy
 * machine the process may have to wait for a core between the two clocks.
 */
export function epochNow(wall = () => Date.now() / 1000, monotonic = () => performance.now() / 1000): number {
  let [epoch, quickest] = [0, Infinity];
  for (let reading = 0; reading < READINGS; reading++) {
    const before = monotonic();
    const there = wall();
    const after = monotonic();
    if (after - before >= quickest) continue;
    [epoch, quickest] = [there - (before + after) / 2, after - before];
  }
  return epoch;
}

let epochOfRun = epochNow();

/** The date, on the clock of the run, of a reading of the monotonic clock in seconds. */
export function onClockOfRun(monotonicSeconds: number): number {
  return epochOfRun + monotonicSeconds;
}

/** A run that goes on began before, on a clock that had come to `latest`: where the wall clock was set back since, that of the run is not. */
export function continueClock(latest: number): void {
  epochOfRun = Math.max(epochOfRun, latest - performance.now() / 1000);
}
