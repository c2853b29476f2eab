import type { RunConfig } from '../../core/config/run-config.ts';
import { tooManyWorkers } from '../../core/errors.ts';
import { freeMemoryBytes } from '../../core/free-memory.ts';
import type { Suite } from '../../suites/suite.ts';
import { backendsOf, workersOf } from './request.ts';

/** Scheduler, driver and this process. */
const BESIDE_BYTES = 1e9;

/** Refuses a number of workers whose proportional memory is not free, and says how many would fit. */
export function refuseWhatCannotFit(config: RunConfig, suite: Suite): void {
  const free = freeMemoryBytes() ?? Infinity;
  const most = Math.max(...workersOf(config, suite));
  // Of the largest backend: a number that fits another one would be refused again.
  const pssBytes = Math.max(...backendsOf(config, suite).map((backend) => suite.cost(backend, {}).pssBytes));
  const need = most * pssBytes + BESIDE_BYTES;
  if (need > free) throw tooManyWorkers(most, need, free, Math.max(0, Math.floor((free - BESIDE_BYTES) / pssBytes)));
}
