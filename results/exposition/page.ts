import { Counter, Gauge, type Registry } from 'prom-client';
import { type Field, labelsOf, type Measurement } from '../../core/model/measurement.ts';
import { SAMPLES } from '../../core/model/samples.ts';
import { nameOf } from './names.ts';
import type { Reading } from './readings.ts';

/** The newest reading of each series, by the name of its metric. */
type Series = ReadonlyMap<string, readonly Reading[]>;

/** The metrics of all samples, added to `registry`; `show` sets what the next page is to say. */
export function sampleMetrics(registry: Registry): { show(readings: Iterable<Reading>): void } {
  let series: Series = new Map();
  for (const measurement of SAMPLES) {
    for (const field of measurement.fields) {
      registry.registerMetric(metricOf(measurement, field, (name) => series.get(name) ?? []));
    }
  }
  return {
    show(readings) {
      series = newest(readings);
    },
  };
}

function metricOf(
  measurement: Measurement,
  { name: field, kind, help }: Field,
  readingsOf: (name: string) => readonly Reading[],
): Counter | Gauge {
  const name = nameOf(measurement, field);
  const configuration = { name, help, labelNames: labelsOf(measurement), registers: [] };
  if (kind === 'gauge') {
    return new Gauge({
      ...configuration,
      collect() {
        this.reset();
        for (const { labels, value } of readingsOf(name)) this.set(labels, value);
      },
    });
  }
  // A counter cannot be set, and one whose source starts again falls: what was shown before does not matter.
  return new Counter({
    ...configuration,
    collect() {
      this.reset();
      for (const { labels, value } of readingsOf(name)) this.inc(labels, value);
    },
  });
}

/** Journals of one session tell of the same workers, one after another. */
function newest(readings: Iterable<Reading>): Series {
  const series = new Map<string, Map<string, Reading>>();
  for (const reading of readings) {
    const metric = series.get(reading.name) ?? new Map<string, Reading>();
    series.set(reading.name, metric);
    const key = JSON.stringify(Object.values(reading.labels));
    const other = metric.get(key);
    if (other === undefined || reading.t >= other.t) metric.set(key, reading);
  }
  return new Map([...series].map(([name, metric]) => [name, [...metric.values()]]));
}
