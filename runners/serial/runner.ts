import { startDriver } from '../driver.ts';
import type { Runner } from '../runner.ts';

/** One process without Dask, with the resources of one worker. */
export const serial: Runner = {
  name: 'serial',
  summary: 'the same code on the same files in one process without Dask: the reference of speed-up',
  async open(spec, signal) {
    const askedAt = performance.now() / 1000;
    const driver = await startDriver(spec, null, signal);
    return {
      times: { askedAt, schedulerAt: askedAt, readyAt: performance.now() / 1000 },
      schedulerHttp: null,
      run: driver.run,
      close: driver.close,
    };
  },
};
