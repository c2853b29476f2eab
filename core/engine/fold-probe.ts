import { missing } from '../model/quantity.ts';
import type { TrialRecord } from '../model/record.ts';
import { median } from '../stats/quantile.ts';
import type { EventLog } from './event-log.ts';

/** What the probe after the trial measured; undefined in journals that have none. */
export function probeOf(log: EventLog): TrialRecord['probe'] {
  const probe = log.first('probe');
  if (!probe) return undefined;
  return {
    kernelCpuSeconds: median(Object.values(probe.kernelCpuSeconds)),
    floorSeconds: probe.floorSeconds ?? missing('serial: no Dask'),
  };
}
