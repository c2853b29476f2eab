import type { Point, Warmth } from '../model/event.ts';
import type { Record } from '../model/record.ts';

/** Right answer, complete journal, undisturbed timing: the trial may be counted, cold or warm. */
export function isSound(record: Record): boolean {
  return record.state === 'valid' && record.taints.length === 0;
}

/** Sound and warm: the trial enters medians, ratios and fits. Repeat 0 is the cold trial of its block. */
export function isEligible(record: Record): boolean {
  return isSound(record) && record.repeat > 0;
}

/** More workers than cores: shown, but kept out of fits and of what is recommended. */
export function isOversubscribed(record: Record): boolean {
  return record.flags.some(({ code }) => code === 'oversubscribed');
}

/** Suite parameters as one text, e.g. `loops=one queries=1,2`. */
export function parametersText(point: Point): string {
  const entries = Object.entries(point.parameters).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** What two trials have in common that ran the same thing on the same data. */
export function workKey(point: Point): string {
  return JSON.stringify([point.suite, point.backend, parametersText(point), point.files, point.fileBytes]);
}

/** What the points of one scaling curve have in common: all but the number of workers and how the work is cut. */
export function curveKey(point: Point): string {
  return JSON.stringify([workKey(point), point.runner, point.threadsPerWorker, point.startMethod]);
}

/** Identity of a point without its warmth. */
export function pointKey(point: Point): string {
  return JSON.stringify([curveKey(point), point.workers, point.tasks]);
}

/** The four axes of warmth as one text. */
export function warmthText(warmth: Warmth): string {
  return `process ${warmth.process}, code ${warmth.compiled}, page cache ${warmth.pageCache}, storage ${warmth.storage}`;
}
