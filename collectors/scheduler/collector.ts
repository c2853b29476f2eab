import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { parseScheduler } from './parse.ts';

const TIMEOUT_MS = 2_000;

/** The Dask scheduler's own counters. */
export const scheduler: Collector = {
  name: 'scheduler',
  summary: 'tasks and workers by state, spilling and transfers, from the pages of the Dask scheduler',
  emits: 'scheduler',
  async start({ targets, intervalSeconds }, emit, tell) {
    const read = async () => {
      const address = targets().find(({ role, http }) => role === 'scheduler' && http !== null)?.http;
      if (address === undefined) return;
      const page = `${address}/metrics`;
      const response = await fetch(page, { signal: AbortSignal.timeout(TIMEOUT_MS) });
      if (!response.ok) throw new Error(`${page} answered ${response.status}`);
      const values = parseScheduler(await response.text());
      if (Object.keys(values).length === 0)
        throw new Error(`${page} says nothing of Dask: is prometheus_client installed where the scheduler runs?`);
      emit({ target: 'scheduler', values });
    };
    return poll(intervalSeconds, read, tell);
  },
};
