import { expect, test } from 'vitest';
import type { EventDraft } from '../model/event.ts';
import { EventLog } from './event-log.ts';
import { COMPARISONS, compared, type Judged, sharedOf } from './judge-together.ts';
import { aMeter, aTrial, closed, type Entry, entry, probe, recordFrom } from './test/journal-of.ts';

interface Change {
  readonly draft?: (draft: EventDraft) => EventDraft;
  readonly more?: readonly Entry[];
  /** Seconds that its times are later by. */
  readonly later?: number;
}

const CPU_SECONDS = 2;

/** A judged trial of block and position: three tasks of 2 CPU-seconds and 400 bytes, a minute after the one before. */
function aJudged(
  session: number,
  position: number,
  { draft = (same) => same, more = [], later = 0 }: Change = {},
): Judged {
  const opened = session * 1000;
  const by = opened + position * 60;
  const changed = aTrial(more, { block: `b${session}`, session, repeat: position }).map((item) => {
    const same = item.draft;
    if (same.type === 'task') {
      const meter = { ...aMeter(4), cpuSeconds: CPU_SECONDS, bytesRead: 400 };
      return { ...item, draft: draft({ ...same, meter }) };
    }
    if (same.type !== 'session') return { ...item, draft: draft(same) };
    const times = { askedAt: opened + 90, schedulerAt: opened + 92, readyAt: opened + 97 };
    return { ...item, draft: draft({ ...same, ...times, trialsBefore: position }) };
  });
  const events = closed(changed.map((item) => ({ ...item, t: item.t + by + later })));
  const moved = events.map((event) => (event.type === 'done' ? { ...event, t: event.t + by + later } : event));
  const record = { ...recordFrom(moved), trial: `b${session}-t${position}` };
  return { record, position, ...sharedOf(EventLog.of(moved)) };
}

/** Three sessions of three trials, one of which is changed. */
function anExperiment(session = 0, position = 0, change: Change = {}): Judged[] {
  return [1, 2, 3].flatMap((one) =>
    [0, 1, 2].map((at) => aJudged(one, at, one === session && at === position ? change : {})),
  );
}

/** What is said of which trial. */
function said(trials: readonly Judged[]): string[] {
  return compared(trials).flatMap(({ trial, state, reasons }) =>
    reasons.map(({ code, message }) => `${trial} ${state} ${code}: ${message}`),
  );
}

test.each([-55, 1000])(
  'a clock that was set by %i s between two trials is known from the journals, and nothing is wrong',
  (set) => {
    const later = (clockSetSeconds: number): Change => ({
      later: set,
      draft: (draft) => (draft.type === 'session' ? { ...draft, clockSetSeconds } : draft),
    });
    const by = (clockSetSeconds: number) =>
      [1, 2, 3].flatMap((session) =>
        [0, 1, 2].map((position) =>
          aJudged(session, position, session === 2 && position > 0 ? later(clockSetSeconds) : {}),
        ),
      );
    expect(said(by(set))).toEqual([]);
    expect(said(by(0))).not.toEqual([]);
  },
);

function metered(change: { readonly cpuSeconds?: number; readonly bytesRead?: number }): Change {
  return {
    draft: (draft) =>
      draft.type === 'task' ? { ...draft, meter: draft.meter && { ...draft.meter, ...change } } : draft,
  };
}

function probed(kernelSeconds: number, floorSeconds: number): Change {
  return { more: [probe({ w0: kernelSeconds }, floorSeconds)] };
}

function sessionSays(change: { readonly askedAt?: number; readonly trialsBefore?: number }): Change {
  return { draft: (draft) => (draft.type === 'session' ? { ...draft, ...change } : draft) };
}

test('trials that agree stay as they are', () => {
  const trials = anExperiment();
  expect(compared(trials)).toEqual(trials.map(({ record }) => record));
});

const DAMAGES: readonly (readonly [string, readonly [number, number, Change], RegExp])[] = [
  [
    'columns of another size',
    [
      2,
      1,
      {
        draft: (draft) =>
          draft.type === 'planned' && draft.dataset
            ? { ...draft, dataset: { ...draft.dataset, columnBytes: {} } }
            : draft,
      },
    ],
    /^b2-t1 invalid DATA_UNLIKE: the data are .*"columnBytes":\{\}\}, that of b1-t0 /,
  ],
  [
    'other times of the session',
    [2, 1, sessionSays({ askedAt: 2080 })],
    /^b2-t1 invalid SESSION_UNLIKE: the session is \{"askedAt":2080,.*, that of b2-t0 \{"askedAt":2090,/,
  ],
  [
    'the count of another trial',
    [2, 2, sessionSays({ trialsBefore: 1 })],
    /^b2-t2 invalid SESSION_UNLIKE: 1 trials of the session before it, 2 are there$/,
  ],
  [
    'less than half of the CPU of the others',
    [2, 1, metered({ cpuSeconds: 0.9 })],
    /^b2-t1 invalid CPU_UNLIKE: 2\.700 CPU-seconds in event-processing tasks, 6\.000 in other trials of the same point: no core is 2 times as fast$/,
  ],
  [
    'more than twice the bytes of the others',
    [2, 1, metered({ bytesRead: 900 })],
    /^b2-t1 invalid BYTES_UNLIKE: 2700 bytes read, 1200 in other trials of the same point$/,
  ],
  [
    'less than half of the bytes of the others',
    [2, 1, metered({ bytesRead: 100 })],
    /^b2-t1 invalid BYTES_UNLIKE: 300 bytes read, 1200 in/,
  ],
  [
    'a trial that was planned before the one before it was over',
    [2, 1, { later: -50 }],
    /^b2-t1 invalid TRIALS_OVERLAP: it was planned 5\.000 s before b2-t0 was over$/,
  ],
];

test.each(DAMAGES)('damaged: %s', (_what, [session, position, change], expected) => {
  expect(said(anExperiment(session, position, change)).join('\n')).toMatch(expected);
});

test('a journal that was closed after the plan of the next trial is the one that is wrong', () => {
  const late = anExperiment().map((one) => (one.record.trial === 'b2-t0' ? { ...one, stop: one.stop + 60 } : one));
  expect(said(late)).toEqual(['b2-t0 invalid TRIALS_OVERLAP: its journal was closed 15.000 s after the plan of b2-t1']);
});

test('a session that was asked for while another was still used is wrong in all of its trials', () => {
  const early = anExperiment().map((one) =>
    one.record.block === 'b2' && one.session ? { ...one, session: { ...one.session, askedAt: 1200 } } : one,
  );
  expect(said(early)).toEqual(
    ['b2-t0', 'b2-t1', 'b2-t2'].map(
      (trial) =>
        `${trial} invalid SESSION_OVERLAPS: the session was asked for 30.000 s before b1-t2 of another session ended`,
    ),
  );
});

test('of two that disagree nobody knows which is right', () => {
  const two = [aJudged(1, 0), aJudged(1, 1, sessionSays({ askedAt: 1080 }))];
  expect(said(two).map((text) => text.split(':')[0])).toEqual([
    'b1-t0 invalid SESSION_UNLIKE',
    'b1-t1 invalid SESSION_UNLIKE',
  ]);
});

test('a block goes on in a new session after a trial that broke the one before', () => {
  const reopened = entry('engine', 98, { type: 'warning', code: 'SESSION_REOPENED', message: '' });
  const next: Change = {
    more: [reopened],
    draft: (draft) =>
      draft.type === 'session' ? { ...draft, askedAt: 1120, schedulerAt: 1122, readyAt: 1150, trialsBefore: 0 } : draft,
  };
  const last: Change = {
    draft: (draft) =>
      draft.type === 'session' ? { ...draft, askedAt: 1120, schedulerAt: 1122, readyAt: 1150, trialsBefore: 1 } : draft,
  };
  expect(said([aJudged(1, 0), aJudged(1, 1, next), aJudged(1, 2, last)])).toEqual([]);
});

test('a missing journal leaves open how many trials ran before', () => {
  expect(said([aJudged(1, 0), aJudged(1, 2, sessionSays({ trialsBefore: 1 }))])).toEqual([]);
});

test('a probe unlike those of all other trials of its point is refused, one of slow cores is not', () => {
  const usual = [1, 2, 3].map((session) => aJudged(session, 1, probed(0.007, 0.04)));
  expect(said([...usual, aJudged(4, 1, probed(0.02, 0.9))])).toEqual([]);
  expect(said([...usual, aJudged(4, 1, probed(7e-6, 0.04))])).toEqual([
    'b4-t1 invalid PROBE_UNLIKE: the kernel of the probe took 0.000007 s, 0.007000 s in other trials of the same point',
  ]);
  expect(said([...usual, aJudged(4, 1, probed(0.007, 0.00004))])).toEqual([
    'b4-t1 invalid PROBE_UNLIKE: empty tasks took 0.000040 s, 0.040000 s in other trials of the same point',
  ]);
});

test('of two others both must be unlike', () => {
  const [one, two] = [aJudged(1, 1), aJudged(3, 1, metered({ cpuSeconds: 1.5 }))];
  expect(said([one, two, aJudged(2, 1, metered({ cpuSeconds: 0.8 }))])).toEqual([]);
  expect(said([one, two, aJudged(2, 1, metered({ cpuSeconds: 0.7 }))])).toEqual([
    'b2-t1 invalid CPU_UNLIKE: 2.100 CPU-seconds in event-processing tasks, 4.500 in other trials of the same point: no core is 2 times as fast',
  ]);
});

test('one other, and trials of little CPU, are not compared', () => {
  const low = aJudged(2, 1, metered({ cpuSeconds: 0.1 }));
  expect(said([aJudged(1, 1), low])).toEqual([]);
  const small = [1, 2, 3].flatMap((session) =>
    [1, 2].map((at) => aJudged(session, at, metered({ cpuSeconds: session === 1 && at === 1 ? 0.01 : 0.03 }))),
  );
  expect(said(small)).toEqual([]);
});

test('every comparison is broken by one of the damages, but for two that have tests of their own', () => {
  const codes = DAMAGES.map(([, , { source }]) => source).join(' ');
  expect(COMPARISONS.map(({ code }) => code).filter((code) => !codes.includes(code))).toEqual([
    'SESSION_OVERLAPS',
    'PROBE_UNLIKE',
  ]);
});
