import { readFile } from 'node:fs/promises';
import { Counter, Gauge, type Registry } from 'prom-client';
import { systemCode } from '../../core/errors.ts';
import { TRIAL_MEASUREMENT } from '../../core/model/measurements.ts';
import { isKnown, type Quantity } from '../../core/model/quantity.ts';
import { TrialRecord } from '../../core/model/record.ts';
import { nameOf } from './names.ts';

/** What is used of a record. */
const Ended = TrialRecord.pick({ point: true, state: true, windows: true, metrics: true });
type Ended = ReturnType<typeof Ended.parse>;

/** What is shown of the last valid trial: the rest of a summary is history, which a metrics page has no place for. */
const LAST: Readonly<{ [field: string]: (record: Ended) => Quantity | undefined }> = {
  event_rate: ({ metrics }) => metrics['event_rate'],
  turnaround_seconds: ({ windows }) => windows.turnaroundSeconds,
  cpu_seconds_per_mevent: ({ metrics }) => metrics['cpu_seconds_per_mevent'],
};

/** Reads a trial's record; undefined when there is none, as beside the journal of a monitor. Rejects for any other file. */
export async function readRecord(path: string): Promise<Ended | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  return Ended.parse(JSON.parse(text));
}

/** Adds the metrics of trials to `registry`; the function takes the record of each trial that has ended. */
export function trialMetrics(registry: Registry): (record: Ended) => void {
  const registers = [registry];
  const trials = new Counter({
    name: 'hepbench_trials_total',
    help: 'Trials that have ended, by their state.',
    labelNames: ['suite', 'backend', 'runner', 'state'],
    registers,
  });
  const last = Object.entries(LAST).map(([field, valueOf]) => ({
    valueOf,
    gauge: new Gauge({
      name: nameOf(TRIAL_MEASUREMENT, field),
      help: `${TRIAL_MEASUREMENT.fields.find(({ name }) => name === field)?.help ?? field} Of the last valid trial.`,
      labelNames: ['suite', 'backend', 'runner', 'workers'],
      registers,
    }),
  }));
  return (record) => {
    const { suite, backend, runner, workers } = record.point;
    trials.inc({ suite, backend, runner, state: record.state });
    // No label says that an answer was wrong, so its speed is not shown.
    if (record.state !== 'valid') return;
    const labels = { suite, backend, runner, workers: String(workers) };
    for (const { gauge, valueOf } of last) {
      const value = valueOf(record);
      if (value !== undefined && isKnown(value)) gauge.set(labels, value);
      else gauge.remove(labels);
    }
  };
}
