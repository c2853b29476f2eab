// One clock for a whole run, that nobody can set: the wall clock when the run began, and the monotonic clock since. Each journal begins with the wall
// clock of its own beginning, as the other processes of its trial do, and says by how much that was set meanwhile.

/** Seconds since the epoch, by the wall clock of now, at which the monotonic clock was 0. */
export function epochNow(): number {
  return Date.now() / 1000 - performance.now() / 1000;
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
