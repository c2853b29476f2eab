import type { EventOf } from '../../model/event.ts';
import type { EventLog } from '../event-log.ts';
import { type Looked, marks, type Rule } from './rule.ts';

/** What every whole journal holds once. */
const ONCE: readonly [string, (log: EventLog) => number][] = [
  ['plans', (log) => log.all('planned').length],
  ['sessions', (log) => log.all('session').length],
  ['ends of the driver', (log) => log.all('done').filter(({ source }) => source === 'driver').length],
  ['ends of the engine', (log) => log.all('done').filter(({ source }) => source === 'engine').length],
  ['descriptions of the machine', (log) => log.all('environment').filter(({ source }) => source === 'engine').length],
];

/** Ends that do not count the lines of each source as they are. */
function miscounted(log: EventLog): string[] {
  return log.all('done').flatMap(({ source, counts }) =>
    Object.entries(counts).flatMap(([of, count]) => {
      const there = log.numbers.get(of)?.lines ?? 0;
      return count === there ? [] : [`the end of the ${source} counts ${count} lines of ${of}, ${there} are there`];
    }),
  );
}

/** How often the driver makes each mark: hygiene of the scheduler, and a graph for each event loop. */
function marksExpected({ record: { point, counts } }: Looked): [EventOf<'mark'>['name'], number][] {
  return [
    ['hygiene', point.runner === 'serial' ? 0 : 1],
    ['prepare', 1],
    ['trigger', 1],
    ['graph', point.tasks > 0 ? counts.tasksPlanned / point.tasks : 1],
    ['result', 1],
  ];
}

/** Marks of the driver, whose clock only runs forward, that are not in the order in which it makes them. */
function outOfOrder(log: EventLog): string[] {
  const times = (name: EventOf<'mark'>['name']) => marks(log, name).map(({ t }) => t);
  const [trigger = -Infinity, result = Infinity] = [times('trigger')[0], times('result')[0]];
  return [
    ...(times('prepare').some((t) => t > trigger) ? ['"prepare" is after "trigger"'] : []),
    ...(times('graph').some((t) => t < trigger || t > result) ? ['"graph" is not between "trigger" and "result"'] : []),
  ];
}

/** The lines of a journal: each that there must be, and none of another trial. */
export const LINES: readonly Rule[] = [
  {
    code: 'LINES_WRONG',
    sentence:
      'a journal has one plan, one machine and one session, and ends with the one end of the engine; the ends count all lines',
    broken: ({ log }) => {
      const { last } = log;
      return [
        ...ONCE.map(([what, count]) => [what, count(log)] as const)
          .filter(([, count]) => count !== 1)
          .map(([what, count]) => `${count} ${what}, 1 expected`),
        ...(last && (last.type !== 'done' || last.source !== 'engine')
          ? [`${last.type} of ${last.source} comes after the end of the engine`]
          : []),
        ...miscounted(log),
      ];
    },
  },
  {
    code: 'MARKS_WRONG',
    sentence:
      'the computation is prepared, triggered once and gives its result once, with a graph for each event loop in between',
    broken: (looked) => [
      ...marksExpected(looked)
        .map(([name, expected]) => ({ name, expected, count: marks(looked.log, name).length }))
        .filter(({ count, expected }) => count !== expected)
        .map(({ name, count, expected }) => `${count} marks "${name}", ${expected} expected`),
      ...outOfOrder(looked.log),
    ],
  },
  {
    code: 'ANSWERS_WRONG',
    sentence: 'there is one answer',
    broken: ({ log }) => {
      const count = log.all('answer').length;
      return count === 1 ? [] : [`${count} answers, 1 expected`];
    },
  },
  {
    code: 'JOURNAL_MIXED',
    sentence: 'all lines are of one trial',
    broken: ({ log, record: { trial } }) => {
      const other = [...log.firstOfTrial].find((event) => event.trial !== trial);
      return other ? [`event ${other.seq} of ${other.source} belongs to trial ${other.trial}, not to ${trial}`] : [];
    },
  },
];
