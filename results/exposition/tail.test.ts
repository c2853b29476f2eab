import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entry, sample } from '../../core/engine/test/journal-of.ts';
import { HEAD, lines, newStage, W0 } from './test/stage.ts';

const stage = newStage();

test('a line without its end waits, also when it is cut inside a letter', async () => {
  const whole = Buffer.from(lines([sample('wörker', 100, { rss_bytes: 5 })]));
  const path = stage.journal('t1', HEAD);
  const cut = whole.indexOf('ö') + 1;
  appendFileSync(path, whole.subarray(0, cut));
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([]);
  appendFileSync(path, whole.subarray(cut));
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: { ...W0, worker: 'wörker' }, value: 5 }]);
  expect(await stage.series('hepbench_exposition_skipped_lines_total')).toEqual([{ labels: {}, value: 0 }]);
});

test('lines that are no events, or samples that are not in the catalogue, are skipped and counted', async () => {
  const path = stage.journal('t1', HEAD);
  const odd = [sample('w0', 101, { no_such_field: 1 }), sample('w0', 101, { cpu_seconds_total: -1 })];
  appendFileSync(path, 'nonsense\n\n{"type":"sample","t":1}\n{"type":"worker"}\n[]\n');
  appendFileSync(path, lines([...odd, sample('w0', 102, { rss_bytes: 1 })]));
  appendFileSync(path, lines([sample('w0', 103, { rss_bytes: 2 })]).replace('"rss_bytes":2', '"rss_bytes":1e999'));
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 1 }]);
  expect(await stage.series('hepbench_exposition_skipped_lines_total')).toEqual([{ labels: {}, value: 8 }]);
});

test('a line longer than any that is needed is passed over, and what follows it is read', async () => {
  const path = stage.journal('t1', HEAD);
  const [long = ''] = lines([entry('driver', 100, { type: 'warning', code: 'c', message: 'x'.repeat(1e6) })]).split(
    '\n',
  );
  appendFileSync(path, long.slice(0, 6e5));
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([]);
  appendFileSync(path, `${long.slice(6e5)}\n${lines([sample('w0', 101, { rss_bytes: 1 })])}`);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 1 }]);
  expect(await stage.series('hepbench_exposition_skipped_lines_total')).toEqual([{ labels: {}, value: 0 }]);
});

test('a journal that was written anew is read from its beginning', async () => {
  const path = stage.journal('t1', [...HEAD, sample('w0', 100, { rss_bytes: 1 }), sample('w0', 101, { rss_bytes: 2 })]);
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 2 }]);
  stage.journal('t1', [...HEAD, sample('w0', 102, { rss_bytes: 3 })]);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 3 }]);
});

test('a journal of many chunks is read whole', async () => {
  const many = Array.from({ length: 20_000 }, (_, index) =>
    sample(`w${index % 8}`, 100 + index / 1000, { rss_bytes: index }),
  );
  stage.sink.follow(stage.journal('t1', [...HEAD, ...many]));
  expect((await stage.series('hepbench_worker_rss_bytes')).map(({ value }) => value)).toEqual(
    Array.from({ length: 8 }, (_, index) => 19_992 + index),
  );
  expect(stage.sink.report().samples).toBe(20_000);
  expect(stage.sink.report().cpuSeconds).toBeGreaterThan(0);
});

test('a journal or record that cannot be read is counted and costs no other journal its place', async () => {
  const noFile = join(stage.folder, 'events.jsonl');
  mkdirSync(noFile);
  stage.sink.follow(noFile);
  stage.sink.follow(stage.journal('t1', [...HEAD, sample('w0', 100, { rss_bytes: 1 })]));
  const odd = stage.journal('t2', HEAD);
  writeFileSync(join(stage.folder, 't2', 'record.json'), '{"state":"valid"}');
  stage.sink.finished(odd);
  // The journal of a monitor has no record.
  stage.sink.finished(stage.journal('t3', HEAD));
  expect(await stage.series('hepbench_worker_rss_bytes')).toHaveLength(1);
  expect(stage.sink.report().problem).toContain('EISDIR');
  expect(await stage.series('hepbench_exposition_failed_reads_total')).toEqual([{ labels: {}, value: 3 }]);
  expect(await stage.series('hepbench_trials_total')).toEqual([]);
});
