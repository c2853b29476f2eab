import { expect, test } from 'vitest';
import type { TrialRecord } from '../model/record.ts';
import { judge } from './judge.ts';
import { answer, aTrial, closed, entry, type Entry, recordFrom, recordOf } from './test/journal-of.ts';

const right = () => [];

function codesOf(record: TrialRecord): string[] {
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
