import { expect, test } from 'vitest';
import { aRecord, anExperiment } from '../../core/stats/test/records.ts';
import { page } from '../report/page.ts';
import { reportView } from '../report/report-view.ts';
import { renderTable } from '../terminal/table.ts';

const read = { bytes_per_event: 300, read_amplification_ratio: 1.5 };
const adl = anExperiment([aRecord({ metrics: { event_rate: 1000, ...read } })]);
const floor = [aRecord({ point: { suite: 'iobench', parameters: {} }, metrics: { event_rate: 4000, ...read } })];

test('the terminal says how far a point is from reading alone, and where that is not known nothing, unless a floor was given', () => {
  const shown = (experiment: typeof adl) => renderTable(experiment, { columns: 200, colour: false });
  expect(shown({ ...adl, floor })).toContain(
    'coffea, 1 worker: 25.0 % (trials from 25.0 % to 25.0 %) of the event rate of reading alone, 4.00 kevents/s; n = 1 trial in 1 session, of reading n = 1 trial in 1 session\n',
  );
  expect(shown(adl)).not.toContain('reading alone');
  // Who gave a floor is told why it says nothing.
  const elsewhere = floor.map((record) => ({ ...record, point: { ...record.point, workers: 7 } }));
  expect(shown({ ...adl, floor: elsewhere })).toContain('coffea, 1 worker: reading alone was measured, but not with');
});

test('the report has it in a table, or a dash with the way to get it', () => {
  const shown = (experiment: typeof adl) => page(reportView(experiment), '');
  expect(shown({ ...adl, floor })).toMatch(/Distance from reading alone[^]*25\.0[^]*%/);
  expect(shown(adl)).toMatch(
    /Distance from reading alone[^]*reading alone was not measured here: run bench --suite iobench/,
  );
  expect(shown(anExperiment([...floor]))).not.toContain('Distance from reading alone');
});
