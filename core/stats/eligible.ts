import { identityOf, type Point, textOfAxis } from '../model/axes.ts';
import type { Warmth } from '../model/event.ts';
import type { TrialRecord } from '../model/record.ts';

/** Right answer, complete journal, undisturbed timing: the trial may be counted, cold or warm. */
export function isSound(record: TrialRecord): boolean {
  return record.state === 'valid' && record.taints.length === 0;
}

/** Sound and warm: the trial enters medians, ratios and fits. Repeat 0 is the cold trial of its block. */
export function isEligible(record: TrialRecord): boolean {
  return isSound(record) && record.repeat > 0;
}

/** More workers than cores: shown, but kept out of fits and of what is recommended. */
export function isOversubscribed(record: TrialRecord): boolean {
  return record.flags.some(({ code }) => code === 'oversubscribed');
}

/** Suite parameters as one text, e.g. `loops=one queries=1,2`. */
export function parametersText(point: Point): string {
  return textOfAxis(point, 'parameters');
}

/** What two trials have in common that ran the same thing on the same data. */
export function workKey(point: Point): string {
  return identityOf(point, ['work']);
}

/** The same, whichever backend ran it: their answers are equal. */
export function answerKey(point: Point): string {
  return identityOf(point, ['work'], ['backend']);
}

/** What the points of one scaling curve have in common: all but the number of workers and how the work is cut. */
export function curveKey(point: Point): string {
  return identityOf(point, ['work', 'curve']);
}

/** Identity of a point without its warmth. */
export function pointKey(point: Point): string {
  return identityOf(point, ['work', 'curve', 'point']);
}

/** What points have in common that differ in the size of their data at most, and in how it is cut. */
export function sizesKey(point: Point): string {
  return identityOf(point, ['work', 'curve'], [...SIZE, 'tasks']);
}

/** Axes that make the size of the data. */
const SIZE = ['files', 'fileBytes', 'clone'] as const;

/** Bytes that a point reads if it reads all of every file as often as it is listed. */
export function dataBytes({ files, fileBytes, clone }: Point): number {
  return files * fileBytes * clone;
}

/** The four axes of warmth as one text. */
export function warmthText(warmth: Warmth): string {
  return `process ${warmth.process}, code ${warmth.compiled}, page cache ${warmth.pageCache}, storage ${warmth.storage}`;
}
