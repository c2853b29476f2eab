import { appendFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { sample } from '../../core/engine/test/journal-of.ts';
import { openExposition } from './sink.ts';
import { HEAD, newStage } from './test/stage.ts';
import { parsePage } from './test/text-format.ts';

const stage = newStage();

test('two scrapers at the same time see the same, and each line is counted once', async () => {
  const path = stage.journal('t1', [...HEAD, sample('w0', 100, { rss_bytes: 1, cpu_seconds_total: 3 })]);
  appendFileSync(path, 'nonsense\n');
  stage.sink.follow(path);
  const pages = await Promise.all(Array.from({ length: 8 }, async () => await stage.scrape()));
  expect(new Set(pages).size).toBe(1);
  expect(parsePage(pages[0] ?? '').get('hepbench_exposition_skipped_lines_total')?.series[0]?.value).toBe(1);
  expect(stage.sink.report().samples).toBe(1);
});

test('other paths are not found, /health answers, nothing can be written', async () => {
  expect((await fetch(`${stage.sink.url}/`)).status).toBe(404);
  expect((await fetch(`${stage.sink.url}/metrics/x`)).status).toBe(404);
  expect((await fetch(`${stage.sink.url}/metrics?name=x`)).status).toBe(200);
  expect(await (await fetch(`${stage.sink.url}/health`)).text()).toBe('ok\n');
  expect((await fetch(`${stage.sink.url}/metrics`, { method: 'POST', body: 'x' })).status).toBe(405);
  expect(await (await fetch(`${stage.sink.url}/metrics`, { method: 'HEAD' })).text()).toBe('');
});

test('a port in use, or an address that is not ours, is a known failure', async () => {
  const port = Number(new URL(stage.sink.url).port);
  await expect(openExposition({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'port-in-use', exitCode: 3 });
  await expect(openExposition({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'cannot-listen' });
});

test('closing ends connections that are kept alive or silent, and lets a page under way end', async () => {
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    get(`${stage.sink.url}/health`, { agent }, (response) => response.resume().on('end', resolve)),
  );
  const silent = connect(Number(new URL(stage.sink.url).port), '127.0.0.1');
  await new Promise((resolve) => silent.on('connect', resolve));
  const ended = new Promise((resolve) => silent.on('close', resolve).resume());
  const long = Array.from({ length: 5_000 }, (_, index) => sample('w0', index, { rss_bytes: index }));
  stage.sink.follow(stage.journal('t1', [...HEAD, sample('w0', 100, { rss_bytes: 1 })]));
  stage.sink.follow(stage.journal('t2', [...HEAD, ...long]));
  const page = stage.scrape();
  await vi.waitFor(() => expect(stage.sink.report().samples).toBeGreaterThan(0), { interval: 1 });
  const start = performance.now();
  const report = await stage.sink.close(5_000);
  expect(performance.now() - start).toBeLessThan(4_000);
  expect(parsePage(await page).get('hepbench_worker_rss_bytes')?.series).toMatchObject([{ value: 4_999 }]);
  await ended;
  expect(report.samples).toBe(5_001);
  await expect(fetch(`${stage.sink.url}/health`)).rejects.toThrow('fetch failed');
  agent.destroy();
});
