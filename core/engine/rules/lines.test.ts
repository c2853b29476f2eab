import { expect, test } from 'vitest';
import type { Event } from '../../model/event.ts';
import { aWholeTrial, changed, type Damage, isMark, judged, testDamages, withMore } from '../test/damages.ts';
import { aPlan, answer, aSession, closed, entry, mark } from '../test/journal-of.ts';
import { LINES } from './lines.ts';

const whole = () => closed(aWholeTrial());

function without(name: 'prepare' | 'trigger' | 'graph' | 'result'): Event[] {
  return changed((draft) => (isMark(draft, name) ? undefined : {}));
}

const DAMAGES: readonly Damage[] = [
  {
    name: 'two results',
    events: () => withMore(mark('result', 110)),
    said: /MARKS_WRONG: 2 marks "result", 1 expected/,
  },
  { name: 'two triggers', events: () => withMore(mark('trigger', 110)), said: /MARKS_WRONG: 2 marks "trigger"/ },
  { name: 'no trigger', events: () => without('trigger'), said: /MARKS_WRONG: 0 marks "trigger"/ },
  { name: 'no result', events: () => without('result'), said: /MARKS_WRONG: 0 marks "result"/ },
  { name: 'no graph', events: () => without('graph'), said: /MARKS_WRONG: 0 marks "graph", 1 expected/ },
  {
    name: 'two graphs of one event loop',
    events: () => withMore(mark('graph', 105)),
    said: /MARKS_WRONG: 2 marks "graph", 1 expected/,
  },
  {
    name: 'no hygiene',
    events: () => changed((draft) => (isMark(draft, 'hygiene') ? undefined : {})),
    said: /MARKS_WRONG: 0 marks "hygiene", 1 expected/,
  },
  {
    name: 'a graph before the trigger',
    events: () => changed((draft) => (isMark(draft, 'graph') ? { t: 99.5 } : {})),
    said: /MARKS_WRONG: "graph" is not between "trigger" and "result"/,
  },
  {
    name: 'a preparation after the trigger',
    events: () => changed((draft) => (isMark(draft, 'prepare') ? { t: 105 } : {})),
    said: /MARKS_WRONG: "prepare" is after "trigger"/,
  },
  { name: 'no preparation', events: () => without('prepare'), said: /MARKS_WRONG: 0 marks "prepare"/ },
  { name: 'two answers', events: () => withMore(answer(1000)), said: /ANSWERS_WRONG: 2 answers, 1 expected/ },
  {
    name: 'no answer',
    events: () => changed((draft) => (draft.type === 'answer' ? undefined : {})),
    said: /ANSWERS_WRONG: 0 answers/,
  },
  { name: 'two plans', events: () => withMore(aPlan()), said: /LINES_WRONG: 2 plans, 1 expected/ },
  { name: 'two sessions', events: () => withMore(aSession(3)), said: /LINES_WRONG: 2 sessions, 1 expected/ },
  {
    name: 'no session',
    events: () => changed((draft) => (draft.type === 'session' ? undefined : {})),
    said: /LINES_WRONG: 0 sessions, 1 expected/,
  },
  {
    name: 'no machine',
    events: () => changed((draft) => (draft.type === 'environment' ? undefined : {})),
    said: /LINES_WRONG: 0 descriptions of the machine, 1 expected/,
  },
  {
    name: 'an end that counts fewer lines than there are',
    events: () =>
      whole().map((event) =>
        event.type === 'done' && event.source === 'engine'
          ? { ...event, counts: { ...event.counts, runner: 0 } }
          : event,
      ),
    said: /LINES_WRONG: the end of the engine counts 0 lines of runner, 1 are there/,
  },
  {
    name: 'an end of the driver in the middle',
    events: () => withMore(entry('driver', 110, { type: 'done', counts: {} })),
    said: /LINES_WRONG: 2 ends of the driver, 1 expected/,
  },
  {
    name: 'lines after the end',
    events: () => whole().toSpliced(-2, 2, ...whole().slice(-2).toReversed()),
    said: /LINES_WRONG: done of driver comes after the end of the engine/,
  },
  {
    name: 'a line of another trial',
    events: () => whole().map((event) => (event.type === 'answer' ? { ...event, trial: 'b009-t01' } : event)),
    said: /JOURNAL_MIXED: .* belongs to trial b009-t01, not to t/,
  },
  {
    name: 'one event too few',
    events: () => changed((draft) => (draft.type === 'answer' ? { draft: { ...draft, events: 999 } } : {})),
    said: /EVENTS_WRONG: 999 events read, 1000 planned/,
  },
  {
    name: 'a lost line',
    events: () => whole().filter(({ type }) => type !== 'task'),
    said: /EVENTS_MISSING: driver: \d+ of \d+ events are missing/,
    state: 'incomplete',
  },
  {
    name: 'a repeated line',
    events: () => whole().flatMap((event): Event[] => (event.type === 'answer' ? [event, event] : [event])),
    said: /EVENTS_REPEATED: driver: 1 events came more than once/,
    state: 'incomplete',
  },
  { name: 'no end', events: () => whole().slice(0, -1), said: /JOURNAL_OPEN/, state: 'incomplete' },
];

testDamages(LINES, DAMAGES);

test('an undamaged journal is valid', () => {
  expect(judged(whole())).toMatchObject({ state: 'valid', reasons: [] });
});
