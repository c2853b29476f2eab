import { expect, test } from 'vitest';
import { aTrial, recordOf, sample, worker } from './test/journal-of.ts';

const cpu = (on: string, t: number, seconds: number) => sample(on, t, { cpu_seconds_total: seconds });

test('counters are interpolated at the edges of T and added up over workers', () => {
  const record = recordOf(
    aTrial([
      // 12 at the trigger, 22 at the result.
      cpu('w0', 98, 10),
      cpu('w0', 102, 14),
      cpu('w0', 112, 24),
      // 5.5 and 10.5.
      cpu('w1', 99, 5),
      cpu('w1', 111, 11),
    ]),
  );
  expect(record.metrics['cpu_seconds']).toBeCloseTo(15, 12);
});

test('outside its samples a counter keeps its nearest value', () => {
  const record = recordOf(aTrial(['w0', 'w1'].flatMap((on) => [cpu(on, 101, 3), cpu(on, 109, 7)])));
  expect(record.metrics['cpu_seconds']).toBe(8);
});

test('a replaced worker begins again: both stretches under its name count', () => {
  const record = recordOf(
    aTrial([
      worker('left', 'w0', 104.5),
      worker('joined', 'w0', 105.5, 'w0-again'),
      cpu('w0', 100, 10),
      cpu('w0', 104, 13),
      cpu('w0', 106, 1),
      cpu('w0', 110, 4),
      cpu('w1', 100, 0),
      cpu('w1', 110, 5),
    ]),
  );
  // 3 before and 3 after the replacement, 5 on the other worker.
  expect(record.metrics['cpu_seconds']).toBe(11);
  const rates = record.series.filter(({ target }) => target === 'w0').map(({ cpuCores }) => cpuCores);
  expect(rates).toEqual([0.75, { missing: 'the counter began again' }, 0.75]);
});

test('a sum over workers is missing when one of them was not sampled', () => {
  const reason = { missing: 'no two samples of cpu_seconds_total from worker w1' };
  expect(recordOf(aTrial([cpu('w0', 100, 0), cpu('w0', 110, 5)])).metrics['cpu_seconds']).toEqual(reason);
  const once = recordOf(aTrial([cpu('w0', 100, 0), cpu('w0', 110, 5), cpu('w1', 105, 1)]));
  expect(once.metrics['cpu_seconds']).toEqual(reason);
});

test('a counter that all workers of a machine report alike is not added up', () => {
  const bytes = (on: string, t: number, received: number) => sample(on, t, { network_receive_bytes_total: received });
  const record = recordOf(
    aTrial([bytes('w0', 100, 0), bytes('w0', 110, 900), bytes('w1', 100, 0), bytes('w1', 110, 1000)]),
  );
  expect(record.metrics['network_bytes']).toBe(1000);
});

test('memory has a peak and a mean over all samples', () => {
  const rss = (on: string, t: number, bytes: number) => sample(on, t, { rss_bytes: bytes });
  const record = recordOf(aTrial([rss('w0', 101, 100), rss('w0', 103, 300), rss('w1', 102, 200)]));
  expect(record.metrics).toMatchObject({ rss_peak_bytes: 300, rss_mean_bytes: 200, sampling_gap_max_seconds: 2 });
});

test('the series are rates between neighbouring samples in seconds after the trigger', () => {
  const at = (t: number, seconds: number, bytes: number) =>
    sample('w0', t, { cpu_seconds_total: seconds, framework_read_bytes_total: bytes, rss_bytes: 7 });
  expect(recordOf(aTrial([at(100, 0, 0), at(102, 1, 500)])).series).toEqual([
    { t: 2, target: 'w0', cpuCores: 0.5, readBytesPerSecond: 250, rssBytes: 7 },
  ]);
});

test('a gauge that could not be read is missing in the series', () => {
  expect(recordOf(aTrial([cpu('w0', 100, 0), cpu('w0', 101, 1)])).series).toEqual([
    {
      t: 1,
      target: 'w0',
      cpuCores: 1,
      readBytesPerSecond: { missing: 'framework_read_bytes_total could not be read' },
      rssBytes: { missing: 'rss_bytes could not be read' },
    },
  ]);
});

test('samples of other collectors are not taken for those of the agent', () => {
  const host = {
    source: 'host',
    t: 100,
    draft: { type: 'sample', collector: 'host', target: 'w0', values: { rss_bytes: 1 } },
  } as const;
  expect(recordOf(aTrial([host])).metrics['rss_peak_bytes']).toEqual({ missing: 'no sample of rss_bytes' });
});
