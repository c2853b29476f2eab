import { appendFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { sample, worker } from '../../core/engine/test/journal-of.ts';
import { HEAD, lines, newStage, W0 } from './test/stage.ts';
import { parsePage } from './test/text-format.ts';

const stage = newStage();
afterEach(() => {
  vi.useRealTimers();
});

test('a finished journal is shown once more, and its workers by no page after that', async () => {
  const path = stage.journal('t1', [...HEAD, sample('w0', 100, { rss_bytes: 1 })]);
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_rss_bytes')).toHaveLength(1);
  appendFileSync(path, lines([sample('w0', 101, { rss_bytes: 2 })]));
  stage.sink.finished(path);
  expect(stage.sink.isSettled(path)).toBe(false);
  expect(await stage.series('hepbench_worker_rss_bytes')).toEqual([{ labels: W0, value: 2 }]);
  const page = await stage.scrape();
  expect(parsePage(page).get('hepbench_worker_rss_bytes')?.series).toEqual([]);
  expect(page).not.toContain('w0');
  expect(stage.sink.isSettled(path)).toBe(true);
});

test('a finished journal that nobody asks for within 15 s is not shown any more', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const paths = ['t1', 't2'].map((name) =>
    stage.journal(name, [...HEAD, sample(`worker-${name}`, 100, { rss_bytes: 1 })]),
  );
  for (const path of paths) stage.sink.follow(path);
  stage.sink.finished(paths[0] ?? '');
  vi.advanceTimersByTime(14_000);
  stage.sink.finished(paths[1] ?? '');
  vi.advanceTimersByTime(2_000);
  expect((await stage.series('hepbench_worker_rss_bytes')).map(({ labels }) => labels['worker'])).toEqual([
    'worker-t2',
  ]);
});

test('the next trial of a session takes over the series of its workers, in whichever order they are read', async () => {
  const first = stage.journal('t1', [
    ...HEAD,
    sample('w0', 100, { rss_bytes: 1 }),
    sample('w1', 100, { rss_bytes: 1 }),
  ]);
  const second = stage.journal('t2', [
    ...HEAD,
    sample('w0', 110, { rss_bytes: 2 }),
    sample('w1', 99, { rss_bytes: 3 }),
  ]);
  for (const path of [second, first]) stage.sink.follow(path);
  stage.sink.finished(first);
  expect((await stage.series('hepbench_worker_rss_bytes')).map(({ value }) => value)).toEqual([2, 1]);
  expect((await stage.series('hepbench_worker_rss_bytes')).map(({ value }) => value)).toEqual([2, 3]);
});

test('a worker that leaves vanishes, late samples of it too, and comes back under its name from zero', async () => {
  const two = [sample('w0', 100, { cpu_seconds_total: 50 }), sample('w1', 100, { cpu_seconds_total: 60 })];
  const path = stage.journal('t1', [...HEAD, ...two]);
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_cpu_seconds_total')).toHaveLength(2);
  appendFileSync(path, lines([worker('left', 'w0', 102, 'tcp://x:1'), sample('w0', 101, { cpu_seconds_total: 51 })]));
  expect(await stage.series('hepbench_worker_cpu_seconds_total')).toMatchObject([{ labels: { worker: 'w1' } }]);
  appendFileSync(
    path,
    lines([sample('w0', 104, { cpu_seconds_total: 0.25 }), sample('w1', 104, { cpu_seconds_total: 2 })]),
  );
  expect((await stage.series('hepbench_worker_cpu_seconds_total')).map(({ value }) => value)).toEqual([2, 0.25]);
});

test('what is five minutes older than the newest sample is not shown', async () => {
  const old = [sample('w0', 100, { rss_bytes: 1, pss_bytes: 1 }), sample('w1', 105, { rss_bytes: 1 })];
  const path = stage.journal('t1', [...HEAD, ...old]);
  stage.sink.follow(path);
  expect(await stage.series('hepbench_worker_pss_bytes')).toHaveLength(1);
  appendFileSync(path, lines([sample('w0', 402, { rss_bytes: 2 })]));
  expect(await stage.series('hepbench_worker_rss_bytes')).toHaveLength(2);
  expect(await stage.series('hepbench_worker_pss_bytes')).toEqual([]);
});
