import type { EventOf } from '../model/event.ts';
import type { Reason } from '../model/record.ts';
import type { EventLog } from './event-log.ts';

/** Of the compressed bytes of the columns that are read for every event, at least this share goes through the framework. */
const READ_SHARE = 0.9;
/** No core fills histograms faster: 100 million events per CPU-second and loop, ten times what a bare loop over one column reaches. */
const CPU_SECONDS_PER_EVENT = 10e-9;
/** No core decompresses faster: an order of magnitude beyond zstd and lz4. */
const COMPRESSED_BYTES_PER_CPU_SECOND = 20e9;

/** Columns that each event loop of a trial reads for every event. */
export type AlwaysRead = readonly (readonly string[])[];

/**
 * Why a trial cannot have done its work: an answer kept from before needs no bytes, no CPU and no tasks, and is right. Of tasks
 * of which only some were metered, these are judged by their share; where none was, `unjudgedWork` says so.
 */
export function tooLittleWork(log: EventLog, loops: AlwaysRead): Reason[] {
  const { planned, processing } = workIn(log);
  if (!planned?.dataset) return [];
  if (processing.length === 0)
    return planned.point.runner === 'serial'
      ? [{ code: 'TASKS_MISSING', message: 'no event-processing task seen in a serial trial' }]
      : [];
  return [...bytesMissing(planned, processing, loops), ...cpuMissing(planned, processing, loops)];
}

/** A flag for a trial whose tasks were not metered: whether it read and computed what its columns need is not known. */
export function unjudgedWork(log: EventLog): Reason[] {
  const { planned, processing } = workIn(log);
  const blind = processing.filter(({ meter }) => !meter || meter.bytesRead === null).length;
  if (!planned?.dataset || blind === 0) return [];
  const which = blind === processing.length ? 'not watched' : `${blind} of ${processing.length} tasks were not metered`;
  return [{ code: 'work-not-checked', message: `${which}: their bytes and CPU were not compared with the data` }];
}

function workIn(log: EventLog) {
  return {
    planned: log.first('planned'),
    processing: log.all('task').filter(({ kind }) => kind === 'process'),
  };
}

function bytesMissing(planned: EventOf<'planned'>, tasks: readonly EventOf<'task'>[], loops: AlwaysRead): Reason[] {
  // The meters in the workers, not the framework's report: that comes with the answer, and would be kept along with it.
  const { sum: read, share } = metered(tasks.map(({ meter }) => meter?.bytesRead));
  const needed = share * READ_SHARE * bytesOf(planned, loops);
  if (share === 0 || read >= needed) return [];
  const message = `${Math.round(read)} bytes read, at least ${Math.round(needed)} are needed for the columns that every event is read from`;
  return [{ code: 'BYTES_TOO_FEW', message }];
}

function cpuMissing(planned: EventOf<'planned'>, tasks: readonly EventOf<'task'>[], loops: AlwaysRead): Reason[] {
  const { sum: cpu, share } = metered(tasks.map(({ meter }) => meter?.cpuSeconds));
  const whole =
    planned.events * loops.length * CPU_SECONDS_PER_EVENT + bytesOf(planned, loops) / COMPRESSED_BYTES_PER_CPU_SECOND;
  const needed = share * whole;
  if (share === 0 || cpu >= needed) return [];
  const message = `${cpu.toFixed(6)} CPU-seconds in event-processing tasks, at least ${needed.toFixed(6)} are needed for ${planned.events} events`;
  return [{ code: 'CPU_TOO_LITTLE', message }];
}

/** Compressed bytes of the columns, once for each loop that reads them. */
function bytesOf({ dataset }: EventOf<'planned'>, loops: AlwaysRead): number {
  return loops.flat().reduce((sum, column) => sum + (dataset?.columnBytes[column] ?? 0), 0);
}

/** The sum of what was metered, and for how much of the work it stands: tasks are of unequal size, so that some of them count half. */
function metered(values: readonly (number | null | undefined)[]): { readonly sum: number; readonly share: number } {
  const known = values.filter((value) => value !== null && value !== undefined);
  const share = known.length / values.length;
  return { sum: known.reduce((sum, value) => sum + value, 0), share: share < 1 ? share / 2 : 1 };
}
