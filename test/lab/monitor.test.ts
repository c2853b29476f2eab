import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { daskCluster } from '../system/dask-cluster.ts';
import { eventsIn, makePlace, type Place, startBench, waitFor } from '../system/harness.ts';
import { differences, samplesIn, storedSamples } from './influxd/compare.ts';
import { type Influxd, startInfluxd } from './influxd/server.ts';

let influxd: Influxd;
let place: Place;
beforeAll(async () => {
  influxd = await startInfluxd();
  place = makePlace();
}, 1_200_000);
afterAll(async () => {
  place.remove();
  await influxd.remove();
});

/** Page of the metrics at the address that `bench` has told. */
async function page(text: string): Promise<string> {
  const url = /metrics: (\S+)/.exec(text)?.[1] ?? '';
  return await (await fetch(url)).text();
}

/** CPU-seconds of all workers between their first and last sample. */
function cpuOfWorkers(samples: ReturnType<typeof samplesIn>): number {
  const own = samples.filter(({ values }) => values['cpu_seconds_total'] !== undefined);
  return [...Map.groupBy(own, ({ target }) => target).values()]
    .map((series) => series.map(({ values }) => values['cpu_seconds_total'] ?? 0))
    .reduce((sum, cpu) => sum + Math.max(...cpu) - Math.min(...cpu), 0);
}

test('64 workers watched for 40 s: all of them in InfluxDB and on the page, for a fraction of the CPU that they idle with', async () => {
  const cluster = daskCluster(place);
  try {
    const { address } = await cluster.scheduler();
    await cluster.workers(address, 64);
    await influxd.makeBucket('raw');
    const tokenFile = join(place.folder, 'token');
    writeFileSync(tokenFile, influxd.adminToken, { mode: 0o600 });
    const results = join(place.folder, 'monitor');
    const sink = `--influx-url ${influxd.url} --influx-token-file ${tokenFile} --influx-org ${influxd.org} --influx-bucket raw`;
    const args = `monitor --scheduler ${address} --for 40 --results ${results} --metrics-port 0 --site lab ${sink}`;
    const { ended, output } = startBench(place, args.split(' '));
    const present = () =>
      new Set(output.text.match(/^worker w\d+ (present|joined)$/gm)?.map((line) => line.split(' ')[1]));
    await waitFor('64 workers', () => present().size === 64, 60_000);
    await waitFor('the page', () => (output.text.match(/worker/g)?.length ?? 0) > 0);
    await expect
      .poll(async () => new Set((await page(output.text)).match(/hepbench_worker_rss_bytes\{.*/g)).size, {
        timeout: 20_000,
        interval: 1000,
      })
      .toBe(64);
    expect({ exitCode: await ended, text: output.text }).toMatchObject({ exitCode: 0 });
    expect(output.text).toMatch(/influx: stored are all \d{4} points and 0 trials of 1 journal$/m);

    const [run = ''] = readdirSync(results);
    const journals = readdirSync(join(results, run))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(results, run, name));
    const samples = samplesIn(journals);
    expect(differences(samples, await storedSamples(influxd, 'raw'))).toEqual([]);
    expect(new Set(samples.filter(({ collector }) => collector === 'agent').map(({ target }) => target)).size).toBe(64);
    expect(journals.flatMap((path) => eventsIn(path)).length).toBeGreaterThan(64 * 30);

    // In CPU of this machine at this hour: a slow or busy one slows both.
    const watching = Number(/monitor: ([\d.]+) CPU-seconds in [\d.]+ s/.exec(output.text)?.[1]);
    const idling = cpuOfWorkers(samples);
    console.log(`monitor: ${watching} CPU-seconds, 64 idle workers: ${idling.toFixed(1)}`);
    expect(watching).toBeLessThan(0.15 * idling);
  } finally {
    await cluster.end();
  }
});
