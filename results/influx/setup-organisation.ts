import type { InfluxDB } from '@influxdata/influxdb-client';
import { BenchError, ExitCode } from '../../core/errors.ts';

export interface SetupRequest {
  readonly url: string;
  readonly org: string;
  /** For the summaries of trials and the means of samples; keeps for ever. */
  readonly bucket: string;
  /** For samples. */
  readonly rawBucket: string;
  /** Of the raw bucket; 0 keeps for ever, and the server takes nothing below an hour. Undefined: as it is, 30 days for a new one. */
  readonly retentionSeconds: number | undefined;
  /** May make buckets, tasks and tokens; neither stored nor said. */
  readonly adminToken: string;
  readonly tokenFolder: string;
  readonly say: (line: string) => void;
}

/** The organisation on the server, and our two buckets in it. */
export interface Organisation {
  readonly server: InfluxDB;
  readonly orgID: string;
  /** Identities of the two buckets by their names. */
  readonly buckets: ReadonlyMap<string, string>;
}

/** For one request. */
export const TIMEOUT_MS = 15_000;

/** A failure of the set-up; found before anything ran. */
export function failed(code: string, message: string, hint = 'see the log of influxd', cause?: unknown): BenchError {
  return new BenchError({ code, message, hint, exitCode: ExitCode.environment, cause });
}

/** A value that the server must have given. */
export function needed(value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw failed('influx-odd-answer', `InfluxDB did not say ${what}`);
}
