import { join } from 'node:path';
import { badOption } from '../errors.ts';
import { homeFolder } from '../home.ts';
import type { RawOptions } from './run-config.ts';
import { checkedUrl, needed, readToken } from './sinks.ts';

export interface SetupConfig {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly rawBucket: string;
  /** Of the raw bucket; 0 keeps for ever. Undefined where it is not given. */
  readonly retentionSeconds: number | undefined;
  readonly adminToken: string;
  readonly tokenFolder: string;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { h: 3600, d: 86_400, w: 604_800 };

/** Checks the options of `bench influx setup`. Takes the administrator's token out of `env`. */
export function setupConfigOf(raw: RawOptions, env: NodeJS.ProcessEnv): SetupConfig {
  const given = env['BENCH_INFLUX_ADMIN_TOKEN'];
  delete env['BENCH_INFLUX_ADMIN_TOKEN'];
  const bucket = String(raw['influxBucket']);
  const rawBucket = raw['influxRawBucket'];
  const folder = raw['tokenFolder'];
  return {
    url: checkedUrl(needed(raw, 'influxUrl', 'address of an InfluxDB such as http://localhost:8086')),
    org: needed(raw, 'influxOrg', 'name of an organisation'),
    bucket,
    rawBucket: typeof rawBucket === 'string' ? rawBucket : `${bucket}-raw`,
    retentionSeconds: raw['retention'] === undefined ? undefined : retention(String(raw['retention'])),
    adminToken:
      given ??
      readToken(
        needed(raw, 'adminTokenFile', 'file that holds an all-access token, or the token in BENCH_INFLUX_ADMIN_TOKEN'),
        '--admin-token-file',
      ),
    tokenFolder: typeof folder === 'string' ? folder : configFolder(env),
  };
}

function configFolder(env: NodeJS.ProcessEnv): string {
  const folder = env['XDG_CONFIG_HOME'] || join(homeFolder('--token-folder'), '.config');
  return join(folder, 'hepbench');
}

function retention(value: string): number {
  if (value === '0') return 0;
  const [, number, unit = ''] = /^(\d+)([hdw])$/.exec(value) ?? [];
  const seconds = Number(number) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (seconds >= 3600) return seconds;
  throw badOption('--retention', value, 'a time such as 12h, 30d or 8w, at least 1h, or 0 to keep for ever');
}
