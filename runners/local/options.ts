import { badOption } from '../../core/errors.ts';
import type { GivenOptions, RunnerOption } from '../runner.ts';

export const localOptions: readonly RunnerOption[] = [
  {
    flag: '--scheduler-port <port>',
    summary: 'port of the local scheduler, 0 for any free one',
    default: '0',
    resumable: true,
  },
  {
    flag: '--no-tls',
    summary: 'the cluster is neither encrypted nor closed: any user of this machine can then run code as you',
  },
];

export interface LocalConfig {
  /** 0 for any free one. */
  readonly schedulerPort: number;
  /** Whether the processes of the cluster encrypt what they say, and let in nobody else. */
  readonly tls: boolean;
}

const LARGEST_PORT = 65_535;

/** Checks the options of this runner; throws a BenchError that names the flag, the value and what is valid. */
export function localConfigOf({ schedulerPort = '0', tls }: GivenOptions): LocalConfig {
  const port = /^\d+$/.test(String(schedulerPort)) ? Number(schedulerPort) : Number.NaN;
  if (!(port <= LARGEST_PORT))
    throw badOption('--scheduler-port', String(schedulerPort), `a whole number from 0 to ${LARGEST_PORT}`);
  return { schedulerPort: port, tls: tls !== false };
}
