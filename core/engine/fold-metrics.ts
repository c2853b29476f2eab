import type { Meter } from '../model/event.ts';
import { largest, smallest } from '../model/extremes.ts';
import type { MetricName } from '../model/metrics.ts';
import { derive, missing, type Quantity } from '../model/quantity.ts';
import { executionOf, type Facts, hostCoresOf, lengthOf, observedOf, turnaroundOf } from './fold-facts.ts';
import { hostIncreaseOf, increaseOf, valuesOf } from './fold-samples.ts';

/** Every metric of the catalogue; what was not observed carries the reason. */
export function metricsOf(facts: Facts): Record<MetricName, Quantity> {
  const turnaround = turnaroundOf(facts);
  const seconds = lengthOf(turnaround, 'no result');
  const execution = lengthOf(executionOf(facts), 'no event-processing task was seen');
  const { workers, threads } = observedOf(facts);
  const events = facts.answer?.events ?? missing('the trial gave no answer');
  const rate = derive([events, seconds], (n = 0, t = 0) => n / t);
  const bytes = bytesOf(facts);
  const cpu = increaseOf(facts, 'cpu_seconds_total', 'sum');
  return {
    event_rate: rate,
    event_rate_per_worker: derive([rate], (r = 0) => r / workers),
    event_rate_per_core: derive([rate], (r = 0) => r / threads),
    cpu_occupancy_ratio: derive(
      [sumOfMeters(facts, 'processCpuSeconds'), execution],
      (c = 0, t = 0) => c / (t * threads),
    ),
    cpu_seconds: cpu,
    cpu_seconds_per_mevent: derive([taskCpuOf(facts), events], (c = 0, n = 0) => (c / n) * 1e6),
    read_bytes_framework: bytes,
    read_rate: derive([bytes, execution], (b = 0, t = 0) => b / t),
    bytes_per_event: derive([bytes, events], (b = 0, n = 0) => b / n),
    read_amplification_ratio: derive([bytes, theoryOf(facts)], (b = 0, theory = 0) => b / theory),
    rchar_bytes: sumOfMeters(facts, 'rcharBytes'),
    block_read_bytes: sumOfMeters(facts, 'blockReadBytes'),
    network_bytes: increaseOf(facts, 'network_receive_bytes_total', 'one'),
    ...memoryOf(facts),
    spilled_bytes_peak: peakOf(facts, 'spilled_bytes'),
    ...taskMetricsOf(facts),
    watching_cpu_ratio: derive([increaseOf(facts, 'agent_cpu_seconds_total', 'sum'), cpu], (a = 0, c = 0) => a / c),
    sampling_gap_max_seconds: gapOf(facts),
    ...hostOf(facts, seconds),
  };
}

/** What others did on the machine of the workers meanwhile; missing where the workers have hosts of their own. */
function hostOf(facts: Facts, seconds: Quantity) {
  const here = derive([hostCoresOf(facts)], () => 1);
  const of = (name: string) => hostIncreaseOf(facts, name);
  const busy = ['user', 'nice', 'system'].map((state) => of(`host_cpu_${state}_seconds_total`));
  const own = of('host_own_cpu_seconds_total');
  return {
    // The two counters have ticks of 10 ms and are read one after the other: less than nothing is nothing.
    host_foreign_cores: derive(
      [seconds, own, here, ...busy],
      (t = 0, ours = 0, _here = 0, ...used) => Math.max(0, used.reduce((sum, value) => sum + value, 0) - ours) / t,
    ),
    host_steal_cores: derive([of('host_cpu_steal_seconds_total'), seconds, here], (stolen = 0, t = 0) => stolen / t),
    host_cpu_pressure_ratio: derive(
      [of('host_cpu_pressure_seconds_total'), seconds, here],
      (waited = 0, t = 0) => waited / t,
    ),
  };
}

/** Thread CPU of the event-processing tasks without compilation. */
function taskCpuOf(facts: Facts): Quantity {
  return derive(
    [sumOfMeters(facts, 'cpuSeconds'), sumOfMeters(facts, 'compileCpuSeconds', 0)],
    (cpu = 0, compile = 0) => cpu - compile,
  );
}

/** Sum over the event-processing tasks; missing when any of them was not metered, unless `otherwise` stands in for null. */
function sumOfMeters(facts: Facts, field: keyof Meter, otherwise?: number): Quantity {
  if (facts.processTasks.length === 0) return missing('no event-processing task was seen');
  let sum = 0;
  for (const { meter } of facts.processTasks) {
    const value = meter ? (meter[field] ?? otherwise) : undefined;
    if (value === undefined) return missing(meter ? `${field} could not be read` : 'a task was not metered');
    sum += value;
  }
  return sum;
}

/** As the framework counts: for the whole run where it does, otherwise the sum over the tasks. */
function bytesOf(facts: Facts): Quantity {
  return facts.answer?.bytesRead ?? sumOfMeters(facts, 'bytesRead');
}

function theoryOf({ planned }: Facts): Quantity {
  if (!planned.dataset) return missing('no data set');
  return Object.values(planned.dataset.columnBytes).reduce((sum, value) => sum + value, 0);
}

function memoryOf(
  facts: Facts,
): Pick<Record<MetricName, Quantity>, 'rss_peak_bytes' | 'rss_mean_bytes' | 'rss_high_water_bytes' | 'pss_peak_bytes'> {
  return {
    rss_peak_bytes: peakOf(facts, 'rss_bytes'),
    rss_mean_bytes: meanOf(facts, 'rss_bytes'),
    rss_high_water_bytes: peakOf(facts, 'rss_high_water_bytes'),
    pss_peak_bytes: peakOf(facts, 'pss_bytes'),
  };
}

function peakOf(facts: Facts, name: string): Quantity {
  const most = largest(valuesOf(facts, name));
  return most === -Infinity ? missing(`no sample of ${name}`) : most;
}

function meanOf(facts: Facts, name: string): Quantity {
  let [sum, count] = [0, 0];
  for (const value of valuesOf(facts, name)) {
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : missing(`no sample of ${name}`);
}

function taskMetricsOf(facts: Facts) {
  const durations = facts.processTasks.map(({ start, stop }) => stop - start);
  const none = missing('no event-processing task was seen');
  if (durations.length === 0) {
    return {
      task_seconds_mean: none,
      task_seconds_sd: none,
      task_seconds_min: none,
      task_seconds_max: none,
      imbalance_ratio: none,
    };
  }
  const mean = durations.reduce((sum, value) => sum + value, 0) / durations.length;
  const squares = durations.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    task_seconds_mean: mean,
    task_seconds_sd:
      durations.length > 1 ? Math.sqrt(squares / (durations.length - 1)) : missing('one task has no spread'),
    task_seconds_min: smallest(durations),
    task_seconds_max: largest(durations),
    imbalance_ratio: largest(durations) / mean,
  };
}

function gapOf({ agents }: Facts): Quantity {
  let gap = 0;
  for (const { times } of agents) {
    for (const [index, t] of times.entries()) gap = Math.max(gap, t - (times[index - 1] ?? t));
  }
  return agents.length > 0 ? gap : missing('no samples of the agent');
}
