import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Dashboard, Rendering } from '../../dashboards/dashboard.ts';
import { dashboards } from '../../dashboards/index.ts';
import { DASHBOARD_CONTRACT, showing } from './dashboard.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'hepbench-contract-'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

describe.each(dashboards)('$name', ({ name, summary, load }) => {
  test('its entry says what it says of itself', async () => {
    const { name: own, summary: words } = await load();
    expect([own, words]).toEqual([name, summary]);
  });

  test.each(DASHBOARD_CONTRACT)('$promise', async ({ check }) => {
    await expect(check(showing(await load(), cacheFolder))).resolves.toBeUndefined();
  });
});

/** What changes a rendering, given the experiment. */
type Change = (rendering: Rendering, experiment: Parameters<Dashboard['render']>[0]) => Rendering;

function body(change: (text: string) => string): Change {
  return (rendering) => ({ ...rendering, body: change(rendering.body) });
}

/** A dashboard with one fault, and the promise that it breaks. */
const FAULTS: readonly (readonly [string, Change])[] = [
  [
    'the same experiment gives the same rendering, whatever the time is',
    (rendering) => ({ ...rendering, body: `${rendering.body}${new Date().getFullYear()}` }),
  ],
  [
    'it changes nothing of the experiment',
    (rendering, experiment) => {
      Object.assign(experiment, { id: 'planted' });
      return rendering;
    },
  ],
  [
    'the document has a plain file name, and is complete in itself',
    body((text) => `${text}<img src="https://elsewhere/">`),
  ],
  ['medians are shown, with how many trials are behind them', body((text) => text.replaceAll('765', '10'))],
  ['trials that do not count are said, and carry no statement', body(() => 'all is well')],
  ['a number that is missing is a dash, and no zero', body((text) => text.replaceAll('—', '0 s'))],
  ['an experiment without trials is shown as one', body(() => '')],
];

test('there is a planted fault for each promise', () => {
  expect(FAULTS.map(([promise]) => promise)).toEqual(DASHBOARD_CONTRACT.map(({ promise }) => promise));
});

test.each(FAULTS)('a dashboard that breaks it is seen: %s', async (promise, change) => {
  const terminal = await dashboards[0]?.load();
  if (!terminal) throw new Error('no dashboard');
  const broken: Pick<Dashboard, 'render'> = {
    render: async (experiment, options) => change(await terminal.render(experiment, options), experiment),
  };
  const check = DASHBOARD_CONTRACT.find((clause) => clause.promise === promise)?.check;
  await expect(check?.(showing(broken, cacheFolder)) ?? 'no such promise').rejects.toThrow(
    /expected|read only|not extensible/,
  );
});
