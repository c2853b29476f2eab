import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventOf } from '../../../core/model/event.ts';
import { TRIAL_MEASUREMENT } from '../../../core/model/measurements.ts';
import { measurementOf } from '../../../core/model/samples.ts';
import { parseJournal } from '../../../core/model/journal.ts';
import { TrialRecord } from '../../../core/model/record.ts';
import type { Influxd, Row } from './server.ts';

const COLLECTORS = ['agent', 'scheduler', 'host', 'sink'] as const;

/** Every sample of the journals, also of one whose last line was cut short by a kill. */
export function samplesIn(journals: readonly string[]): EventOf<'sample'>[] {
  return journals.flatMap((path) => {
    const content = parseJournal(readFileSync(path, 'utf8'));
    if (!('events' in content)) throw new Error(`${path} is corrupt`);
    return content.events.filter((event) => event.type === 'sample');
  });
}

/** Every point of the sample measurements in a bucket. */
export async function storedSamples(influxd: Influxd, bucket: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const collector of COLLECTORS) {
    const { name } = measurementOf(collector);
    for (const row of await influxd.query(bucket, `SELECT * FROM "${name}"`)) rows.push({ ...row, measurement: name });
  }
  return rows;
}

/**
 * How journals and server differ, sample by sample and value by value: empty when they are the same. Both directions: what
 * is missing on the server, and what is there that no journal holds.
 */
export function differences(samples: readonly EventOf<'sample'>[], rows: readonly Row[]): string[] {
  const left = new Map<string, Row>();
  for (const row of rows) left.set(identity(String(row['measurement']), targetOf(row), Number(row['time'])), row);
  const found: string[] = [];
  for (const { collector, target, t, values } of samples) {
    const { name, tags } = measurementOf(collector);
    const named = tags.includes('worker') || tags.includes('host');
    const id = identity(name, named ? target : '', Math.round(t * 1e6));
    const row = left.get(id);
    if (row === undefined) {
      found.push(`not on the server: ${id}`);
      continue;
    }
    left.delete(id);
    for (const [field, value] of Object.entries(values)) {
      if (row[field] !== value) found.push(`${id} ${field}: ${value} in the journal, ${row[field]} on the server`);
    }
  }
  return [...found, ...[...left.keys()].map((id) => `in no journal: ${id}`)];
}

function targetOf(row: Row): string {
  return String(row['worker'] ?? row['host'] ?? '');
}

function identity(measurement: string, target: string, microseconds: number): string {
  return `${measurement} ${target} ${microseconds}`;
}

/** How the records beside the journals and the summaries on the server differ. */
export async function summaryDifferences(
  influxd: Influxd,
  bucket: string,
  journals: readonly string[],
): Promise<string[]> {
  const rows = await influxd.query(bucket, `SELECT * FROM "${TRIAL_MEASUREMENT.name}"`);
  const found: string[] = [];
  const records = journals.map((path) => join(dirname(path), 'record.json')).filter((path) => existsSync(path));
  for (const path of records) {
    const record = TrialRecord.parse(JSON.parse(readFileSync(path, 'utf8')));
    const row = rows.find((one) => one['trial'] === record.trial && one['experiment'] === record.experiment);
    if (row === undefined) found.push(`no summary of ${record.experiment} ${record.trial}`);
    for (const [name, value] of Object.entries(record.metrics)) {
      const stored = row?.[name] ?? null;
      if (stored !== (typeof value === 'number' ? value : null))
        found.push(`${record.trial} ${name}: ${String(stored)}`);
    }
    if (row && row['state'] !== record.state) found.push(`${record.trial}: ${row['state']} instead of ${record.state}`);
  }
  if (rows.length !== records.length) found.push(`${rows.length} summaries of ${records.length} records`);
  return found;
}
