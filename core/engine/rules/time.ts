import { isKnown } from '../../model/quantity.ts';
import type { EventLog, Few } from '../event-log.ts';
import { isOnThisMachine } from '../fold-facts.ts';
import type { Series } from '../series.ts';
import { clockError, marks, type Rule, seconds, taskError } from './rule.ts';

/** The reading of the scheduler's clock that lies this far off says nothing: half the round trip of the best of several. */
const LARGEST_CLOCK_ERROR_SECONDS = 2;
/** No session takes longer to come up. */
const LONGEST_START_SECONDS = 86_400;

/** Sources that date what they write as they write it, by a clock that only runs forward. */
const IN_ORDER = new Set(['engine', 'driver']);

/** Changes of workers are dated by the scheduler, samples of agents by these. */
function isDatedElsewhere(event: Few): boolean {
  return event.type === 'worker' ? event.action !== 'present' : event.source.startsWith('agent/');
}

function inOrder(log: EventLog, source: string): Few[] {
  // The driver's dates move when it reads the scheduler's clock, once before the trigger.
  const own = log.few.filter((event) => event.source === source && !isDatedElsewhere(event));
  return own
    .slice(
      Math.max(
        0,
        own.findIndex(({ type }) => type === 'clock'),
      ),
    )
    .toSorted((a, b) => a.seq - b.seq);
}

/** The first sample of a source whose time is `wanted`. */
function firstSample(log: EventLog, wanted: (t: number, series: Series) => boolean) {
  for (const series of log.series) {
    const { source, times, numbers } = series;
    const index = times.findIndex((t) => wanted(t, series));
    if (index >= 0) return { source, seq: numbers[index] ?? 0, t: times[index] ?? 0 };
  }
  return undefined;
}

/** Times, and the windows that they span. */
export const TIME: readonly Rule[] = [
  {
    code: 'TIME_IMPOSSIBLE',
    sentence:
      'nothing happened before 1970, before the plan or after the end of the trial, nor before what its source wrote down earlier',
    broken: ({ log }) => {
      const error = clockError(log);
      const [from, to] = [(log.first('planned')?.t ?? 0) - error, (log.last?.t ?? Infinity) + error];
      const isOutside = (t: number) => t < from || t > to;
      const other =
        log.few.find((event) => event.t <= 0 || (!isDatedElsewhere(event) && isOutside(event.t))) ??
        firstSample(log, (t, { collector }) => t <= 0 || (collector !== 'agent' && isOutside(t)));
      if (other)
        return [
          `event ${other.seq} of ${other.source} is dated ${other.t}, the trial ${from.toFixed(3)} to ${to.toFixed(3)}`,
        ];
      for (const source of IN_ORDER) {
        const own = inOrder(log, source);
        const index = own.findIndex(({ t }, at) => t < (own[at - 1]?.t ?? t) - error);
        const [before, after] = [own[index - 1], own[index]];
        if (before && after)
          return [
            `event ${after.seq} of ${source} is dated ${seconds(before.t - after.t)} before event ${before.seq}, which came first`,
          ];
      }
      return [];
    },
  },
  {
    code: 'CLOCK_UNKNOWN',
    sentence: `where there is a scheduler, its clock is read once, to ${LARGEST_CLOCK_ERROR_SECONDS} s or better and no worse than the reading took, and on one host it is the driver's; clocks of workers are known as well`,
    broken: ({ log, record: { point } }) => {
      const unknown = log
        .all('clock')
        .find(({ worker, errorSeconds }) => worker !== undefined && errorSeconds > LARGEST_CLOCK_ERROR_SECONDS);
      if (unknown) return [`the clock of ${unknown.worker} is known to ${seconds(unknown.errorSeconds)} only`];
      const clocks = log.all('clock').filter(({ worker }) => worker === undefined);
      const expected = point.runner === 'serial' ? 0 : 1;
      if (clocks.length !== expected) return [`${clocks.length} readings of the clock, ${expected} expected`];
      return clocks.flatMap(({ t, errorSeconds, offsetSeconds }) => {
        if (errorSeconds > LARGEST_CLOCK_ERROR_SECONDS)
          return [`the scheduler's clock is known to ${seconds(errorSeconds)} only`];
        // The error is half of a round trip that was made between hygiene and this line.
        const took = t - offsetSeconds - (marks(log, 'hygiene')[0]?.t ?? -Infinity);
        if (2 * errorSeconds > took)
          return [`the scheduler's clock is known to ${seconds(errorSeconds)}, but was read in ${seconds(took)}`];
        return isOnThisMachine(log.first('session')) && Math.abs(offsetSeconds) > clockError(log)
          ? [
              `the scheduler's clock on the same host is ${seconds(offsetSeconds)} off, ${seconds(clockError(log))} is possible`,
            ]
          : [];
      });
    },
  },
  {
    code: 'T_IMPOSSIBLE',
    sentence: 'T is longer than nothing, no shorter than the execution window, no longer than the engine ran the trial',
    broken: ({ log, record: { windows } }) => {
      const { turnaroundSeconds: T, executionSeconds: execution } = windows;
      if (!isKnown(T)) return [];
      if (T <= 0) return [`T is ${seconds(T)}`];
      const error = clockError(log);
      if (isKnown(execution) && T + 2 * taskError(log) < execution)
        return [`T is ${seconds(T)}, the execution window inside it ${seconds(execution)}`];
      const own = inOrder(log, 'engine');
      const ran = (own.at(-1)?.t ?? 0) - (own[0]?.t ?? 0);
      return T > ran + error ? [`T is ${seconds(T)}, but the trial was over after ${seconds(ran)}`] : [];
    },
  },
  {
    code: 'TASK_OUTSIDE',
    sentence: 'every task and transfer lies inside T, within the clock error of the journal, and ends after it began',
    broken: ({ log, record: { windows } }) => {
      const T = windows.turnaroundSeconds;
      const trigger = marks(log, 'trigger')[0]?.t;
      if (!isKnown(T) || trigger === undefined) return [];
      const error = taskError(log);
      const outside = log
        .all('task')
        .flatMap(({ key, start, stop, transfers }) => [
          { what: `task ${key} ran`, start, stop },
          ...transfers.map((transfer) => ({ what: `a transfer for task ${key} lasted`, ...transfer })),
        ])
        .map(({ what, start, stop }) => ({ what, start: start - trigger, stop: stop - trigger }))
        .filter(({ start, stop }) => start < -error || stop > T + error || stop < start);
      const [first] = outside;
      if (!first) return [];
      const seen = `${first.what} from ${seconds(first.start)} to ${seconds(first.stop)}`;
      return [`${seen}, T lasts ${seconds(T)} (${outside.length} of such)`];
    },
  },
  {
    code: 'SESSION_IMPOSSIBLE',
    sentence:
      'a session is asked for when the experiment has begun, then has its scheduler, then its workers within a day, and then the trial is planned',
    broken: ({ log, place: { startedAt } }) => {
      const [session] = log.all('session');
      const [planned] = log.all('planned');
      if (!session || !planned) return [];
      const { askedAt, schedulerAt, readyAt, clockSetSeconds = 0 } = session;
      const order = [startedAt, askedAt, schedulerAt, readyAt, planned.t - clockSetSeconds];
      const error = clockError(log);
      const wrong = order.some((t, index) => t < (order[index - 1] ?? t) - error);
      return wrong || readyAt - askedAt > LONGEST_START_SECONDS
        ? [
            `experiment, asked for, scheduler, workers and plan at ${order.map((t) => t.toFixed(3)).join(', ')}: not in this order or too long (was the clock set back?)`,
          ]
        : [];
    },
  },
];
