import { readFileSync } from 'node:fs';
import { badOption, systemCode, tokenUnreadable } from '../errors.ts';
import type { RawOptions } from './run-config.ts';

export interface InfluxConfig {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly rawBucket: string;
  readonly token: string;
  /** To count what is stored; undefined where the other token is to do. */
  readonly readToken: string | undefined;
  /** For one request. */
  readonly timeoutMs: number;
  /** At the end of a run, for what is not sent yet. */
  readonly waitMs: number;
}

const TIMEOUT_MS = 15_000;
const WAIT_SECONDS = 10;

/** Where the numbers go in InfluxDB; undefined when nobody asked for it. Takes tokens out of `env`, so that no child inherits them. */
export function influxConfigOf(raw: RawOptions, env: NodeJS.ProcessEnv): InfluxConfig | undefined {
  const given = env['BENCH_INFLUX_TOKEN'];
  delete env['BENCH_INFLUX_TOKEN'];
  delete env['BENCH_INFLUX_ADMIN_TOKEN'];
  const url = text(raw, 'influxUrl');
  if (url === undefined) return undefined;
  const checked = checkedUrl(url);
  const bucket = needed(raw, 'influxBucket', 'name of a bucket');
  const readFile = text(raw, 'influxReadTokenFile');
  return {
    url: checked,
    org: needed(raw, 'influxOrg', 'name of an organisation'),
    bucket,
    rawBucket: text(raw, 'influxRawBucket') ?? bucket,
    token:
      given ??
      readToken(
        needed(raw, 'influxTokenFile', 'file that holds the token, or the token in BENCH_INFLUX_TOKEN'),
        '--influx-token-file (`bench influx setup` makes one)',
      ),
    readToken: readFile === undefined ? undefined : readToken(readFile, '--influx-read-token-file'),
    timeoutMs: TIMEOUT_MS,
    waitMs: waitSeconds(raw) * 1000,
  };
}

function text(raw: RawOptions, name: string): string | undefined {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The value of an option that must be there. */
export function needed(raw: RawOptions, name: string, what: string): string {
  const value = text(raw, name);
  if (value !== undefined) return value;
  throw badOption(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`, '', `the ${what}`);
}

/** What can be said of an address that is none: anything in it may be a password, but for a plain word and the protocol. */
function sayable(value: string): string {
  if (/^[\w.-]*$/.test(value)) return value;
  const [, protocol = ''] = /^(\w+:\/\/)/.exec(value) ?? [];
  return `${protocol}...`;
}

/** An address without a token in it and without a slash at its end. */
export function checkedUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw badOption('--influx-url', sayable(value), 'an address such as http://localhost:8086');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw badOption(
      '--influx-url',
      `${url.protocol}//...@${url.host}`,
      'the address alone: the token belongs in a file',
    );
  }
  return value.replace(/\/+$/, '');
}

/** Reads a token from the file that `flag` names; it may end with a newline. */
export function readToken(path: string, flag: string): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw tokenUnreadable(path, `cannot be read: ${systemCode(error) ?? String(error)}`, flag);
  }
  if (token === '' || /\s/.test(token)) throw tokenUnreadable(path, 'does not hold one token', flag);
  return token;
}

function waitSeconds(raw: RawOptions): number {
  const value = text(raw, 'influxWait');
  if (value === undefined) return WAIT_SECONDS;
  const seconds = Number(value);
  if (value.trim() !== '' && seconds >= 0 && seconds <= 1e6) return seconds;
  throw badOption('--influx-wait', value, 'seconds, 0 or more');
}

export interface ExpositionConfig {
  readonly host: string;
  readonly port: number;
}

/** Where the page for Prometheus is served; undefined when nobody asked for it. */
function expositionConfigOf(raw: RawOptions): ExpositionConfig | undefined {
  const value = text(raw, 'metricsPort');
  if (value === undefined) return undefined;
  const port = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) throw badOption('--metrics-port', value, 'a port from 0 to 65535');
  return { host: text(raw, 'metricsHost') ?? '127.0.0.1', port };
}

export interface SinksConfig {
  readonly influx: InfluxConfig | undefined;
  readonly exposition: ExpositionConfig | undefined;
}

/** Where the numbers go besides the results folder. */
export function sinksConfigOf(raw: RawOptions, env: NodeJS.ProcessEnv): SinksConfig {
  return { influx: influxConfigOf(raw, env), exposition: expositionConfigOf(raw) };
}
