import { afterAll, beforeAll, expect, test } from 'vitest';
import { bench, makePlace, mutant, type Place, recordsIn } from './harness.ts';

// An answer that was kept from an earlier trial is right and comes at once: what gives it away is the work that was not done.
let place: Place;
beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

const SMALL = ['--backend', 'coffea', '--files', '2', '--events', '16000', '--workers', '1', '--tasks', '4'];
const ONCE = ['--sessions', '1', '--repeats', '2'];

async function judged(root: string, args: readonly string[]) {
  const { exitCode, stderr, experiment } = await bench(place, [...SMALL, ...ONCE, ...args], root);
  expect(exitCode).toBe(5);
  const of = (runner: string) =>
    recordsIn(experiment)
      .filter(({ point }) => point.runner === runner)
      .map(({ state, reasons }) => [state, ...reasons.map(({ code }) => code)].join(' '));
  return { stderr, of };
}

test('a client that keeps its answer is found by the tasks that did not run, a serial run by the bytes that were not read', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/driver/execute.py',
    '    result = analysis.run(workload, client, mark)\n    mark("result")\n    return analysis.answer(result)\n',
    `    if _kept:
        mark("graph")
        mark("result")
    else:
        result = analysis.run(workload, client, mark)
        mark("result")
        _kept.append(analysis.answer(result))
    return _kept[0]


_kept: list[Answer] = []
`,
  );
  const { stderr, of } = await judged(root, []);
  const serial = of('serial');
  expect(serial[0]).toBe('valid');
  expect(serial.slice(1).every((found) => found.includes('invalid') && found.includes('BYTES_TOO_FEW'))).toBe(true);
  expect(serial.length).toBeGreaterThan(1);
  const local = of('local');
  expect(local[0]).toBe('valid');
  expect(local.slice(1).every((found) => found.includes('invalid') && found.includes('TASKS_MISSING'))).toBe(true);
  expect(local.length).toBeGreaterThan(1);
  expect(stderr).toMatch(/\d+ bytes read, at least \d+ are needed/);
  expect(stderr).toContain('0 event-processing tasks seen, 4 planned');
});

test('workers that keep the answers of their tasks are found by the bytes that were not read', async () => {
  const root = mutant(
    place,
    'analyses/src/hepbench/analyses/adl/processor.py',
    'class Chunk:',
    `_process, _kept = Processor.process, {}


def _keeping(self: Processor, events: Any) -> Any:
    import copy

    where = (events.metadata["filename"], events.metadata["entrystart"])
    if where not in _kept:
        _kept[where] = _process(self, events)
    return copy.deepcopy(_kept[where])


Processor.process = _keeping


class Chunk:`,
  );
  const { stderr, of } = await judged(root, ['--no-reference']);
  expect(of('local')).toEqual(['valid', 'invalid BYTES_TOO_FEW', 'invalid BYTES_TOO_FEW']);
  expect(stderr).toMatch(/\d+ bytes read, at least \d+ are needed/);
});
