import { ABSENT, formatDuration, formatSi } from '../format.ts';

/** The state of a running experiment; null stands for what is not known yet. */
export interface Progress {
  /** Trials. */
  readonly done: number;
  readonly total: number;
  /** What is running, in words. */
  readonly current: string;
  readonly eventsPerSecond: number | null;
  readonly workers: number | null;
  readonly secondsLeft: number | null;
}

const BAR = 16;

/** One line about a running experiment, at most `columns` characters wide and without a newline. */
export function progressLine(
  { done, total, current, eventsPerSecond, workers, secondsLeft }: Progress,
  columns = 80,
): string {
  const full = total > 0 ? Math.round((BAR * Math.min(done, total)) / total) : 0;
  const facts = [
    `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${done}/${total}`,
    `${workers ?? ABSENT} workers`,
    eventsPerSecond === null ? `${ABSENT} events/s` : formatSi(eventsPerSecond, 'events/s').replaceAll('\u202f', ' '),
    secondsLeft === null ? `${ABSENT} left` : `${formatDuration(secondsLeft)} left`,
  ].join('  ');
  const room = columns - facts.length - 2;
  if (room >= current.length) return `${facts}  ${current}`;
  return room > 4 ? `${facts}  ${current.slice(0, room - 1)}…` : facts.slice(0, columns);
}
