import { hostname } from 'node:os';
import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { readHost } from './read.ts';

/** This machine as a whole: shows neighbours that disturb a trial. */
export const host: Collector = {
  name: 'host',
  summary: 'load, CPU by state, pressure and steal of this machine',
  async start({ intervalSeconds }, emit, tell) {
    const target = hostname();
    const read = async () => emit({ type: 'sample', collector: 'host', target, values: readHost('/proc') });
    return poll(intervalSeconds, read, tell);
  },
};
