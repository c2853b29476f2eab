import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTrial, closed, type Entry, entry, recordFrom, sample } from '../../core/engine/test/journal-of.ts';
import { missing } from '../../core/model/quantity.ts';
import type { TrialRecord } from '../../core/model/record.ts';
import { SAMPLES } from '../../core/model/samples.ts';
import { HEAD, lines, machine, newStage, PLACE, W0 } from './test/stage.ts';
import { parsePage } from './test/text-format.ts';

const stage = newStage();

const scheduler = (t: number, values: { [name: string]: number }): Entry =>
  entry('scheduler', t, { type: 'sample', collector: 'scheduler', target: 'scheduler', values });

test('the page has every field of every sample, with type, help, unit and where it was read', async () => {
  const everything = SAMPLES.map(({ collector, fields }) => {
    const values = Object.fromEntries(fields.map((field, index) => [field.name, index + 0.5]));
    return entry('any', 100, { type: 'sample', collector, target: 'w0', values });
  });
  stage.sink.follow(stage.journal('t1', [...HEAD, ...everything]));
  const response = await fetch(`${stage.sink.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const page = parsePage(await response.text());
  expect(page.get('hepbench_worker_cpu_seconds_total')).toEqual({
    help: 'User and system CPU of the process.',
    type: 'counter',
    series: [{ labels: W0, value: 0.5 }],
  });
  expect(page.get('hepbench_scheduler_tasks_memory')).toMatchObject({ type: 'gauge', series: [{ labels: PLACE }] });
  expect(page.get('hepbench_host_load1')?.series).toMatchObject([{ labels: { ...PLACE, host: 'w0' } }]);
  expect(page.get('hepbench_sink_backlog_bytes')?.series).toMatchObject([{ labels: PLACE }]);
  const fields = SAMPLES.flatMap((each) => each.fields);
  const shown = [...page.values()].filter((metric) => metric.series.some(({ value }) => value % 1 === 0.5));
  expect(shown).toHaveLength(fields.length);
  expect(shown.map(({ help }) => help).toSorted()).toEqual(fields.map(({ help }) => help).toSorted());
  const kinds = new Map(fields.map(({ help, kind }) => [help, kind]));
  for (const { help, type } of shown) expect(type).toBe(kinds.get(help));
  const units = new Map(fields.map(({ help, unit }) => [help, unit]));
  const withoutUnit = [...page].filter(([name, { help }]) => {
    const unit = units.get(help) ?? '';
    return ['bytes', 'seconds'].includes(unit) && !name.includes(`_${unit}`);
  });
  expect(withoutUnit).toEqual([]);
});

test('only what was appended since the last scrape is read, and the latest value counts', async () => {
  const path = join(stage.folder, 't1', 'events.jsonl');
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([]);
  stage.journal('t1', [
    ...HEAD,
    sample('w0', 100, { rss_bytes: 1, pss_bytes: 7 }),
    sample('w0', 101, { rss_bytes: 2 }),
  ]);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 2 }]);
  appendFileSync(path, lines([sample('w0', 102, { rss_bytes: 3 }), sample('w1', 102, { rss_bytes: 4 })]));
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([
    { labels: W0, value: 3 },
    { labels: { ...W0, worker: 'w1' }, value: 4 },
  ]);
  expect(await stage.series('hepbench_worker_pss_bytes')).toEqual([{ labels: W0, value: 7 }]);
  expect(stage.sink.report()).toMatchObject({
    name: 'exposition',
    samples: 4,
    backlogBytes: 0,
    failedPages: 0,
    problem: null,
  });
  expect(stage.sink.report().pageSeconds).toBeGreaterThan(0);
});

test('trials are counted by state, and the last valid one shows its speed', async () => {
  const record = recordFrom(closed(aTrial([machine, sample('w0', 100, { rss_bytes: 1 })])));
  const rates = { event_rate: 100, cpu_seconds_per_mevent: 12.5 };
  const ended = (name: string, change: Partial<TrialRecord>) =>
    stage.sink.finished(stage.journal(name, HEAD, { ...record, state: 'valid', ...change }));
  ended('t1', { metrics: rates });
  ended('t2', { metrics: { ...rates, event_rate: 200 } });
  ended('t3', { metrics: { ...rates, event_rate: 300 }, state: 'invalid' });
  const page = parsePage(await stage.scrape());
  const labels = { suite: 'adl', backend: 'coffea', runner: 'local' };
  expect(page.get('hepbench_trials_total')?.series).toEqual([
    { labels: { ...labels, state: 'valid' }, value: 2 },
    { labels: { ...labels, state: 'invalid' }, value: 1 },
  ]);
  const shown = (name: string) => page.get(name)?.series;
  expect(shown('hepbench_trial_event_rate')).toEqual([{ labels: { ...labels, workers: '2' }, value: 200 }]);
  expect(shown('hepbench_trial_turnaround_seconds')).toEqual([{ labels: { ...labels, workers: '2' }, value: 10 }]);
  expect(shown('hepbench_trial_cpu_seconds_per_mevent')).toMatchObject([{ value: 12.5 }]);
  ended('t4', { metrics: { event_rate: missing('no events') } });
  expect(await stage.series('hepbench_trial_event_rate')).toEqual([]);
});

test('no label holds the name of an experiment or a trial', async () => {
  const planted = 'PLANTED-0815';
  const ids = { experiment: planted, block: planted, dataset: null };
  const entries = aTrial(
    [machine, sample('w0', 100, { rss_bytes: 1 }), scheduler(100, { dask_scheduler_clients: 1 })],
    ids,
  );
  const record = { ...recordFrom(closed(entries)), experiment: planted, trial: planted, block: planted };
  const path = stage.journal(planted, entries, { ...record, state: 'valid', metrics: { event_rate: 1 } });
  writeFileSync(path, lines(entries).replaceAll('b001-t01', planted));
  stage.sink.follow(path);
  stage.sink.finished(path);
  const page = await stage.scrape();
  expect(parsePage(page).get('hepbench_worker_rss_bytes')?.series).toHaveLength(1);
  expect(parsePage(page).get('hepbench_trial_event_rate')?.series).toHaveLength(1);
  expect(page).not.toContain(planted);
});

test('quotes, newlines and backslashes in the name of a worker come through', async () => {
  const names = ['a "b" c', 'two\nlines', 'back\\slash', 'ends in \\', '\\n', '{a="b"} 1', '\u2028', ''];
  stage.sink.follow(stage.journal('t1', [...HEAD, ...names.map((name) => sample(name, 100, { rss_bytes: 1 }))]));
  expect((await stage.series('hepbench_worker_rss_bytes')).map(({ labels }) => labels['worker'])).toEqual(names);
});

test('the reader of these tests refuses what is not the text format', () => {
  const good = '# HELP a_total A.\n# TYPE a_total counter\na_total{b="c",d="\\"\\\\\\n"} 1.5\n';
  expect(parsePage(good).get('a_total')?.series).toEqual([{ labels: { b: 'c', d: '"\\\n' }, value: 1.5 }]);
  const bad: readonly (readonly [string, string, string])[] = [
    ['b="c"', 'b="c"x', 'bad labels'],
    ['b="c"', 'b="c"d"', 'bad labels'],
    ['b="c"', 'b="\\q"', 'bad labels'],
    ['b="c"', 'd="c"', 'bad labels'],
    ['b="c"', 'b=c', 'bad labels'],
    ['1.5', 'NaN', 'neither comment nor series'],
    ['1.5', '', 'neither comment nor series'],
    ['counter', 'count', 'neither comment nor series'],
    ['1.5', '-1', 'no counter'],
    ['1.5\n', '1.5', 'the last line has no end'],
    ['1.5\n', '1.5\na_total{b="c",d="\\"\\\\\\n"} 2\n', 'twice'],
    ['\na_total{', '\nb_total{', 'apart from its type'],
    ['# TYPE a_total counter\n', '', 'apart from its type'],
    ['# HELP a_total A.\n', '', 'a type without its help'],
  ];
  for (const [from, to, why] of bad) expect(() => parsePage(good.replace(from, () => to))).toThrow(why);
});
