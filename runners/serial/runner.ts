import { startDriver } from '../driver.ts';
import type { MakeRunner } from '../runner.ts';
import { onThisMachine } from '../this-machine.ts';

/** One process without Dask, with the resources of one worker. */
export const serial: MakeRunner = () => ({
  name: 'serial',
  onThisMachine: true,
  facts: {},
  notes: [],
  async open(spec, here, signal) {
    const askedAt = performance.now() / 1000;
    const driver = await startDriver(spec, null, here, signal);
    return {
      ...onThisMachine(driver),
      times: { askedAt, schedulerAt: askedAt, readyAt: performance.now() / 1000 },
      close: driver.close,
    };
  },
});
