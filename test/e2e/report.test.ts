import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Experiment } from '../../core/model/record.ts';
import { report } from '../../dashboards/report/report.ts';

const executablePath = '/usr/bin/chromium';
const missing = !existsSync(executablePath);
if (missing) console.log(`skipped: test/e2e/report.test.ts needs ${executablePath} (apt-get install chromium)`);

test('Chromium is installed, or this is not CI', () => {
  expect(missing && process.env['CI'] === 'true').toBe(false);
});

describe.skipIf(missing)('the report in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-e2e-'));
  const file = join(folder, 'report.html');
  let browser: Browser;

  beforeAll(async () => {
    const saved = readFileSync(join(import.meta.dirname, '../golden/experiment.json'), 'utf8');
    const { body } = await report.render(Experiment.parse(JSON.parse(saved)), {
      cacheFolder: folder,
      columns: 80,
      colour: false,
    });
    writeFileSync(file, body);
    const args =
      '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
    browser = await chromium.launch({ executablePath, args: args.split(' ') });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens the page and returns what it complained about and what it asked for beside itself. */
  async function opened(
    colorScheme: 'light' | 'dark',
    width = 1400,
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 1000 } });
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
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

  test.each([900, 1600])('nothing is wider than a window of %d pixels', async (width) => {
    const { page } = await opened('light', width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.close();
  });
});
