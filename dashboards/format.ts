const PREFIXES = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
  [1e-9, 'n'],
] as const;

const NARROW_SPACE = '\u202f';
const MIB = 1024 * 1024;

/** What stands for a number that is missing. */
export const ABSENT = '—';

function significant(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const digits = rounded === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(rounded))));
  return rounded.toFixed(digits).replace('-', '−');
}

/** Thousandths of what is counted or a ratio read badly, and `mevents` as millions. */
function smallestFor(unit: string): number {
  return unit === '' || unit.startsWith('core') || unit.startsWith('events') ? 1e-3 : 1;
}

function prefixOf(value: number, largest: number): readonly [number, string] {
  // 999.9 is written as 1.00 k, so the rounded value decides.
  const size = Math.abs(Number(value.toPrecision(3)));
  return PREFIXES.find(([factor]) => factor <= largest && size >= factor) ?? (size === 0 ? [1, ''] : [1e-9, 'n']);
}

/** A number with SI prefix and three significant digits, e.g. `1.23 Mevents/s`; seconds get no prefix above one. */
export function formatSi(value: number, unit = ''): string {
  const size = Math.abs(value);
  const plain = size < 1 && size >= smallestFor(unit);
  const [factor, prefix] = plain ? ([1, ''] as const) : prefixOf(value, /^s\b/.test(unit) ? 1 : 1e12);
  const suffix = `${prefix}${unit}`;
  return suffix === '' ? significant(value) : `${significant(value / factor)}${NARROW_SPACE}${suffix}`;
}

/** A tick label: SI prefix, without trailing zeros. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  const [factor, prefix] = size < 1 && size >= 1e-3 ? ([1, ''] as const) : prefixOf(value, 1e12);
  const number = String(Number((value / factor).toPrecision(3))).replace('-', '−');
  return prefix === '' ? number : `${number}${NARROW_SPACE}${prefix}`;
}

/** A ratio in per cent with three significant digits at most, e.g. `84.8 %`. */
export function formatPercent(ratio: number): string {
  return `${(ratio * 100).toFixed(1).replace('-', '−')}${NARROW_SPACE}%`;
}

/** Memory in whole MiB, as it is asked for in a configuration. */
export function formatMib(bytes: number): string {
  return `${Math.round(bytes / MIB)}${NARROW_SPACE}MiB`;
}

/** `1 trial`, `2 trials`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A way of writing the numbers of one axis or column. */
export type Unit = 'events/s' | 'B' | 'B/s' | 's' | 's/Mevent' | 'core-s' | 'cores' | 'percent' | 'ratio';

/** A number in its unit, three significant digits. */
export function formatIn(value: number, unit: Unit): string {
  if (unit === 'percent') return formatPercent(value);
  if (unit === 'ratio') return formatSi(value);
  return formatSi(value, unit);
}

/** A moment of a trial, to a hundredth of a second at least: late in a long one three digits would tell no two tasks apart. */
export function formatMoment(seconds: number): string {
  if (Math.abs(seconds) < 10) return formatIn(seconds, 's');
  return `${seconds.toFixed(2).replace('-', '−')}${NARROW_SPACE}s`;
}

/** Seconds as a short duration, e.g. `3 min 20 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
