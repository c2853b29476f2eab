import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { parseScheduler } from './parse.ts';

const TIMEOUT_MS = 2_000;

/** The Dask scheduler's own counters. */
export const scheduler: Collector = {
  name: 'scheduler',
  summary: 'tasks and workers by state, spilling and transfers, from the pages of the Dask scheduler',
  async start({ schedulerHttp, intervalSeconds }, emit, tell) {
    if (schedulerHttp === null) return async () => {};
    const page = `${schedulerHttp}/metrics`;
    const read = async () => {
      const response = await fetch(page, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${page} answered ${response.status}`);
      const values = parseScheduler(await response.text());
      if (Object.keys(values).length === 0)
        throw new Error(`${page} says nothing of Dask: is prometheus_client installed where the scheduler runs?`);
      emit({ type: 'sample', collector: 'scheduler', target: 'scheduler', values });
    };
    return poll(intervalSeconds, read, tell);
  },
};
