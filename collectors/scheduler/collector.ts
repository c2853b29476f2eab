import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { parseScheduler } from './parse.ts';

const TIMEOUT_MS = 2_000;

/** The Dask scheduler's own counters. */
export const scheduler: Collector = {
  name: 'scheduler',
  summary: 'tasks and workers by state, spilling and transfers, from the pages of the Dask scheduler',
  async start({ schedulerHttp, intervalSeconds }, emit) {
    if (schedulerHttp === null) return async () => {};
    return poll(intervalSeconds, async () => {
      const response = await fetch(`${schedulerHttp}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${schedulerHttp}/metrics answered ${response.status}`);
      emit({
        type: 'sample',
        collector: 'scheduler',
        target: 'scheduler',
        values: parseScheduler(await response.text()),
      });
    });
  },
};
