import { isDeepStrictEqual } from 'node:util';
import { type Rule } from './rule.ts';

/** The place of a journal: the trial in whose folder it lies, as `experiment.json` planned it. */
export const PLACE: readonly Rule[] = [
  {
    code: 'JOURNAL_OF_ANOTHER',
    sentence: 'a journal is of the experiment, block and trial in whose folder it lies',
    broken: ({ record, place }) => {
      const folder = { experiment: place.experiment, block: place.block, trial: place.trial.id };
      return (['experiment', 'block', 'trial'] as const)
        .filter((what) => record[what] !== folder[what])
        .map((what) => `the journal is of ${what} ${record[what]}, its folder of ${folder[what]}`);
    },
  },
  {
    code: 'PLAN_CHANGED',
    sentence: 'what a journal says was planned is what the experiment planned',
    broken: ({ log, place: { trial, session, dataset: described } }) => {
      const planned = log.first('planned');
      if (!planned) return [];
      const { point, warmth, repeat, events: count, tasks, oversubscribed, dataset } = planned;
      const said = { point, warmth, repeat, events: count, tasks, oversubscribed };
      const meant: { readonly [what: string]: unknown } = { ...trial, session, dataset: described };
      const data = described === undefined ? {} : { dataset };
      return Object.entries({ ...said, session: planned.session, datasetId: dataset?.id ?? null, ...data })
        .filter(([what, value]) => !isDeepStrictEqual(value, meant[what]))
        .map(
          ([what, value]) => `${what}: ${JSON.stringify(value)} in the journal, ${JSON.stringify(meant[what])} planned`,
        );
    },
  },
  {
    code: 'SESSION_CHANGED',
    sentence:
      'a session has the workers and the memory limit that were planned, and ran the trials of its block before this one',
    broken: ({ log, record: { point }, place: { position, memoryLimitBytes } }) => {
      const [session] = log.all('session');
      if (!session) return [];
      // After a trial that broke its session the block goes on in a new one, and says so.
      const reopened = log.all('warning').some(({ code }) => code === 'SESSION_REOPENED');
      const { trialsBefore } = session;
      const possible = reopened ? trialsBefore === 0 : trialsBefore <= position && (trialsBefore > 0 || position === 0);
      return [
        ...(session.workersAsked === point.workers
          ? []
          : [`${session.workersAsked} workers asked for, ${point.workers} planned`]),
        ...(session.memoryLimitBytes === memoryLimitBytes
          ? []
          : [`memory limit ${session.memoryLimitBytes} in the journal, ${memoryLimitBytes} in the experiment`]),
        ...(possible
          ? []
          : [`${trialsBefore} trials of the session before trial ${position} of its block, which counts from 0`]),
      ];
    },
  },
  {
    code: 'MACHINE_CHANGED',
    sentence: 'the machine that a journal names is that of its experiment',
    broken: ({ log, place: { environment } }) => {
      const facts = log.all('environment').find(({ source }) => source === 'engine')?.facts;
      if (!facts) return [];
      return [...new Set([...Object.keys(facts), ...Object.keys(environment)])]
        .filter((name) => !isDeepStrictEqual(facts[name], environment[name]))
        .map(
          (name) =>
            `${name}: ${JSON.stringify(facts[name])} in the journal, ${JSON.stringify(environment[name])} in the experiment`,
        );
    },
  },
  {
    code: 'DATA_CHANGED',
    sentence: 'the data are those that the truth was made of',
    broken: ({ log, place: { contentHash } }) => {
      const hash = log.first('planned')?.dataset?.contentHash;
      return hash === undefined || contentHash === undefined || hash === contentHash
        ? []
        : [`the data have content ${hash}, those of the truth ${contentHash}`];
    },
  },
];
