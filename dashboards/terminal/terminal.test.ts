import { expect, test } from 'vitest';

import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { mayColour } from './colour.ts';
import { progressLine } from './progress.ts';
import { renderTable } from './table.ts';

const experiment = anExperiment([
  aRecord({ T: 10, metrics: { event_rate: 100_000 } }),
  aRecord({ T: 5.5, metrics: { event_rate: 181_000 }, point: { workers: 2 } }),
  aRecord({
    T: 1,
    trial: 'bad-one',
    state: 'invalid',
    reasons: [{ code: 'ANSWER_WRONG', message: 'bin 3' }],
    point: { workers: 2 },
  }),
  aRecord({ T: 4, point: { workers: 64 }, flags: [{ code: 'oversubscribed', message: '' }] }),
]);
/** The lines before the table: one answer, and an empty one. */
const ANSWER = 2;
// eslint-disable-next-line no-control-regex
const ESCAPE = /\u001b\[/;

test('the first line is the answer', () => {
  const [first, second] = renderTable(experiment, { columns: 200, colour: false }).split('\n');
  expect(first).toMatch(/^coffea: 2 workers: 1 of 2 answers wrong; how it scales is not known: /);
  expect(second).toBe('');
});

test('the table has medians, n, ratios and flags, and lists what does not count', () => {
  const lines = renderTable(experiment, { columns: 200, colour: false }).split('\n').slice(ANSWER);
  expect(lines[0]).toMatch(
    /suite +backend +runner +workers +data +n +events\/T +min\.\.max +speed-up +efficiency +CPU\/event +flags/,
  );
  expect(lines[2]).toMatch(/coffea +local +2 +4 × 100 MB +1 in 1 +181 kevents\/s .* 1\.82 +90\.9 % +— +1 not counted/);
  expect(lines[3]).toMatch(/64 .* — .*oversubscribed, not measured/);
  expect(lines.at(-2)).toBe('invalid bad-one: ANSWER_WRONG: bin 3');
});

test('a narrow terminal gets fewer columns, not longer lines', () => {
  const [head = '', ...rows] = renderTable(experiment, { columns: 80, colour: false }).split('\n').slice(ANSWER);
  expect(Math.max(head.length, ...rows.slice(0, 3).map((row) => row.length))).toBeLessThanOrEqual(80);
  expect(head).toContain('events/T');
  expect(head).not.toContain('CPU/event');
});

/** Five sessions of one worker, of which the second needs twice the CPU. */
const flagged = anExperiment([
  ...[1, 2, 3, 4, 5].map((session) =>
    aRecord({ session, metrics: { event_rate: 1e5, cpu_seconds_per_mevent: session === 2 ? 20 : 10 } }),
  ),
  aRecord({ T: 5, session: 1, point: { workers: 2 }, metrics: { event_rate: 2e5, cpu_seconds_per_mevent: 10 } }),
]);

test.each([40, 80, 120, 160])('at %i columns every flag is whole, beside or below its row', (columns) => {
  const text = renderTable(flagged, { columns, colour: false });
  expect(text.replaceAll(/\s+/g, ' ')).toContain(' core speed unlike in session 2 ');
  const table = text.split('\n').slice(ANSWER, -3);
  expect(Math.max(...table.map((line) => line.length))).toBeLessThanOrEqual(columns);
});

/** Points that differ in their data only, on a machine that was shared. */
const shared = anExperiment(
  (['zstd', 'none'] as const).flatMap((codec) =>
    [1, 3].map((clone) =>
      aRecord({
        T: clone,
        metrics: { event_rate: 1e5 },
        point: { codec, clusterEvents: 250, clone },
        flags: [
          { code: 'foreign-cpu', message: '' },
          { code: 'part-failed', message: '' },
        ],
      }),
    ),
  ),
);

test.each([60, 80, 120, 200])('at %i columns lines of different data are told apart, flags or not', (columns) => {
  const text = renderTable(shared, { columns, colour: false }).replaceAll(/\s+/g, ' ');
  for (const data of ['clusters of 250 events, listed 3 times', 'uncompressed, clusters of 250 events'])
    expect(text.split(data).length - 1).toBe(2);
  for (const flag of ['other programs ran', 'not all was watched']) expect(text.split(flag).length - 1).toBe(4);
});

test.each([60, 80, 160])('at %i columns lines of workers that were started otherwise are told apart', (columns) => {
  const started = anExperiment(
    (['spawn', 'fork-server'] as const).map((startMethod) => aRecord({ T: 1, point: { startMethod } })),
  );
  const text = renderTable(started, { columns, colour: false });
  expect(text).toMatch(/ fork-server/);
  expect(renderTable(shared, { columns, colour: false })).not.toMatch(/ how  /);
});

test.each([60, 80, 160])('at %i columns the legend explains what is printed, and nothing else', (columns) => {
  const lines = renderTable(flagged, { columns, colour: false }).split('\n');
  const [head = '', closing = ''] = [lines[ANSWER], lines.at(-2)];
  expect(closing.includes('n: trials in sessions')).toBe(/ n /.test(head));
  expect(closing).toContain('core speed unlike: ');
  expect(renderTable(experiment, { columns, colour: false })).not.toContain('core speed unlike: ');
});

test('colours only on a terminal and without NO_COLOR', () => {
  expect([mayColour(true, undefined), mayColour(true, ''), mayColour(true, '1'), mayColour(false, undefined)]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(renderTable(experiment, { columns: 80, colour: false })).not.toMatch(ESCAPE);
  expect(renderTable(experiment, { columns: 80, colour: true })).toMatch(ESCAPE);
});

test('the progress line fits its width and shows a dash for what is not known', () => {
  const state = {
    done: 3,
    total: 12,
    current: 'coffea, 4 workers, session 1',
    eventsPerSecond: 123_456,
    workers: 4,
    secondsLeft: 95,
  };
  expect(progressLine(state, 120)).toBe(
    '[####............] 3/12  4 workers  123 kevents/s  1 min 35 s left  coffea, 4 workers, session 1',
  );
  expect(progressLine(state, 74).length).toBeLessThanOrEqual(74);
  expect(progressLine({ ...state, eventsPerSecond: null, workers: null, secondsLeft: null })).toContain(
    '— workers  — events/s  — left',
  );
});
