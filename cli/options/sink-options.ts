import { type Command, Option } from 'commander';

/** Options that say where the numbers go besides the results folder; the same for every command that sends. */
export const SINK_OPTIONS = [
  { flag: '--influx-url <url>', summary: 'send samples and summaries to this InfluxDB', env: 'BENCH_INFLUX_URL' },
  {
    flag: '--influx-token-file <file>',
    summary: 'holds the token; or give the token itself in BENCH_INFLUX_TOKEN',
    env: 'BENCH_INFLUX_TOKEN_FILE',
  },
  { flag: '--influx-org <name>', summary: 'organisation', env: 'BENCH_INFLUX_ORG' },
  { flag: '--influx-bucket <name>', summary: 'bucket of the summaries of trials', env: 'BENCH_INFLUX_BUCKET' },
  {
    flag: '--influx-raw-bucket <name>',
    summary: 'bucket of the samples (default: that of the summaries)',
    env: 'BENCH_INFLUX_RAW_BUCKET',
  },
  {
    flag: '--influx-read-token-file <file>',
    summary: 'holds a token that may read, to count what is stored (default: the token that writes)',
    env: 'BENCH_INFLUX_READ_TOKEN_FILE',
  },
  {
    flag: '--influx-wait <seconds>',
    summary: 'at the end, for what is not sent yet (default: 10)',
    env: 'BENCH_INFLUX_WAIT',
  },
] as const;

export const EXPOSITION_OPTIONS = [
  {
    flag: '--metrics-port <port>',
    summary: 'serve /metrics for Prometheus there (0: any free one)',
    env: 'BENCH_METRICS_PORT',
  },
  {
    flag: '--metrics-host <address>',
    summary: 'where /metrics listens (default: 127.0.0.1)',
    env: 'BENCH_METRICS_HOST',
  },
] as const;

/** For commands that live long enough to be asked. */
export function addExpositionOptions(command: Command): void {
  for (const { flag, summary, env } of EXPOSITION_OPTIONS)
    command.addOption(new Option(flag, summary).env(env).helpGroup('Prometheus:'));
}

export function addSinkOptions(command: Command): void {
  for (const { flag, summary, env } of SINK_OPTIONS)
    command.addOption(new Option(flag, summary).env(env).helpGroup('InfluxDB:'));
}
