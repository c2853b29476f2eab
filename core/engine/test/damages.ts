// Damaged journals as tables: each makes one way in which a whole journal can lie, and says what must be said of it.
import { expect, test } from 'vitest';
import type { Event, EventDraft, EventOf } from '../../model/event.ts';
import type { TrialRecord } from '../../model/record.ts';
import { EventLog } from '../event-log.ts';
import { judge } from '../judge.ts';
import { impossibleIn } from '../rules/index.ts';
import type { Place } from '../place.ts';
import type { Rule } from '../rules/rule.ts';
import {
  aPlan,
  aSession,
  answer,
  closed,
  entry,
  type Entry,
  mark,
  recordFrom,
  sample,
  task,
  worker,
} from './journal-of.ts';

const MACHINE = { host: 'here', cores: 2, memoryBytes: 16e9 };

/** A whole journal of two workers with all that the driver, the engine and the agents write; T from 100 s to 110 s. */
export function aWholeTrial(more: readonly Entry[] = []): Entry[] {
  return [
    aPlan(),
    entry('engine', 97, { type: 'environment', facts: MACHINE }),
    aSession(),
    mark('hygiene', 97),
    entry('driver', 98, { type: 'clock', offsetSeconds: 0, errorSeconds: 0.001 }),
    worker('present', 'w0', 98),
    worker('present', 'w1', 98),
    ...['w0', 'w1'].map((on) => sample(on, 99, { cpu_seconds_total: 3, rss_bytes: 3e8, rss_high_water_bytes: 4e8 })),
    mark('prepare', 99),
    mark('trigger', 100),
    mark('graph', 101),
    mark('result', 110),
    task('w0', 101, 105),
    task('w0', 105, 107),
    task('w1', 102, 106, { transfers: [{ start: 101.5, stop: 101.8, bytes: null }] }),
    ...['w0', 'w1'].map((on) => sample(on, 110, { cpu_seconds_total: 10, rss_bytes: 4e8, rss_high_water_bytes: 5e8 })),
    ...more,
    answer(1000),
  ];
}

/** The folder that this trial lies in. */
function placeOfIt(): Place {
  const { draft } = aPlan();
  if (draft.type !== 'planned') throw new Error('the plan is no plan');
  const { experiment, block, session, dataset, ...trial } = draft;
  return {
    experiment,
    startedAt: 80,
    environment: MACHINE,
    block,
    session,
    trial: { ...trial, id: 't', datasetId: dataset?.id ?? null },
    position: 0,
    memoryLimitBytes: null,
    watched: true,
    dataset,
    contentHash: dataset?.contentHash,
  };
}

/** State and reasons of a journal as its folder's trial. */
export function judged(events: readonly Event[], more: Partial<Place> = {}): TrialRecord {
  const log = EventLog.of(events);
  return judge(recordFrom(events), (record) => impossibleIn({ log, record, place: { ...placeOfIt(), ...more } }));
}

/** The whole trial with `change` made to each of its events; undefined leaves one out. */
export function changed(change: (draft: EventDraft, t: number) => Partial<Entry> | undefined): Event[] {
  return closed(
    aWholeTrial().flatMap((item) => {
      const other = change(item.draft, item.t);
      return other ? [{ ...item, ...other }] : [];
    }),
  );
}

type DraftOf<T extends Event['type']> = Extract<EventDraft, { type: T }>;

function isOf<T extends Event['type']>(type: T, draft: EventDraft): draft is DraftOf<T> {
  return draft.type === type;
}

/** The whole trial with `change` made to the fields of its events of one type. */
export function altered<T extends Event['type']>(type: T, change: (draft: DraftOf<T>) => Partial<DraftOf<T>>): Event[] {
  return changed((draft) => (isOf(type, draft) ? { draft: { ...draft, ...change(draft) } } : {}));
}

/** The whole trial with more lines before its answer. */
export function withMore(...more: readonly Entry[]): Event[] {
  return closed(aWholeTrial(more));
}

export function isMark(draft: EventDraft, name: EventOf<'mark'>['name']): boolean {
  return draft.type === 'mark' && draft.name === name;
}

export interface Damage {
  /** What was done to the journal. */
  readonly name: string;
  readonly events: () => readonly Event[];
  readonly said: RegExp;
  /** `invalid` unless said otherwise. */
  readonly state?: TrialRecord['state'];
}

/** One test for each damage, and one that every rule is broken by one of them. */
export function testDamages(rules: readonly Rule[], damages: readonly Damage[]): void {
  test.each(damages)('damaged: $name', ({ events, said, state = 'invalid' }) => {
    const record = judged(events());
    expect(record.reasons.map(({ code, message }) => `${code}: ${message}`).join('\n')).toMatch(said);
    expect(record.state).toBe(state);
  });

  test('every rule is broken by one of the damages', () => {
    const seen = new Set(damages.flatMap(({ events }) => judged(events()).reasons.map(({ code }) => code)));
    expect(rules.map(({ code }) => code).filter((code) => !seen.has(code))).toEqual([]);
  });
}
