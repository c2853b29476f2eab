import type { Event } from '../model/event.ts';
import { missing } from '../model/quantity.ts';
import type { Record } from '../model/record.ts';
import { median } from '../stats/quantile.ts';

/** What the probe after the trial measured; undefined in journals that have none. */
export function probeOf(events: readonly Event[]): Record['probe'] {
  const probe = events.find((event) => event.type === 'probe');
  if (!probe) return undefined;
  return {
    kernelCpuSeconds: median(Object.values(probe.kernelCpuSeconds)),
    floorSeconds: probe.floorSeconds ?? missing('serial: no Dask'),
  };
}
