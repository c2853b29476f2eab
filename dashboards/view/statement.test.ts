import { expect, test } from 'vitest';

import { aRecord } from '../../core/stats/test/records.ts';
import { data, efficient, inSessions, large, on, onTheLine, runs, said, SERIAL, small } from './test/experiments.ts';

const sizeOf = (scale: number) => ({ point: { fileBytes: scale * 16e6 } });
const threadsOf = (count: number) => ({ point: { ...SERIAL.point, threadsPerWorker: count } });
const threads = (count: number, T: number) => runs(threadsOf(count), T);
/** One size of data: T of one thread, of one worker, and of two, as a share of the first. */
const sized = (scale: number, two: number) => [
  ...runs(data(SERIAL, sizeOf(scale)), scale),
  ...runs(data(on(1), sizeOf(scale)), 1.01 * scale),
  ...runs(data(on(2), sizeOf(scale)), two * scale),
];

// What a skilled colleague would say of experiments in which nothing went wrong.
test.each<[string, readonly ReturnType<typeof runs>[], readonly string[]]>([
  [
    'serial .495 s, one worker .914, two .65',
    [runs(SERIAL, 0.495), runs(on(1), 0.914), runs(on(2), 0.65)],
    [
      'coffea: one thread without Dask is faster than 2 workers here: T of 0.65 s is mostly overhead; for 2 workers use at least 17 M events (--events 17M)',
    ],
  ],
  [
    'efficiency 50, 25 and 12 %',
    [runs(on(1), 10), efficient(2, 0.5), efficient(4, 0.25), efficient(8, 0.12)],
    ['coffea: does not scale beyond 1 worker (50 % efficient at 2)'],
  ],
  [
    '2: 70 %, 4: 82 %, 8: 50 %',
    [runs(on(1), 10), efficient(2, 0.7), efficient(4, 0.82), efficient(8, 0.5)],
    ['coffea: does not scale beyond 1 worker (70 % efficient at 2)'],
  ],
  [
    'serial 1 s, 8 workers 1.3 s',
    [runs(SERIAL, 1), runs(on(8), 1.3)],
    [
      'coffea: one thread without Dask is faster than 8 workers here: T of 1.3 s is mostly overhead; for 8 workers use at least 94 M events (--events 94M)',
    ],
  ],
  [
    'all good to the largest',
    [runs(SERIAL, 9.8), runs(on(1), 10), efficient(2, 0.97), efficient(4, 0.93)],
    ['coffea: scales to at least 4 workers'],
  ],
  [
    'good to 4, not at 8',
    [runs(SERIAL, 9.8), runs(on(1), 10), efficient(2, 0.97), efficient(4, 0.93), efficient(8, 0.6)],
    ['coffea: scales to 4 workers (60 % efficient at 8)'],
  ],
  [
    '2 good, 4 on the line, 8 bad',
    [runs(on(1), 10), efficient(2, 0.95), onTheLine(4), efficient(8, 0.4)],
    ['coffea: scales to 2, perhaps 4 workers (40 % efficient at 8); at 4 too close to 80 % for 20 sessions to tell'],
  ],
  [
    'serial stands in for one worker',
    [runs(SERIAL, 10), efficient(2, 0.95), efficient(4, 0.9), efficient(8, 0.6)],
    ['coffea: scales to 4 workers (60 % efficient at 8 against one thread without Dask)'],
  ],
  [
    'two sizes of data are two answers',
    [
      runs(data(SERIAL, small), 1),
      runs(data(on(1), small), 1.1),
      runs(data(on(2), small), 1.05),
      runs(data(SERIAL, large), 9.9),
      runs(data(on(1), large), 10),
      runs(data(on(2), large), 5.2),
    ],
    [
      'coffea (4 × 16.0 MB): one thread without Dask is faster than 2 workers here: T of 1.05 s is mostly overhead; for 2 workers use at least 11 M events (--events 11M)',
      'coffea (4 × 64.0 MB): scales to at least 2 workers',
    ],
  ],
  [
    'four sizes of data are one answer',
    [...[1, 2].map((scale) => sized(scale, 1.05)), ...[4, 8].map((scale) => sized(scale, 0.52))],
    [
      'coffea: 4 × 16.0 MB to 4 × 32.0 MB: one thread without Dask is faster than 2 workers; 4 × 64.0 MB to 4 × 128 MB: scales to at least 2 workers',
    ],
  ],
  [
    'of four sizes the one that went wrong comes first',
    [
      ...[1, 2, 4].map((scale) => sized(scale, 0.52)),
      sized(8, 0.52),
      [aRecord({ ...data(on(2), sizeOf(8)), state: 'invalid', reasons: [{ code: 'ANSWER_WRONG', message: '' }] })],
    ],
    [
      'coffea: 4 × 128 MB: 2 workers: 1 of 7 answers wrong, scales to at least 2 workers; 4 × 16.0 MB to 4 × 64.0 MB: scales to at least 2 workers',
    ],
  ],
  [
    'of many sizes that differ a handful is said',
    [1, 2, 4, 8, 16, 32, 64].map((scale, i) => sized(scale, i % 2 === 0 ? 1.05 : 0.52)),
    [expect.stringMatching(/^coffea: 4 × 16\.0 MB: .*4 × 256 MB: [^;]*; 2 more in the report$/)],
  ],
  [
    'scales, yet slowly at first',
    [runs(SERIAL, 4.8), runs(on(1), 10), efficient(2, 0.93), efficient(4, 0.9)],
    ['coffea: one thread without Dask is faster than 2 workers; scales to at least 4 workers'],
  ],
  [
    'only one worker',
    [runs(SERIAL, 9), runs(on(1), 10)],
    [
      'coffea: how it scales is not known: only one worker was tested, whose T is 1.11 times that of one thread without Dask',
    ],
  ],
  ['above ideal, by caches or noise', [runs(on(1), 10), efficient(2, 1.08)], ['coffea: scales to at least 2 workers']],
  [
    'the default run of rdataframe on two noisy cores',
    [inSessions(SERIAL, 0.7, 0.85, 1), inSessions(on(1), 1.5, 1.6, 1.8), inSessions(on(2), 1.25, 1.2, 0.9)],
    [
      'coffea: 2 workers are perhaps no faster than one thread without Dask: T of 1.2 s is 10 to 84 % overhead; for 2 workers use at least 19 M events (--events 19M)',
    ],
  ],
  [
    'as fast as one thread, though the curve scales',
    [inSessions(SERIAL, 4.9, 5.3, 5.5), runs(on(1), 10), efficient(2, 0.97)],
    ['coffea: 2 workers are perhaps no faster than one thread without Dask; scales to at least 2 workers'],
  ],
  [
    'one session, three trials',
    [runs(on(1), 10, { sessions: 1, repeats: 3 }), runs(on(2), 5.05, { sessions: 1, repeats: 3 })],
    [
      'coffea: scales to perhaps 2 or more workers; 5 sessions would probably tell whether it scales to 2 (--sessions 5)',
    ],
  ],
  [
    'one session, and surely not good',
    [runs(on(1), 10, { sessions: 1, repeats: 3 }), runs(on(2), 9, { sessions: 1, repeats: 3 })],
    ['coffea: does not scale beyond 1 worker (56 % efficient at 2)'],
  ],
  [
    'one session whose trials disagree',
    [runs(on(1), 10, { sessions: 1, repeats: 3 }), [5, 5.1, 9].map((T, i) => aRecord({ ...on(2), T, repeat: i + 1 }))],
    ['coffea: scales to perhaps 2 or more workers; at 2 too close to 80 % for 20 sessions to tell'],
  ],
  [
    'two backends',
    [
      runs(on(1), 10),
      efficient(2, 0.95),
      runs(on(1, { point: { backend: 'rdataframe' } }), 3),
      runs(on(2, { point: { backend: 'rdataframe' } }), 2.4),
    ],
    ['coffea: scales to at least 2 workers', 'rdataframe: does not scale beyond 1 worker (63 % efficient at 2)'],
  ],
  [
    'serial only as reference, not worth it',
    [runs(SERIAL, 10), efficient(2, 0.6), efficient(4, 0.5)],
    ['coffea: not even 2 workers are worth it (60 % efficient at 2 against one thread without Dask)'],
  ],
  [
    '8 slower than serial, 2 faster',
    [runs(SERIAL, 1), runs(on(1), 1.1), runs(on(2), 0.6), runs(on(8), 1.3)],
    ['coffea: one thread without Dask is faster than 8 workers; scales to 2 workers (11 % efficient at 8)'],
  ],
  [
    'exactly as fast as one thread',
    [SERIAL, on(2)]
      .map((of) => [1, 2, 3].map((session) => aRecord({ ...of, T: 1, session })))
      .concat([runs(on(1), 1.9)]),
    [
      'coffea: 2 workers are perhaps no faster than one thread without Dask: T of 1 s is 50 % overhead; for 2 workers use at least 10 M events (--events 10M)',
    ],
  ],
  [
    'more workers are slower: what they add may grow with the work, so that no work is advised',
    [runs(SERIAL, 1), runs(on(1), 1.5), runs(on(2), 1.6), runs(on(4), 1.8)],
    ['coffea: one thread without Dask is faster than 4 workers here: T of 1.8 s is mostly overhead'],
  ],
  [
    'four threads without Dask beat four workers',
    [runs(SERIAL, 10), threads(4, 2.6), runs(on(1), 10.5), runs(on(2), 5.4), runs(on(4), 3)],
    ['coffea: scales to at least 4 workers; 4 threads without Dask are faster than 4 workers'],
  ],
  [
    'two threads without Dask are as fast as two workers, or not',
    [runs(SERIAL, 10), inSessions(threadsOf(2), 4.9, 5.4, 5.2), runs(on(1), 10.5), runs(on(2), 5.4)],
    ['coffea: scales to at least 2 workers; 2 workers are perhaps no faster than 2 threads without Dask'],
  ],
  [
    'four threads without Dask that do not beat four workers',
    [runs(SERIAL, 10), threads(4, 9), runs(on(1), 10.5), runs(on(4), 2.9)],
    ['coffea: scales to at least 4 workers'],
  ],
])('%s', (_name, records, expected) => {
  expect(said(...records)).toEqual(expected);
});
