import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, expect, test } from 'vitest';

import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import type { Experiment } from '../../core/model/record.ts';
import { browserBundle } from './bundle.ts';
import { escapeText, html, scriptJson } from './html.ts';
import { terminal } from '../terminal/terminal.ts';
import { report } from './report.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'hepbench-report-'));
afterAll(() => rmSync(cacheFolder, { recursive: true, force: true }));

async function rendered(experiment: Experiment): Promise<string> {
  return (await report.render(experiment, { cacheFolder, columns: 80, colour: false })).body;
}

const EVIL = '</script><script>alert(1)</script><!-- "\' & <img src=x onerror=alert(1)>\u2028';

test('text is escaped and JSON cannot end its script element', () => {
  expect(escapeText('<a href="x">\'&')).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;');
  expect(html`<p>${EVIL}</p>`.markup).not.toContain('<script');
  const json = scriptJson({ evil: EVIL });
  expect(json).not.toMatch(/[<>&\u2028]/);
  expect(JSON.parse(json)).toEqual({ evil: EVIL });
});

test('no string of an experiment becomes markup', async () => {
  const record = aRecord({
    trial: EVIL,
    state: 'invalid',
    reasons: [{ code: EVIL, message: EVIL }],
    point: { suite: EVIL, runner: EVIL, parameters: { [EVIL]: EVIL } },
    tasks: [{ key: EVIL, kind: 'process', worker: EVIL, status: 'ok', start: 0, stop: 1 }],
  });
  const page = await rendered({
    ...anExperiment([record, aRecord()]),
    id: EVIL,
    command: EVIL,
    environment: { [EVIL]: { [EVIL]: EVIL } },
  });
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page.match(/<\/script/g)).toHaveLength(2);
  expect(page).not.toContain('<img');
  expect(page).not.toContain('alert(1)</script>');
});

test('the page forbids all network and holds no address but that of the licence', async () => {
  const page = await rendered(anExperiment([aRecord()]));
  expect(page).toContain('default-src &#39;none&#39;');
  expect(page).not.toMatch(/unsafe-(inline|eval)/);
  expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('of four sizes of data the largest has a card, and the others a table', async () => {
  const sizes = [1, 2, 4, 8].flatMap((scale) =>
    [1, 2, 3].flatMap((session) =>
      [1, 2].map((workers) => aRecord({ session, T: scale / workers, point: { workers, fileBytes: scale * 16e6 } })),
    ),
  );
  const page = await rendered(anExperiment(sizes));
  expect(page.match(/<section class="card /g)).toHaveLength(1);
  const [, table = ''] = /aria-label="The other sizes of data">([^]*?)<\/table>/.exec(page) ?? [];
  expect(table.match(/<tr>/g)).toHaveLength(4);
  expect(table.match(/Scales to at least 2 workers/g)).toHaveLength(3);
  expect(page).toMatch(/coffea: 4 × 16\.0 MB to 4 × 128 MB: scales to at least 2 workers/);
});

test('an experiment without a reference does not claim to scale well', async () => {
  const page = await rendered(anExperiment([aRecord({ point: { runner: 'local', workers: 2 } })]));
  expect(page).toContain(
    '<span>coffea: how it scales is not known: neither one worker nor one thread without Dask was run</span>',
  );
  expect(page).not.toContain('scales well');
});

test('the page begins with the lines that the terminal begins with', async () => {
  const experiment = anExperiment([
    aRecord({ T: 10 }),
    aRecord({ T: 5, point: { workers: 2 } }),
    aRecord({ T: 5, state: 'failed', point: { backend: 'rdataframe' } }),
  ]);
  const { body } = await terminal.render(experiment, { cacheFolder, columns: 80, colour: false });
  const lines = body.slice(0, body.indexOf('\n\n')).split('\n');
  expect(lines).toHaveLength(2);
  const heading = /<h1>(.*?)<\/h1>/s.exec(await rendered(experiment))?.[1] ?? '';
  expect([...heading.matchAll(/<span>(.*?)<\/span>/g)].map(([, text]) => text)).toEqual(lines);
});

test('a missing number is a dash with its reason, never a zero', async () => {
  const page = await rendered(
    anExperiment([aRecord({ T: 10, metrics: { event_rate: { missing: 'the loop did not count' } } })]),
  );
  expect(page).toContain('title="the loop did not count"');
  expect(page).toContain('Not drawn: the loop did not count.');
  expect(page).not.toMatch(/>0\.00\s*events/);
});

test('an experiment without any trial still gives a page', async () => {
  expect(await rendered(anExperiment([]))).toContain('<span>no trial was recorded</span>');
});

test('trials that do not count come first, and their reasons are told', async () => {
  const bad = aRecord({
    trial: 'bad-one',
    state: 'invalid',
    reasons: [{ code: 'ANSWER_WRONG', message: 'bin 3' }],
  });
  const page = await rendered(anExperiment([aRecord({ trial: 'good-one' }), bad]));
  const table = page.slice(page.indexOf('id="trials"'));
  expect(table.indexOf('bad-one')).toBeLessThan(table.indexOf('good-one'));
  expect(table).toContain('ANSWER_WRONG: bin 3');
});

test('what was not varied is one sentence that names the flag', async () => {
  const page = await rendered(anExperiment([aRecord()]));
  expect(page).toContain('several values of --files would');
  expect(page).toContain('several values of --file-size would');
});

test('headings descend by one level', async () => {
  const page = await rendered(anExperiment([aRecord(), aRecord({ point: { workers: 2 } })]));
  const levels = [...page.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level));
  expect(levels[0]).toBe(1);
  const steps = levels.slice(1).map((level, i) => level - (levels[i] ?? 0));
  expect(Math.max(...steps)).toBe(1);
});

test('the bundle is built once and found again by its content', async () => {
  const first = await browserBundle(cacheFolder);
  expect(await browserBundle(cacheFolder)).toBe(first);
  expect(readdirSync(cacheFolder).filter((name) => name.endsWith('.js'))).toHaveLength(1);
  expect(first).not.toContain('</script');
});
