import type { Command } from 'commander';
import { addExpositionOptions, addSinkOptions } from './options/sink-options.ts';

/** Adds the commands that send numbers somewhere, or prepare the place. */
export function addSending(bench: Command, signal: AbortSignal): void {
  bench
    .command('influx')
    .description('prepare an InfluxDB for the numbers of bench')
    .command('setup')
    .description(
      'make buckets, tokens that may only write or only read, and the downsampling task, where they are missing',
    )
    .option('--influx-url <url>', 'of the server')
    .option('--influx-org <name>', 'organisation')
    .option('--influx-bucket <name>', 'bucket of the summaries of trials, kept for ever', 'hepbench')
    .option('--influx-raw-bucket <name>', 'bucket of the samples (default: that of the summaries with -raw)')
    .option(
      '--retention <time>',
      'of the samples: 12h, 30d, 8w, or 0 for ever (default: 30d, and a bucket that is there stays as it is)',
    )
    .option('--admin-token-file <file>', 'holds an all-access token; or give it in BENCH_INFLUX_ADMIN_TOKEN')
    .option(
      '--token-folder <folder>',
      'where the tokens are put, each in a file of its own (default: ~/.config/hepbench)',
    )
    .action(async (options) => {
      const { influxSetupCommand } = await import('./commands/influx-setup.ts');
      process.exitCode = await influxSetupCommand(options);
    });
  const monitor = bench
    .command('monitor')
    .description('watch a Dask cluster on which anything may run, until stopped')
    .requiredOption('--scheduler <address>', 'of the Dask scheduler, such as tcp://10.0.0.1:8786')
    .option('--interval <seconds>', 'between samples', '1')
    .option('--for <seconds>', 'end by itself after this time')
    .option('--site <name>', 'name of this facility in databases (default: of this machine)')
    .option('--results <folder>', 'where the journal is kept', 'results/monitor')
    .option('--python <path>', 'that has the Dask version of the cluster (default: our own)')
    .option('--segment-size <size>', 'of a file of the journal', '16MB');
  addSinkOptions(monitor);
  addExpositionOptions(monitor);
  monitor.action(async (options) => {
    const { monitorCommand } = await import('./commands/monitor.ts');
    process.exitCode = await monitorCommand(options, signal);
  });
  const push = bench
    .command('push')
    .description('send what an experiment or a monitor has not sent yet to InfluxDB, from its journals')
    .argument('[folder]', 'folder of the experiment or the monitor (default: the newest experiment)')
    .option('--again', 'everything once more, as after a bucket was lost')
    .option('--verify', 'and then read back what the server holds, and count it against the journals')
    .option('--results <folder>', 'where experiments are kept', 'results/runs');
  addSinkOptions(push);
  push.action(async (folder: string | undefined, options) => {
    const { pushCommand } = await import('./commands/push.ts');
    process.exitCode = await pushCommand(folder, options);
  });
}
