import type { Warmth } from '../model/event.ts';
import type { Reason } from '../model/record.ts';
import type { EventLog } from './event-log.ts';

/**
 * Share of the files' pages that may be in the other state than the one that the point claims: as much as T itself varies by between
 * quiet sessions, and more than the few pages that the kernel reads ahead while the share is taken.
 */
const OTHERWISE = 0.05;

/** Whether the page cache was what the point says. Nothing is said where that was not measured, or where nothing is claimed. */
export function pageCacheTaints(log: EventLog, claimed: Warmth['pageCache']): Reason[] {
  const ratio = log
    .all('environment')
    .map(({ facts }) => facts['pageCacheResidentRatio'])
    .find((value) => typeof value === 'number');
  if (ratio === undefined) return [];
  const seen = `${(100 * ratio).toFixed(1)} % of the data were in the page cache before the trial`;
  if (claimed === 'warm' && ratio < 1 - OTHERWISE)
    return [{ code: 'PAGE_CACHE_NOT_WARM', message: `${seen}, at least 95 % are needed: ${ROOM}` }];
  if (claimed === 'cold' && ratio > OTHERWISE)
    return [{ code: 'PAGE_CACHE_NOT_COLD', message: `${seen}, at most 5 % may be: ${DISK}` }];
  return [];
}

const ROOM = 'end other programs, use less data, or give --page-cache uncontrolled';
const DISK = 'give a folder on a disk with BENCH_CACHE, or --page-cache uncontrolled';
