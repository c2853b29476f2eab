// What a point in a database, or a line of a page for Prometheus, is made of.

/** One value of a measurement. Its type is fixed for ever: InfluxDB keeps both sides of a conflict and shows one. */
export interface Field {
  readonly name: string;
  readonly type: 'float' | 'integer' | 'string';
  /** `counter` grows while its source lives. */
  readonly kind: 'counter' | 'gauge' | 'label';
  readonly unit: string;
  readonly help: string;
}

export interface Measurement {
  readonly name: string;
  /** `raw`: samples, kept for weeks. `lasting`: one point for each trial, kept for years. */
  readonly bucket: 'raw' | 'lasting';
  readonly help: string;
  /** Every point has all of them but those of `mayLack`. Values are bounded by what is configured; those of {@link RUN_TAGS} by the retention. */
  readonly tags: readonly string[];
  /** Tags that a point does not have where it is as all points were before there was the tag. */
  readonly mayLack?: readonly string[];
  readonly fields: readonly Field[];
}

export function counters(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'float', kind: 'counter', unit, help }));
}

export function gauges(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'float', kind: 'gauge', unit, help }));
}

export function integers(unit: string, fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'integer', kind: 'gauge', unit, help }));
}

export function labels(fields: Readonly<Record<string, string>>): Field[] {
  return Object.entries(fields).map(([name, help]) => ({ name, type: 'string', kind: 'label', unit: 'text', help }));
}

/**
 * Tell apart what goes on at once, and what begins to count anew. `run`: the experiment, or the monitor. `cluster`: the block, or the
 * scheduler that is watched.
 */
export const RUN_TAGS = ['run', 'cluster'] as const;

/** The labels of a measurement on a page: who scrapes it keeps no series of its own for each run. */
export function labelsOf({ tags }: Measurement): readonly string[] {
  const ofRuns: readonly string[] = RUN_TAGS;
  return tags.filter((tag) => !ofRuns.includes(tag));
}
