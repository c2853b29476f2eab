import { expect, test } from 'vitest';

import { aRecord } from '../../core/stats/test/records.ts';
import { data, efficient, large, on, runs, said, SERIAL, small, wrongAt } from './test/experiments.ts';

// What a skilled colleague would say where trials went wrong, are missing, or are too few or too short to go by.
test.each<[string, readonly ReturnType<typeof runs>[], readonly string[]]>([
  [
    'eight of nine answers wrong at 2 workers',
    [runs(on(1), 10), wrongAt(2, 8, 1)],
    [
      'coffea: 2 workers: 8 of 9 answers wrong; how it scales is not known: 2 workers: 1 of 9 trials count, 3 are needed',
    ],
  ],
  [
    'a reference that was disturbed',
    [runs({ ...on(1), taints: [{ code: 'WORKER_LEFT', message: 'lost' }] }, 10), efficient(2, 0.9)],
    [
      'coffea: how it scales is not known: the reference, one worker, cannot be used: 0 of 6 trials count, 3 are needed (6 tainted: lost)',
    ],
  ],
  [
    'too few trials',
    [runs(on(1), 10, { sessions: 1 }), runs(on(2), 5, { sessions: 1 })],
    ['coffea: how it scales is not known: the reference, one worker, cannot be used: 2 trials count, 3 are needed'],
  ],
  [
    'T that is hardly more than the floor',
    [
      runs({ ...on(1), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.02 } }, 0.4),
      runs({ ...on(2), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.05 } }, 0.22),
    ],
    [
      'coffea: how it scales is not known: 2 workers: T is only 4.4 times what Dask needs for as many empty tasks, 10 are needed',
    ],
  ],
  [
    'a hole in the chain',
    [runs(on(1), 10), efficient(2, 0.95), runs({ ...on(4), state: 'failed' }, 1), efficient(8, 0.9)],
    [
      'coffea: 4 workers: 6 of 6 trials failed; scales to at least 2 workers; 4 workers: 0 of 6 trials count, 3 are needed',
    ],
  ],
  [
    'more workers than cores are no part of it',
    [runs(on(1), 10), efficient(2, 0.9), runs({ ...on(64), flags: [{ code: 'oversubscribed', message: '' }] }, 0.1)],
    ['coffea: scales to at least 2 workers'],
  ],
  ['only the serial run', [runs(SERIAL, 9)], ['coffea: no trial on a cluster']],
  [
    'only the serial run, some of it wrong',
    [runs(SERIAL, 9), runs({ ...SERIAL, state: 'invalid' }, 9, { sessions: 1 })],
    ['coffea: one thread without Dask: 2 of 8 answers wrong; no trial on a cluster'],
  ],
  ['nothing at all', [], ['no trial was recorded']],
  [
    'serial disturbed',
    [runs({ ...SERIAL, taints: [{ code: 'x', message: 'clock stepped' }] }, 0.5), runs(on(1), 10), efficient(2, 0.95)],
    [
      'coffea: scales to at least 2 workers; not compared with one thread without Dask: 0 of 6 trials count, 3 are needed (6 tainted: clock stepped)',
    ],
  ],
  [
    'serial faster than 2, and nothing known of 4',
    [
      runs(SERIAL, 0.5),
      runs(on(1), 0.9),
      runs(on(2), 0.65),
      runs({ ...on(4), taints: [{ code: 'WORKER_LEFT', message: 'lost' }] }, 0.4),
    ],
    [
      'coffea: one thread without Dask is faster than 2 workers here: T of 0.65 s is mostly overhead; for 2 workers use at least 16 M events (--events 16M); 4 workers: 0 of 6 trials count, 3 are needed (6 tainted: lost)',
    ],
  ],
  [
    'one worker failed: serial stands in, and it is said',
    [runs(SERIAL, 10), runs({ ...on(1), state: 'failed' }, 10), efficient(2, 0.95), efficient(4, 0.6)],
    [
      'coffea: 1 worker: 6 of 6 trials failed; scales to 2 workers (60 % efficient at 4 against one thread without Dask); not compared with one worker: 0 of 6 trials count, 3 are needed',
    ],
  ],
  [
    'nothing but one worker, and that disturbed: it is named',
    [runs(SERIAL, 10), runs({ ...on(1), taints: [{ code: 'WORKER_LEFT', message: 'lost' }] }, 10)],
    [
      'coffea: how it scales is not known: the reference, one worker, cannot be used: 0 of 6 trials count, 3 are needed (6 tainted: lost)',
    ],
  ],
  [
    'under ten floors nothing is said of threads either',
    [
      runs({ point: { ...SERIAL.point, threadsPerWorker: 2 } }, 0.1),
      runs({ ...on(1), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.02 } }, 0.4),
      runs({ ...on(2), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.05 } }, 0.22),
    ],
    [
      'coffea: how it scales is not known: 2 workers: T is only 4.4 times what Dask needs for as many empty tasks, 10 are needed',
    ],
  ],
  [
    'threads and workers that met in one session only',
    [
      runs({ point: { ...SERIAL.point, threadsPerWorker: 4 } }, 1),
      runs(on(1), 10, { sessions: 5 }),
      efficient(4, 0.95).map((record) => ({ ...record, session: record.session + 2 })),
    ],
    ['coffea: scales to at least 4 workers'],
  ],
  [
    'four threads without Dask that were disturbed are not compared with',
    [
      runs({ point: { ...SERIAL.point, threadsPerWorker: 4 }, taints: [{ code: 'x', message: 'clock stepped' }] }, 1),
      runs(on(1), 10),
      efficient(4, 0.95),
    ],
    ['coffea: scales to at least 4 workers'],
  ],
  [
    'one worker that was oversubscribed',
    [runs({ ...on(1), flags: [{ code: 'oversubscribed', message: '' }] }, 10), efficient(2, 0.95)],
    ['coffea: how it scales is not known: the reference, one worker, cannot be used: it was oversubscribed itself'],
  ],
  [
    'two trials of a count',
    [runs(on(1), 10), efficient(2, 0.95).slice(0, 2), efficient(4, 0.9)],
    ['coffea: how it scales is not known: 2 workers: 2 trials count, 3 are needed'],
  ],
  [
    'most trials of a count failed',
    [runs(on(1), 10), efficient(2, 0.95), efficient(4, 0.9).slice(0, 4), runs({ ...on(4), state: 'failed' }, 1)],
    [
      'coffea: 4 workers: 6 of 10 trials failed; scales to at least 2 workers; 4 workers: 4 of 10 trials count, more than half are needed',
    ],
  ],
  [
    'a reference in one session only',
    [runs(on(1), 10, { sessions: 1, repeats: 3 }), runs(on(2), 5, { repeats: 1 })],
    ['coffea: how it scales is not known: 2 workers: 1 of 3 trials have a reference in their session, 3 are needed'],
  ],
  [
    'timing missing',
    [
      runs(on(1), 10),
      runs({ ...on(2), windows: { turnaroundSeconds: { missing: 'no result mark' } } }, 5).map((r) => ({
        ...r,
        windows: { ...r.windows, turnaroundSeconds: { missing: 'no result mark' } },
      })),
    ],
    ['coffea: how it scales is not known: 2 workers: no result mark'],
  ],
  [
    'a count of which only the cold trial was run, and failed',
    [
      runs(on(1), 10),
      efficient(2, 0.95),
      [
        aRecord({
          ...on(4),
          repeat: 0,
          state: 'failed',
          warmth: { process: 'fresh', compiled: 'cold', pageCache: 'warm', storage: 'local' },
        }),
      ],
    ],
    ['coffea: 4 workers: 1 of 1 trial failed; scales to at least 2 workers; 4 workers: 0 trials count, 3 are needed'],
  ],
  [
    'wrong answers on data that were not scaled',
    [runs(data(on(1), small), 10), runs(data(on(2), small), 5.1), runs(data({ ...on(2), state: 'invalid' }, large), 9)],
    [
      'coffea (4 × 16.0 MB): scales to at least 2 workers',
      'coffea (4 × 64.0 MB): 2 workers: 6 of 6 answers wrong; how it scales is not known: neither one worker nor one thread without Dask was run',
    ],
  ],
  [
    'a T near the floor, and serial faster',
    [
      runs(SERIAL, 0.495),
      runs(on(1), 0.914),
      runs({ ...on(2), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.08 } }, 0.65),
    ],
    [
      'coffea: one thread without Dask is faster than 2 workers here: T of 0.65 s is mostly overhead; for 2 workers use at least 17 M events (--events 17M)',
    ],
  ],
  [
    'a T near the floor, serial slower',
    [
      runs(SERIAL, 0.8),
      runs(on(1), 0.8),
      runs({ ...on(2), probe: { kernelCpuSeconds: 0.03, floorSeconds: 0.08 } }, 0.45),
    ],
    [
      'coffea: how it scales is not known: 2 workers: T is only 5.6 times what Dask needs for as many empty tasks, 10 are needed; for 2 workers use at least 1.9 M events (--events 1.9M)',
    ],
  ],
  [
    'a measurement that cannot be',
    [
      runs(on(1), 10),
      runs(on(2), 5.2),
      [aRecord({ ...on(2), state: 'invalid', reasons: [{ code: 'T_IMPOSSIBLE', message: 'T is 0.000 s' }] })],
    ],
    ['coffea: 2 workers: 1 of 7 measurements impossible; scales to at least 2 workers'],
  ],
  [
    'serial threads wrong',
    [
      runs(SERIAL, 10),
      runs({ ...SERIAL, state: 'invalid', point: { ...SERIAL.point, threadsPerWorker: 2 } }, 5),
      runs(on(1), 10),
      efficient(2, 0.9),
    ],
    ['coffea: 2 threads without Dask: 6 of 6 answers wrong; scales to at least 2 workers'],
  ],
])('%s', (_name, records, expected) => {
  expect(said(...records)).toEqual(expected);
});

test('no reference at all gives no statement', () => {
  expect(said(efficient(4, 0.9))).toEqual([
    'coffea: how it scales is not known: neither one worker nor one thread without Dask was run',
  ]);
});
