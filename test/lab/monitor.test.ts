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

test('64 workers watched for 40 s: all of them in InfluxDB and on the page, for less than 5 % of a core', async () => {
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
    const share = /monitor: [\d.]+ CPU-seconds in [\d.]+ s: ([\d.]+) % of a core/.exec(output.text)?.[1];
    console.log(/monitor: .*/.exec(output.text)?.[0]);
    expect(Number(share)).toBeLessThan(5);

    const [run = ''] = readdirSync(results);
    const journals = readdirSync(join(results, run))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => join(results, run, name));
    const samples = samplesIn(journals);
    expect(differences(samples, await storedSamples(influxd, 'raw'))).toEqual([]);
    expect(new Set(samples.filter(({ collector }) => collector === 'agent').map(({ target }) => target)).size).toBe(64);
    expect(journals.flatMap((path) => eventsIn(path)).length).toBeGreaterThan(64 * 30);
  } finally {
    await cluster.end();
  }
});
