import { expect, test } from 'vitest';
import { altered, aWholeTrial, changed, type Damage, isMark, judged, testDamages, withMore } from '../test/damages.ts';
import { closed, entry, type Entry, task } from '../test/journal-of.ts';
import { TIME } from './time.ts';

function markAt(name: 'trigger' | 'result', t: number) {
  return changed((draft) => (isMark(draft, name) ? { t } : {}));
}

/** The times of everything that the driver writes after the trigger, and of the tasks, moved. */
function moved(by: (t: number) => number) {
  return changed((draft, t): Partial<Entry> => {
    if (draft.type === 'task')
      return { t: by(t), draft: { ...draft, start: by(draft.start), stop: by(draft.stop), transfers: [] } };
    return t > 100 ? { t: by(t) } : {};
  });
}

const DAMAGES: readonly Damage[] = [
  { name: 'T of zero', events: () => markAt('result', 100), said: /T_IMPOSSIBLE: T is 0\.000 s/ },
  { name: 'a result before its trigger', events: () => markAt('result', 95), said: /T_IMPOSSIBLE: T is -5\.000 s/ },
  {
    name: 'T cut in half',
    events: () => markAt('result', 105),
    said: /TASK_OUTSIDE: task k\d+ ran from .* T lasts 5\.000 s/,
  },
  {
    name: 'T cut to less than the execution window',
    events: () => markAt('result', 104),
    said: /T_IMPOSSIBLE: T is 4\.000 s, the execution window inside it 6\.000 s/,
  },
  {
    name: 'T longer than its trial',
    events: () => moved((t) => 100 + (t - 100) * 3),
    said: /T_IMPOSSIBLE: T is 30\.000 s, but the trial was over after 15\.000 s/,
  },
  {
    name: 'a trigger after the tasks began',
    events: () => markAt('trigger', 104),
    said: /TASK_OUTSIDE: .* ran from -3\.000 s/,
  },
  {
    name: 'a task that ends before it begins',
    events: () => withMore(task('w1', 107, 106, { kind: 'other' })),
    said: /TASK_OUTSIDE: .* ran from 7\.000 s to 6\.000 s/,
  },
  {
    name: 'a transfer after the result',
    events: () => altered('task', () => ({ transfers: [{ start: 101, stop: 111, bytes: null }] })),
    said: /TASK_OUTSIDE: a transfer for task k\d+ lasted from 1\.000 s to 11\.000 s/,
  },
  {
    name: 'a negative epoch',
    events: () => closed(aWholeTrial()).map((event) => ({ ...event, t: event.t - 1000 })),
    said: /TIME_IMPOSSIBLE: event \d+ of \w+ is dated -/,
  },
  {
    name: 'a result after the answer that it closes',
    events: () => markAt('result', 110.5),
    said: /TIME_IMPOSSIBLE: event \d+ of driver is dated 0\.500 s before event \d+, which came first/,
  },
  {
    name: 'a clock that is hardly known',
    events: () => altered('clock', () => ({ errorSeconds: 1e9 })),
    said: /CLOCK_UNKNOWN: the scheduler's clock is known to 1000000000\.000 s only/,
  },
  {
    name: 'no reading of the clock',
    events: () => changed((draft) => (draft.type === 'clock' ? undefined : {})),
    said: /CLOCK_UNKNOWN: 0 readings of the clock, 1 expected/,
  },
  {
    name: 'a clock that is known less well than its reading took',
    events: () => altered('clock', () => ({ errorSeconds: 0.6 })),
    said: /CLOCK_UNKNOWN: the scheduler's clock is known to 0\.600 s, but was read in 1\.000 s/,
  },
  {
    name: 'a clock of the same host that is far off',
    events: () => altered('clock', () => ({ offsetSeconds: -0.5 })),
    said: /CLOCK_UNKNOWN: the scheduler's clock on the same host is -0\.500 s off, 0\.006 s is possible/,
  },
  {
    name: 'two readings of the clock',
    events: () => withMore(entry('driver', 110, { type: 'clock', offsetSeconds: 0, errorSeconds: 0 })),
    said: /CLOCK_UNKNOWN: 2 readings of the clock, 1 expected/,
  },
  {
    name: 'a clock of a worker that is hardly known',
    events: () => withMore(entry('driver', 110, { type: 'clock', worker: 'w1', offsetSeconds: 0, errorSeconds: 3 })),
    said: /CLOCK_UNKNOWN: the clock of w1 is known to 3\.000 s only/,
  },
  {
    name: 'workers that were ready before they were asked for',
    events: () => altered('session', () => ({ askedAt: 99 })),
    said: /SESSION_IMPOSSIBLE: experiment, asked for, scheduler, workers and plan at 80\.000, 99\.000, 92\.000/,
  },
  {
    name: 'a cluster that took years to start',
    events: () => altered('session', () => ({ askedAt: -1e9 })),
    said: /SESSION_IMPOSSIBLE: .* at 80\.000, -1000000000\.000, 92\.000/,
  },
  {
    name: 'a session that was asked for before the experiment began',
    events: () => altered('session', () => ({ askedAt: 79 })),
    said: /SESSION_IMPOSSIBLE: .* at 80\.000, 79\.000, 92\.000/,
  },
  {
    name: 'a scheduler before it was asked for',
    events: () => altered('session', () => ({ schedulerAt: 89 })),
    said: /SESSION_IMPOSSIBLE: .* at 80\.000, 90\.000, 89\.000/,
  },
  {
    name: 'workers that were ready after their trial was planned',
    events: () => altered('session', () => ({ readyAt: 99 })),
    said: /SESSION_IMPOSSIBLE: .* 92\.000, 99\.000, 97\.000: not in this order/,
  },
  {
    name: 'a mark before the plan',
    events: () => changed((draft) => (isMark(draft, 'hygiene') ? { t: 90 } : {})),
    said: /TIME_IMPOSSIBLE: event 1 of driver is dated 90, the trial 96\.994 to 112\.006/,
  },
  {
    name: 'a session that is written down after the end',
    events: () => changed((draft) => (draft.type === 'session' ? { t: 120 } : {})),
    said: /TIME_IMPOSSIBLE: event 1 of runner is dated 120/,
  },
  {
    name: 'a worker that was there before the clock was read',
    events: () => changed((draft) => (draft.type === 'worker' && draft.name === 'w1' ? { t: 97.5 } : {})),
    said: /TIME_IMPOSSIBLE: event \d+ of driver is dated 0\.500 s before event/,
  },
];

testDamages(TIME, DAMAGES);

test('tasks may stick out of T by the clock error that the journal states, and not by more', () => {
  const result = (errorSeconds: number) =>
    judged(
      changed((draft) => {
        if (draft.type === 'clock') return { draft: { ...draft, errorSeconds } };
        return isMark(draft, 'result') ? { t: 106.9 } : {};
      }),
    );
  expect(result(0.1)).toMatchObject({ state: 'valid', reasons: [] });
  expect(result(0.09).reasons.map(({ code }) => code)).toEqual(['TASK_OUTSIDE']);
});

test('a task without a meter may stick out by what Dask is wrong about the clock of a worker, and not by more', () => {
  const result = (t: number) =>
    judged(
      changed((draft) => {
        if (draft.type === 'task') return { draft: { ...draft, meter: null } };
        return isMark(draft, 'result') ? { t } : {};
      }),
    );
  expect(result(106.2)).toMatchObject({ state: 'valid', reasons: [] });
  expect(result(105.5).reasons.map(({ code }) => code)).toContain('TASK_OUTSIDE');
});
