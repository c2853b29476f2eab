import { expect, test } from 'vitest';
import type { Record } from '../model/record.ts';
import { judge } from './judge.ts';
import { answer, aTrial, closed, entry, type Entry, recordFrom, recordOf, sample } from './test/journal-of.ts';

const right = () => [];

function codesOf(record: Record): string[] {
  return record.reasons.map(({ code }) => code);
}

function withAnswer(events: number): Entry[] {
  return aTrial().map((item) => (item.draft.type === 'answer' ? answer(events) : item));
}

function withoutTask(): Entry[] {
  const entries = aTrial();
  return entries.toSpliced(
    entries.findIndex(({ draft }) => draft.type === 'task'),
    1,
  );
}

function withCpu(seconds: number): Entry[] {
  const on = (name: string, used: number) => [
    sample(name, 100, { cpu_seconds_total: 0 }),
    sample(name, 110, { cpu_seconds_total: used }),
  ];
  const machine = entry('engine', 90, { type: 'environment', facts: { cores: 2 } });
  return aTrial([machine, ...on('w0', seconds), ...on('w1', 0)]);
}

/** Three tasks of 10 s together that claim so much CPU of their threads. */
function withTaskCpu(seconds: number): Entry[] {
  return aTrial().map((item) =>
    item.draft.type === 'task' && item.draft.meter
      ? { ...item, draft: { ...item.draft, meter: { ...item.draft.meter, cpuSeconds: seconds / 3 } } }
      : item,
  );
}

test('a right answer of the planned events and tasks is valid and stays as it is', () => {
  const record = recordOf(aTrial());
  expect(judge(record, right)).toBe(record);
});

test('one event too few makes a trial invalid', () => {
  const record = judge(recordOf(withAnswer(999)), right);
  expect(record.state).toBe('invalid');
  expect(record.reasons).toEqual([{ code: 'EVENTS_WRONG', message: '999 events read, 1000 planned' }]);
});

test('a missing task makes a trial invalid, but for a serial loop', () => {
  const record = judge(recordOf(withoutTask()), right);
  expect(record.reasons).toEqual([{ code: 'TASKS_MISSING', message: '2 event-processing tasks seen, 3 planned' }]);
  const serial = withoutTask().map((item) =>
    item.draft.type === 'planned'
      ? { ...item, draft: { ...item.draft, point: { ...item.draft.point, runner: 'serial' } } }
      : item,
  );
  expect(judge(recordOf(serial), right).state).toBe('valid');
});

test('more CPU-seconds than the cores of the host can give make a trial invalid: 20.05 in 20 core-seconds', () => {
  expect(judge(recordOf(withCpu(20.01)), right).state).toBe('valid');
  const record = judge(recordOf(withCpu(20.05)), right);
  expect(record.state).toBe('invalid');
  expect(record.reasons).toEqual([
    { code: 'CPU_IMPOSSIBLE', message: '20.05 CPU-seconds in 20.00 core-seconds on the cores of the host' },
  ]);
});

test('tasks whose threads claim more CPU than the tasks took make a trial invalid, beyond a clock tick for each', () => {
  expect(judge(recordOf(withTaskCpu(10.02)), right).state).toBe('valid');
  const record = judge(recordOf(withTaskCpu(10.06)), right);
  expect(record.reasons).toEqual([
    { code: 'CPU_IMPOSSIBLE', message: '10.06 CPU-seconds in 10.00 core-seconds of event-processing tasks' },
  ]);
});

test('the reasons of the suite make a trial invalid and are all kept', () => {
  const wrong = [
    { code: 'ANSWER_WRONG', message: 'q1_met, bin 3' },
    { code: 'ANSWER_WRONG', message: 'q1_met, bin 4' },
  ];
  const record = judge(recordOf(withAnswer(999)), () => wrong);
  expect(record.state).toBe('invalid');
  expect(codesOf(record)).toEqual(['EVENTS_WRONG', 'ANSWER_WRONG', 'ANSWER_WRONG']);
});

test('a failed or incomplete trial stays so, and its answer is not looked at', () => {
  const never = () => {
    throw new Error('judged');
  };
  const incomplete = recordFrom(closed(withAnswer(1)).slice(0, -1));
  expect(judge(incomplete, never)).toBe(incomplete);
  const failed = recordOf(aTrial([entry('engine', 105, { type: 'failed', code: 'X', message: '', hint: '' })]));
  expect(judge(failed, never)).toBe(failed);
});

test('a tainted trial is judged: its answer counts, its time does not', () => {
  const tainted = aTrial([entry('driver', 99, { type: 'warning', code: 'KEYS_LEFT', message: '' })]);
  expect(judge(recordOf(tainted), () => [{ code: 'ANSWER_WRONG', message: 'q' }])).toMatchObject({
    state: 'invalid',
    taints: [{ code: 'KEYS_LEFT' }],
  });
});
