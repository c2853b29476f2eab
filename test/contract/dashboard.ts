// What every dashboard must do, whatever it draws on. docs/adding-a-dashboard.md names it.
import { expect, vi } from 'vitest';
import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import type { Dashboard, Rendering } from '../../dashboards/dashboard.ts';
import type { Experiment, TrialRecord } from '../../core/model/record.ts';

/** Shows an experiment with everything beside it fixed. */
export type Show = (experiment: Experiment) => Promise<Rendering>;

export interface Clause {
  readonly promise: string;
  readonly check: (show: Show) => Promise<void>;
}

/** Shows with a dashboard; `cacheFolder` is an empty folder. */
export function showing({ render }: Pick<Dashboard, 'render'>, cacheFolder: string): Show {
  return async (experiment) => await render(experiment, { cacheFolder, columns: 200, colour: false });
}

/** Three sessions of one and of two workers. */
function trials(change: Partial<TrialRecord> = {}): TrialRecord[] {
  return [1, 2, 3].flatMap((session) =>
    [1, 2].map((workers) =>
      aRecord({ session, T: 10 / workers, point: { workers }, metrics: { event_rate: 765_432 }, ...change }),
    ),
  );
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) frozen(part);
    Object.freeze(value);
  }
  return value;
}

/** Text as a reader sees it: narrow spaces are spaces. */
function wordsOf({ body }: Rendering): string {
  return body.replaceAll(/[\u202f\u00a0\s]+/g, ' ');
}

export const DASHBOARD_CONTRACT: readonly Clause[] = [
  {
    promise: 'the same experiment gives the same rendering, whatever the time is',
    async check(show) {
      const experiment = anExperiment(trials());
      const first = await show(experiment);
      vi.useFakeTimers({ now: new Date('2001-01-01'), toFake: ['Date', 'performance'] });
      try {
        expect(await show(experiment)).toEqual(first);
      } finally {
        vi.useRealTimers();
      }
    },
  },
  {
    promise: 'it changes nothing of the experiment',
    check: async (show) => void (await show(frozen(anExperiment(trials())))),
  },
  {
    promise: 'the document has a plain file name, and is complete in itself',
    async check(show) {
      const { body, fileName, mediaType } = await show(anExperiment(trials()));
      expect(fileName).toMatch(/^[a-z-]+\.(html|txt)$/);
      expect(mediaType).toBe(fileName.endsWith('.html') ? 'text/html' : 'text/plain');
      expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    },
  },
  {
    promise: 'medians are shown, with how many trials are behind them',
    async check(show) {
      const words = wordsOf(await show(anExperiment(trials())));
      expect(words).toContain('765 k');
      expect(words).toMatch(/\b3\b/);
    },
  },
  {
    promise: 'trials that do not count are said, and carry no statement',
    async check(show) {
      const wrong = trials({ state: 'invalid', reasons: [{ code: 'ANSWER_WRONG', message: 'planted' }] });
      const words = wordsOf(await show(anExperiment(wrong)));
      expect(words).toMatch(/wrong|not counted|0 of \d+ trials count|invalid/);
      expect(words).not.toMatch(/scales to/);
    },
  },
  {
    promise: 'a number that is missing is a dash, and no zero',
    async check(show) {
      const missing = { missing: 'planted: nobody looked' };
      const lost = [1, 2, 3].map((session) =>
        aRecord({ session, windows: { turnaroundSeconds: missing }, metrics: { event_rate: missing } }),
      );
      const words = wordsOf(await show(anExperiment(lost)));
      expect(words).toContain('—');
      expect(words).not.toMatch(/\b0(\.0+)? (s|events\/s)\b/);
    },
  },
  {
    promise: 'an experiment without trials is shown as one',
    async check(show) {
      expect((await show(anExperiment([]))).body).not.toBe('');
    },
  },
];
