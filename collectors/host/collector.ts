import { hostname } from 'node:os';
import type { Collector } from '../collector.ts';
import { poll } from '../poll.ts';
import { readHost } from './read.ts';
import { cpuOfTree } from './tree.ts';

/** The machine whose kernel shows itself in the folder `proc`. */
export function hostIn(proc: string): Collector {
  return {
    name: 'host',
    summary: 'load, CPU by state, pressure and steal of this machine, and what of the CPU is our own',
    emits: 'host',
    async start({ intervalSeconds }, emit, tell) {
      const target = hostname();
      let own = 0;
      const read = async () => {
        const host = readHost(proc);
        if (Object.keys(host).length === 0) throw new Error(`${proc} says nothing of this machine`);
        // What a process used that left this tree, as its parent was killed, is not forgotten: a counter never falls.
        own = Math.max(own, cpuOfTree(proc, process.pid) ?? 0);
        emit({ target, values: own === 0 ? host : { ...host, host_own_cpu_seconds_total: own } });
      };
      return poll(intervalSeconds, read, tell);
    },
  };
}

/** This machine as a whole: shows neighbours that disturb a trial. */
export const host = hostIn('/proc');
