import { badOption } from '../errors.ts';
import type { RawOptions } from './run-config.ts';
import { parseBytes } from '../model/sizes.ts';

export interface MonitorConfig {
  readonly scheduler: string;
  readonly intervalSeconds: number;
  /** Infinity: until it is stopped. */
  readonly forSeconds: number;
  readonly segmentBytes: number;
  readonly segmentSeconds: number;
  readonly results: string;
  readonly site: string | undefined;
  /** Interpreter of the side that speaks to Dask; undefined for our own. */
  readonly python: string | undefined;
}

/** Checks the options of `bench monitor`; throws a BenchError that names the flag, the value and what is valid. */
export function monitorConfigOf(raw: RawOptions): MonitorConfig {
  const scheduler = String(raw['scheduler'] ?? '');
  if (!/^(tcp|tls):\/\/\S+:\d+$/.test(scheduler)) {
    throw badOption('--scheduler', scheduler, 'the address of a Dask scheduler such as tcp://10.0.0.1:8786');
  }
  const segment = String(raw['segmentSize']);
  const segmentBytes = parseBytes(segment);
  if (segmentBytes === undefined) throw badOption('--segment-size', segment, 'a size such as 16MB');
  return {
    scheduler,
    intervalSeconds: seconds('--interval', raw['interval'], 0.05) ?? 1,
    forSeconds: seconds('--for', raw['for'], 0.1) ?? Number.POSITIVE_INFINITY,
    segmentBytes,
    segmentSeconds: 3600,
    results: String(raw['results']),
    site: typeof raw['site'] === 'string' ? raw['site'] : undefined,
    python: typeof raw['python'] === 'string' ? raw['python'] : undefined,
  };
}

const LONGEST_SECONDS = 1e9;

function seconds(flag: string, value: RawOptions[string], least: number): number | undefined {
  if (value === undefined) return undefined;
  const number = String(value).trim() === '' ? Number.NaN : Number(value);
  if (Number.isFinite(number) && number >= least && number <= LONGEST_SECONDS) return number;
  throw badOption(flag, String(value), `seconds, at least ${least} and at most ${LONGEST_SECONDS}`);
}
