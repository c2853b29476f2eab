import { altered, changed, type Damage, testDamages } from '../test/damages.ts';
import { PLACE } from './place.ts';

const DAMAGES: readonly Damage[] = [
  {
    name: 'the journal of another block',
    events: () => altered('planned', () => ({ block: 'b002' })),
    said: /JOURNAL_OF_ANOTHER: the journal is of block b002, its folder of b001/,
  },
  {
    name: 'the journal of another experiment',
    events: () => altered('planned', () => ({ experiment: 'f' })),
    said: /JOURNAL_OF_ANOTHER: the journal is of experiment f, its folder of e/,
  },
  {
    name: 'the journal of another trial',
    events: () => changed(() => ({})).map((event) => ({ ...event, trial: 'u' })),
    said: /JOURNAL_OF_ANOTHER: the journal is of trial u, its folder of t/,
  },
  {
    name: 'a plan with other workers',
    events: () => altered('planned', ({ point }) => ({ point: { ...point, workers: 4 } })),
    said: /PLAN_CHANGED: point: .*"workers":4.* in the journal, .*"workers":2.* planned/,
  },
  {
    name: 'a cold trial that says it is warm',
    events: () => altered('planned', ({ warmth }) => ({ warmth: { ...warmth, compiled: 'warm' } })),
    said: /PLAN_CHANGED: warmth: .*"warm".* in the journal, .*"cold".* planned/,
  },
  {
    name: 'half of the tasks planned',
    events: () => altered('planned', () => ({ tasks: 1 })),
    said: /PLAN_CHANGED: tasks: 1 in the journal, 3 planned/,
  },
  {
    name: 'another session',
    events: () => altered('planned', () => ({ session: 2 })),
    said: /PLAN_CHANGED: session: 2 in the journal, 1 planned/,
  },
  {
    name: 'data without columns',
    events: () => altered('planned', ({ dataset }) => ({ dataset: dataset && { ...dataset, columnBytes: {} } })),
    said: /PLAN_CHANGED: dataset: .*"columnBytes":\{\}.* in the journal, .*"MET_pt":400.* planned/,
  },
  {
    name: 'data of more bytes',
    events: () => altered('planned', ({ dataset }) => ({ dataset: dataset && { ...dataset, bytes: 2e9 } })),
    said: /PLAN_CHANGED: dataset: .*"bytes":2000000000.* in the journal, .*"bytes":2000000,.* planned/,
  },
  {
    name: 'data of more events',
    events: () => altered('planned', ({ dataset }) => ({ dataset: dataset && { ...dataset, events: 1001 } })),
    said: /PLAN_CHANGED: dataset: .*"events":1001.* in the journal, .*"events":1000.* planned/,
  },
  {
    name: 'no data',
    events: () => altered('planned', () => ({ dataset: null })),
    said: /PLAN_CHANGED: datasetId: null in the journal, "d" planned/,
  },
  {
    name: 'other parameters',
    events: () =>
      altered('planned', ({ point }) => ({ point: { ...point, parameters: { queries: '1,2', loops: 'one' } } })),
    said: /PLAN_CHANGED: point: .*"queries":"1,2".* in the journal, .*"queries":"1".* planned/,
  },
  {
    name: 'a session of other workers',
    events: () => altered('session', () => ({ workersAsked: 64 })),
    said: /SESSION_CHANGED: 64 workers asked for, 2 planned/,
  },
  {
    name: 'a session with a memory limit that nobody gave',
    events: () => altered('session', () => ({ memoryLimitBytes: 1e9 })),
    said: /SESSION_CHANGED: memory limit 1000000000 in the journal, null in the experiment/,
  },
  {
    name: 'trials of the session before its first',
    events: () => altered('session', () => ({ trialsBefore: 2 })),
    said: /SESSION_CHANGED: 2 trials of the session before trial 0 of its block/,
  },
  {
    name: 'a machine with more memory',
    events: () => altered('environment', ({ facts }) => ({ facts: { ...facts, memoryBytes: 1e40 } })),
    said: /MACHINE_CHANGED: memoryBytes: 1e\+40 in the journal, 16000000000 in the experiment/,
  },
  {
    name: 'other data than those of the truth',
    events: () => altered('planned', ({ dataset }) => ({ dataset: dataset && { ...dataset, contentHash: 'other' } })),
    said: /DATA_CHANGED: the data have content other, those of the truth h/,
  },
];

testDamages(PLACE, DAMAGES);
