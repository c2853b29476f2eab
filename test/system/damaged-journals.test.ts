import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counterOfTest, planted } from '../house/faults.ts';
import type { Event, EventOf } from '../../core/model/event.ts';
import { bench, benchGood, eventsIn, journalsIn, makePlace, type Outcome, type Place } from './harness.ts';

// One small real experiment, the journal of its last trial damaged in one way after the other. What the rules make of each kind
// is a table beside them (core/engine/rules/*.test.ts): here `bench report` is asked, as a user would.
let place: Place;
let experiment: string;
let first: string;
let last: string;
let whole: string;
let events: readonly Event[];
beforeAll(async () => {
  place = makePlace();
  const size = ['--files', '2', '--events', '16000', '--tasks', '4', '--workers', '1', '--no-reference'];
  const run = ['--backend', 'coffea', '--param', 'queries=1', '--sessions', '1', '--repeats', '2'];
  ({ experiment } = await benchGood(place, [...size, ...run]));
  first = journalsIn(experiment)[0] ?? '';
  last = journalsIn(experiment).at(-1) ?? '';
  whole = readFileSync(last, 'utf8');
  events = eventsIn(last);
});
afterAll(() => place.remove());

const TRIALS = 3;

/** How many trials a report tells of: those that are recorded, and those of which it says that they cannot be read. */
function shownIn({ stdout }: Outcome): number {
  const recorded = Number(/^(\d+) of 3 trials recorded/m.exec(stdout)?.[1] ?? 0);
  return recorded + (stdout.match(/^unreadable /gm)?.length ?? 0);
}

/** The journal with `change` made to each of its events. */
function changed(change: (event: Event) => object): string {
  return events.map((event) => `${JSON.stringify({ ...event, ...change(event) })}\n`).join('');
}

/** The journal with `change` made to its mark of that name. */
function markChanged(name: EventOf<'mark'>['name'], change: object): string {
  return changed((event) => (event.type === 'mark' && event.name === name ? change : {}));
}

function timeOf(name: EventOf<'mark'>['name']): number {
  return events.find((event) => event.type === 'mark' && event.name === name)?.t ?? Number.NaN;
}

/** Every number `name` in the samples of the agent replaced. */
function reading(name: string, value: string): string {
  return whole.replaceAll(new RegExp(`"${name}":[\\d.e+]+`, 'g'), `"${name}":${value}`);
}

/** The journal without its first merging task, with nothing else to show for it. */
function withoutAMerge(): string {
  const at = events.findIndex((event) => event.type === 'task' && event.kind === 'merge');
  const fewer = events.toSpliced(at, 1).map((event, index) => {
    if (event.type === 'done')
      return { ...event, seq: event.seq - (event.source === 'driver' ? 1 : 0), counts: oneLess(event) };
    return event.source === 'driver' && index >= at ? { ...event, seq: event.seq - 1 } : event;
  });
  return fewer.map((event) => `${JSON.stringify(event)}\n`).join('');
}

function oneLess({ counts }: EventOf<'done'>): Record<string, number> {
  return { ...counts, driver: (counts['driver'] ?? 0) - 1 };
}

// Each with the exit code, and what the trial is called.
test.each<[string, number, 'invalid' | 'incomplete' | 'unreadable', RegExp, () => string]>([
  ['T of zero', 5, 'invalid', /T_IMPOSSIBLE: T is 0\.000 s/, () => markChanged('result', { t: timeOf('trigger') })],
  [
    'T cut in half',
    5,
    'invalid',
    /TASK_OUTSIDE: task .* T lasts/,
    () => markChanged('result', { t: (timeOf('trigger') + timeOf('result')) / 2 }),
  ],
  [
    'a negative epoch',
    5,
    'invalid',
    /TIME_IMPOSSIBLE: event \d+ of \w+ is dated -/,
    () => changed(({ t }) => ({ t: -t })),
  ],
  ['two results', 5, 'invalid', /MARKS_WRONG: 2 marks "result"/, () => markChanged('graph', { name: 'result' })],
  [
    'a resident set of 10^30',
    5,
    'invalid',
    /VALUE_IMPOSSIBLE: rss_bytes of \w+ is 1e\+30/,
    () => reading('rss_bytes', '1e30'),
  ],
  [
    'a kind of event that nobody knows, three times',
    3,
    'unreadable',
    /line \d+ is not an event: type: .*'planned' \| .*; nor are 2 more lines$/m,
    () => whole.replaceAll(/"type":"(answer|done)"/g, '"type":"odd"'),
  ],
  ['a number beyond all', 3, 'unreadable', /line \d+ is not an event: /, () => reading('rss_bytes', '1e999')],
  [
    'the journal of another trial',
    5,
    'invalid',
    /JOURNAL_OF_ANOTHER: the journal is of trial b001-t00, its folder of b001-t02/,
    () => readFileSync(first, 'utf8'),
  ],
  [
    'the journal of another block',
    5,
    'invalid',
    /JOURNAL_OF_ANOTHER: the journal is of block b099, its folder of b001/,
    () => changed(({ type }) => (type === 'planned' ? { block: 'b099' } : {})),
  ],
  [
    'a plan with more workers',
    5,
    'invalid',
    /PLAN_CHANGED: point: .*"workers\\?":16/,
    () => whole.replace('"workers":1,', '"workers":16,'),
  ],
  [
    'data without columns',
    5,
    'invalid',
    /PLAN_CHANGED: dataset: .*"columnBytes\\?":\{\}/,
    () =>
      changed((event) =>
        event.type === 'planned' && event.dataset ? { dataset: { ...event.dataset, columnBytes: {} } } : {},
      ),
  ],
  [
    'a session that was asked for an hour before',
    5,
    'invalid',
    /SESSION_IMPOSSIBLE: experiment, asked for, .*not in this order/,
    () => changed((event) => (event.type === 'session' ? { askedAt: event.askedAt - 3600 } : {})),
  ],
  [
    'a session that was asked for a little later than its other trials say',
    5,
    'invalid',
    /SESSION_UNLIKE: the session is .*, that of b001-t00 /,
    () => changed((event) => (event.type === 'session' ? { askedAt: event.askedAt + 0.01 } : {})),
  ],
  [
    'the count of trials of another trial',
    5,
    'invalid',
    /SESSION_UNLIKE: 1 trials of the session before it, 2 are there/,
    () => changed(({ type }) => (type === 'session' ? { trialsBefore: 1 } : {})),
  ],
  [
    'a memory limit that nobody gave',
    5,
    'invalid',
    /SESSION_CHANGED: memory limit 1000000000 in the journal, null in the experiment/,
    () => changed(({ type }) => (type === 'session' ? { memoryLimitBytes: 1e9 } : {})),
  ],
  [
    'samples of a minute before',
    5,
    'invalid',
    /SAMPLES_MISSING: no sample of w0 between plan and trigger/,
    () => changed(({ source, t }) => (source === 'agent/w0' ? { t: t - 60 } : {})),
  ],
  [
    'a largest resident set below the resident set',
    5,
    'invalid',
    /RESIDENT_IMPOSSIBLE: the largest resident set of w0 at .* is 10000000, the resident set \d+/,
    () => reading('rss_high_water_bytes', '10000000'),
  ],
  [
    'a task that is not there, all lines numbered and counted anew',
    5,
    'invalid',
    /METERS_DISAGREE: \d+ tasks of w0, the process counted \d+/,
    withoutAMerge,
  ],
  [
    'one event less',
    5,
    'invalid',
    /EVENTS_WRONG: 15999 events read/,
    () => changed(({ type }) => (type === 'answer' ? { events: 15_999 } : {})),
  ],
  [
    'NaN in a bin',
    5,
    'invalid',
    /ANSWER_WRONG: q1_met, bin 1 .*: entries NaN, expected \d+/,
    () => whole.replace(/("values":\[[\d.]+),[\d.]+/, '$1,"NaN"'),
  ],
  [
    'NaN that is no JSON',
    3,
    'unreadable',
    /line \d+ is not an event: not JSON/,
    () => whole.replace(/("values":\[[\d.]+),[\d.]+/, '$1,NaN'),
  ],
  [
    'a lost line',
    0,
    'incomplete',
    /EVENTS_MISSING: driver: 1 of \d+ events are missing/,
    () => whole.replace(/.*"type":"answer".*\n/, ''),
  ],
  [
    'bytes that are no text',
    3,
    'unreadable',
    /line 2 is not an event: not JSON/,
    () => whole.replace('\n', '\n\u0000\u0001\n'),
  ],
])('%s: bench report ends with %i', async (what, code, state, said, damage) => {
  // The others are in docs/trust.md as rules for what cannot be: no fault of the surroundings, which spoil files.
  if (state !== 'invalid') planted('a journal is damaged', what);
  const damaged = damage();
  expect(damaged).not.toBe(whole);
  writeFileSync(last, damaged);
  const report = await bench(place, ['report', experiment]);
  counterOfTest().lost('trials', TRIALS, TRIALS - shownIn(report));
  writeFileSync(last, whole);
  expect(report.stdout).toMatch(said);
  expect(report.stderr).not.toContain('this is a bug');
  expect(report.stderr).toMatch(state === 'unreadable' ? /^bench: .*\n {2}restore the file, .*$/ : /^/);
  expect(report.exitCode).toBe(code);
  expect(report.stdout).toMatch(new RegExp(`^${state} b001-t02: `, 'm'));
});

test('what others chose for the names of workers, hosts and folders moves no cursor and turns no text around', async () => {
  const counter = planted('names, folders and rights', 'control characters in names of workers, hosts and folders');
  const evil = '\u001B]0;owned\u0007\u009B2J\u202E';
  const inJson = JSON.stringify(evil).slice(1, -1);
  const foreign = join(place.folder, 'foreign', evil);
  cpSync(experiment, foreign, { recursive: true });
  const file = join(foreign, 'experiment.json');
  for (const path of [...journalsIn(foreign), file]) {
    const text = readFileSync(path, 'utf8').replaceAll('w0', `w0${inJson}`);
    writeFileSync(path, text.replaceAll(/("(?:host|command)": ?")/g, `$1${inJson}`));
  }
  const [odd = ''] = journalsIn(foreign);
  writeFileSync(odd, readFileSync(odd, 'utf8').replaceAll(/"type":"(answer)"/g, `"type":"${inJson}"`));
  const list = ['list', 'experiments', '--results', join(place.folder, 'foreign')];
  for (const args of [['report', foreign], list, ['report', join(foreign, 'blocks')], ['--resume', foreign, evil]]) {
    const { stdout, stderr } = await bench(place, args);
    expect(`${stdout}${stderr}`).toContain(String.raw`\x1b]0;owned\x07\x9b2J\u202e`);
    expect(`${stdout}${stderr}`).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
  }
  counter.lost('trials', TRIALS, TRIALS - shownIn(await bench(place, ['report', foreign])));
  const page = readFileSync(join(foreign, 'report.html'), 'utf8');
  expect(page).toContain(String.raw`\x1b]0;owned\x07\x9b2J\u202e`);
  const [, data = ''] = /<script id="data" type="application\/json">(.*?)<\/script>/s.exec(page) ?? [];
  const shown: unknown = JSON.parse(data);
  expect(page.replace(/<script>.*<\/script>/s, '') + allTexts(shown)).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}]/u);
});

/** Every text and name in a value. */
function allTexts(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null
    ? Object.entries(value)
        .map(([name, item]) => name + allTexts(item))
        .join('')
    : '';
}

test('a trial of a finished run whose folder is gone, whose journal is empty or a pipe, is named', async () => {
  const counter = planted('a journal is damaged', 'it is gone from a run that had ended, is empty, or is a pipe');
  const file = join(experiment, 'experiment.json');
  const kept = join(place.folder, 'kept');
  for (const [path, damage, said] of [
    [dirname(first), () => {}, `${first}: is gone`],
    [first, () => writeFileSync(first, ''), `${first}: holds no whole line`],
    [first, () => execFileSync('mkfifo', [first]), `${first}: cannot be read: not a regular file`],
    [file, () => execFileSync('mkfifo', [file]), `${file}: cannot be read: Error: not a regular file`],
  ] as const) {
    renameSync(path, kept);
    damage();
    const report = await bench(place, ['report', experiment]);
    expect(report).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(`${said}\n  `) });
    if (path !== file) counter.lost('trials', TRIALS, TRIALS - shownIn(report));
    rmSync(path, { force: true });
    renameSync(kept, path);
  }
  expect((await bench(place, ['report', experiment])).exitCode).toBe(0);
});

test('a truth that is not there, or no truth, is named, with where its copy is', async () => {
  const counter = planted('a journal is damaged', 'the truth beside it is gone, or is none');
  const truth = join(experiment, readdirSync(experiment).find((name) => name.startsWith('truth-')) ?? '');
  const kept = join(place.folder, 'truth.json');
  copyFileSync(truth, kept);
  for (const [damage, said] of [
    [() => rmSync(truth), 'cannot be read: ENOENT'],
    [() => writeFileSync(truth, '{'), 'cannot be read: not JSON'],
    [() => writeFileSync(truth, '{}'), 'cannot be read: not a truth'],
  ] as const) {
    damage();
    const report = await bench(place, ['report', experiment]);
    expect(report.stderr).toContain(`${truth}: ${said}`);
    expect(report.stderr).toContain('restore the file from truth-adl.json of the data set');
    expect(report.exitCode).toBe(3);
  }
  renameSync(kept, truth);
  const report = await bench(place, ['report', experiment]);
  counter.lost('trials', TRIALS, TRIALS - shownIn(report));
  expect(report.exitCode).toBe(0);
});
