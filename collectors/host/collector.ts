import { hostname } from 'node:os';
import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { readHost } from './read.ts';

/** This machine as a whole: shows neighbours that disturb a trial. */
export const host: Collector = {
  name: 'host',
  summary: 'load, CPU by state, pressure and steal of this machine',
  async start({ intervalSeconds }, emit) {
    const target = hostname();
    return poll(intervalSeconds, async () => {
      emit({ type: 'sample', collector: 'host', target, values: readHost('/proc') });
    });
  },
};
