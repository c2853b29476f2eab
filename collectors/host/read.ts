import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TICKS_PER_SECOND } from './tree.ts';

const STATES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** Gauges and counters of a machine from the folder `proc`; what the kernel does not offer is left out. */
export function readHost(proc: string): Record<string, number> {
  return {
    ...cpuOf(text(proc, 'stat')),
    ...loadOf(text(proc, 'loadavg')),
    ...pressureOf(proc),
    ...memoryOf(text(proc, 'meminfo')),
  };
}

function text(proc: string, name: string): string {
  try {
    return readFileSync(join(proc, name), 'utf8');
  } catch {
    // Kernels without pressure information and containers with a masked /proc: the values are left out.
    return '';
  }
}

function cpuOf(stat: string): Record<string, number> {
  const line = /^cpu\s+(.*)$/m.exec(stat)?.[1]?.split(/\s+/) ?? [];
  return Object.fromEntries(
    STATES.flatMap((state, index) => {
      const ticks = Number(line[index]);
      return Number.isFinite(ticks) ? [[`host_cpu_${state}_seconds_total`, ticks / TICKS_PER_SECOND]] : [];
    }),
  );
}

function loadOf(loadavg: string): Record<string, number> {
  const match = /^(\S+) \S+ \S+ (\d+)\/\d+/.exec(loadavg);
  return match ? { host_load1: Number(match[1]), host_runnable_threads: Number(match[2]) } : {};
}

function pressureOf(proc: string): Record<string, number> {
  const values: Record<string, number> = {};
  for (const resource of ['cpu', 'io', 'memory'] as const) {
    const total = /^some .*total=(\d+)/m.exec(text(proc, `pressure/${resource}`))?.[1];
    if (total !== undefined) values[`host_${resource}_pressure_seconds_total`] = Number(total) / 1e6;
  }
  return values;
}

function memoryOf(meminfo: string): Record<string, number> {
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  return kilobytes === undefined ? {} : { host_memory_available_bytes: Number(kilobytes) * 1024 };
}
