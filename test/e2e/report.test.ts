import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Experiment } from '../../core/model/record.ts';
import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { formatIn } from '../../dashboards/format.ts';
import { report } from '../../dashboards/report/report.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing) console.log(`skipped: test/e2e/report.test.ts needs ${executablePath} (apt-get install chromium)`);

const WORKERS = 64;
const SKY = 0xff_e9_b4_56;
const GRID = 0xff_ea_e6_e3;

/** A trial of so many tasks on 64 workers, one after the other and 0.01 s apart; the first worker does nothing from 0.4 to 0.6 of the time. */
function trialOf(count: number): Experiment {
  const T = count / WORKERS;
  const tasks = Array.from({ length: count }, (_, i) => {
    const start = Math.floor(i / WORKERS);
    const place = { key: `task-${i}`, worker: `worker-${i % WORKERS}`, start, stop: start + 0.99 };
    return { ...place, kind: 'process', status: 'ok' } as const;
  });
  const idle = ({ worker, start }: (typeof tasks)[number]): boolean =>
    worker === 'worker-0' && start >= 0.4 * T && start < 0.6 * T;
  return anExperiment([aRecord({ T, tasks: tasks.filter((task) => !idle(task)), point: { workers: WORKERS } })]);
}

test('Chromium is installed, or this is not CI', () => {
  expect(missing && process.env['CI'] === 'true').toBe(false);
});

describe.skipIf(missing)('the report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-e2e-'));
  const file = join(folder, 'report.html');
  let browser: Browser;

  async function write(path: string, experiment: Experiment): Promise<void> {
    const { body } = await report.render(experiment, { cacheFolder: folder, columns: 80, colour: false });
    writeFileSync(path, body);
  }

  beforeAll(async () => {
    const saved = readFileSync(join(import.meta.dirname, '../golden/experiment.json'), 'utf8');
    await write(file, Experiment.parse(JSON.parse(saved)));
    const args =
      '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
    browser = await chromium.launch({ executablePath, args: args.split(' ') });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page and returns what it complained about and what it asked for beside itself. */
  async function opened(
    colorScheme: 'light' | 'dark',
    width = 1400,
    path = file,
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 1000 } });
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    await page.waitForSelector('html[data-drawn=yes]');
    return { page, complaints, requests };
  }

  /** For each canvas its name and how many colours its pixels have. */
  async function colours(page: Page): Promise<[string, number][]> {
    return page.$$eval('canvas', (canvases) =>
      canvases.map((canvas): [string, number] => {
        const pixels =
          canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
        return [canvas.dataset['chart'] ?? '', new Set(new Uint32Array(pixels.buffer)).size];
      }),
    );
  }

  test.each(['light', 'dark'] as const)(
    'every chart is drawn in %s mode, without complaint or request',
    async (scheme) => {
      const { page, complaints, requests } = await opened(scheme);
      const drawn = await colours(page);
      expect(drawn.length).toBeGreaterThanOrEqual(15);
      expect(drawn.filter(([, count]) => count <= 8)).toEqual([]);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(background).toBe(scheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(20, 23, 26)');
      expect(complaints).toEqual([]);
      expect(requests.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(file).href]);
      await page.close();
    },
  );

  test('the toggle turns the page and its charts dark and back', async () => {
    const { page, complaints } = await opened('light');
    const canvas = page.locator('canvas[data-chart=rate]');
    const pixels = () => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
    const light = await pixels();
    await page.click('#theme');
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(20, 23, 26)');
    expect(await pixels()).not.toBe(light);
    await page.click('#theme');
    expect(await pixels()).toBe(light);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('another trial redraws what is inside and fills its tables', async () => {
    const { page, complaints } = await opened('light');
    const rows = () => page.locator('figure:has(canvas[data-chart=timeline]) tbody tr').count();
    expect(await rows()).toBe(33);
    await page.selectOption('#trial', '0');
    expect(await rows()).toBe(8);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a tooltip says the median, its interval and n', async () => {
    const { page } = await opened('light');
    const canvas = page.locator('canvas[data-chart=rate]');
    const before = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
    const { width, height } = (await canvas.boundingBox()) ?? { width: 0, height: 0 };
    let changed = false;
    for (let y = 0.2; y < 0.9 && !changed; y += 0.01) {
      await canvas.hover({ position: { x: width * 0.585, y: height * y } });
      changed = (await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL())) !== before;
    }
    expect(changed).toBe(true);
    await page.close();
  });

  /** Opens the report of a trial of so many tasks. */
  async function openedTrial(count: number): Promise<{ page: Page; nodes: number }> {
    const path = join(folder, `tasks-${count}.html`);
    await write(path, trialOf(count));
    const { page } = await opened('light', 1400, path);
    const nodes = await page.evaluate(() => {
      const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let found = 0;
      while (walk.nextNode()) found += 1;
      return found;
    });
    return { page, nodes };
  }

  test('100,000 tasks take no more elements of the page than 1,000, and all of them can be read by keyboard', async () => {
    const few = await openedTrial(1000);
    await few.page.close();
    const { page, nodes } = await openedTrial(100_000);
    expect(nodes / few.nodes).toBeLessThan(1.05);
    const figure = page.locator('figure:has(canvas[data-chart=timeline])');
    await figure.locator('summary').press('Enter');
    const place = figure.getByRole('status');
    expect(await place.textContent()).toMatch(/^ rows 1 to 500 of 99,6\d\d $/);
    await figure.getByRole('button', { name: 'Previous' }).press('Enter');
    expect(await place.textContent()).toMatch(/rows 1 to 500 of /);
    await figure.getByRole('button', { name: 'Next' }).press('Enter');
    expect(await place.textContent()).toMatch(/^ rows 501 to 1,000 of /);
    await figure.getByRole('button', { name: 'Last' }).press('Enter');
    expect(await place.textContent()).toMatch(/to (99,6\d\d) of \1 $/);
    expect(await figure.locator('tbody tr').last().locator('td').allTextContents()).toEqual([
      'worker-31',
      'process',
      '1562.00\u202fs',
      '1562.99\u202fs',
      formatIn(0.99, 's'),
    ]);
    await page.close();
  });

  test('of 100,000 tasks each line of the chart shows when its worker was busy and when not, and a tooltip', async () => {
    const { page } = await openedTrial(100_000);
    const canvas = page.locator('canvas[data-chart=timeline]');
    const busy = await canvas.evaluate((element: HTMLCanvasElement, sky) => {
      const { width, height } = element;
      const data = element.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
      const pixels = new Uint32Array(data.buffer);
      const lines = Array.from({ length: height }, (_, y) => pixels.subarray(y * width, (y + 1) * width));
      return lines.map((line) => line.filter((pixel) => pixel === sky).length).filter((count) => count > width / 2);
    }, SKY);
    expect(Math.min(...busy) / Math.max(...busy)).toBeCloseTo(0.8, 1);
    const before = await canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
    await canvas.hover({ position: { x: 600, y: 300 } });
    await page.waitForFunction(
      (old) => document.querySelector<HTMLCanvasElement>('canvas[data-chart=timeline]')?.toDataURL() !== old,
      before,
    );
    await page.close();
  });

  test('what a trial lacks of what another one has is said in its place, and drawn again for the other', async () => {
    const curves = [{ collector: 'host', target: 'here', samples: 3, t: [0, 1], values: { host_load1: [1, 2] } }];
    const path = join(folder, 'watched.html');
    const point = { workers: 2 };
    await write(path, anExperiment([aRecord({ series: [] }), aRecord({ point, curves })]));
    const { page, complaints } = await opened('light', 1400, path);
    const figure = page.locator('figure:has(canvas[data-chart=watched-load])');
    const pixels = async () => new Map(await colours(page)).get('watched-load') ?? 0;
    expect(await figure.locator('tbody tr').count()).toBe(2);
    expect(await pixels()).toBeGreaterThan(8);
    await page.selectOption('#trial', '0');
    expect(await figure.locator('.live').textContent()).toBe('— no samples of it in this trial');
    expect(await pixels()).toBeLessThan(8);
    await page.selectOption('#trial', '1');
    expect(await pixels()).toBeGreaterThan(8);
    const pressure = page.locator('figure:has(canvas[data-chart=watched-pressure]) .live');
    expect(await pressure.textContent()).toBe('— no value could be read');
    // Chromium says that this test reads pixels more than once.
    expect(complaints.filter((line) => !line.startsWith('Canvas2D: Multiple readback'))).toEqual([]);
    await page.close();
  });

  test('a legend of 16 curves covers nothing: the chart below it is as high as one of two curves', async () => {
    const page = (curves: number) =>
      Array.from({ length: curves }, (_, i) => ({ queries: `a-long-name-of-a-query-${i}` })).flatMap((parameters) =>
        [1, 2, 3].map((session) => aRecord({ session, point: { parameters }, metrics: { event_rate: 1e6 } })),
      );
    const areas: number[] = [];
    for (const curves of [2, 16]) {
      const path = join(folder, `curves-${curves}.html`);
      await write(path, anExperiment(page(curves)));
      const { page: shown, complaints } = await opened('light', 1400, path);
      // The lowest and the highest line of the grid, in the middle of the chart.
      const canvas = shown.locator('canvas[data-chart=rate]');
      areas.push(
        await canvas.evaluate((element: HTMLCanvasElement, grid) => {
          const { width, height } = element;
          const data = element.getContext('2d')?.getImageData(width - 40, 0, 1, height).data ?? new Uint8ClampedArray();
          const lines = [...new Uint32Array(data.buffer)].flatMap((pixel, y) => (pixel === grid ? [y] : []));
          return (lines.at(-1) ?? 0) - (lines[0] ?? 0);
        }, GRID),
      );
      expect(complaints).toEqual([]);
      await shown.close();
    }
    expect(areas[0]).toBeGreaterThan(150);
    expect((areas[1] ?? 0) / (areas[0] ?? 1)).toBeGreaterThan(0.9);
  });

  test.each([900, 1600])('nothing is wider than a window of %d pixels', async (width) => {
    const { page } = await opened('light', width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.close();
  });
});
