import type { EventOf, Meter } from '../../model/event.ts';
import { isKnown } from '../../model/quantity.ts';
import type { TrialRecord } from '../../model/record.ts';
import type { EventLog } from '../event-log.ts';
import type { Place } from '../place.ts';
import { readingsOf } from '../fold-samples.ts';
import type { Series } from '../series.ts';
import { clockError, lostWorker, marks, MOST_BYTES_PER_SECOND, renewedWorkers, type Rule, seconds } from './rule.ts';

/** A process may pause between its reading of the time and its reading of a counter, and its clocks are read one after the other. */
const SLACK_SHARE = 0.1;
const SLACK_SECONDS = 1;
/** The epoch of an agent is counted on from its start, where it may pause between the readings of two clocks. */
const EPOCH_SECONDS = 0.1;
/** A bare Python interpreter holds 9 MB; pages that nothing touches may have been swapped out. */
const SMALLEST_RESIDENT_BYTES = 4e6;
/** The kernel adds the resident set up from counters of each core, of which each may hold back a batch: mm/percpu_counter.c. */
const PAGE_BYTES = 4096;
const BATCH_PAGES = 32;
const KINDS_OF_PAGES = 3;
/** Counters of the host that the kernel lets fall: proc(5). */
const MAY_FALL = /^host_cpu_(idle|iowait|steal)_/;
/** What opens files before tasks run reads little beside the tasks themselves: a quarter of a small trial was seen. */
const FRAMEWORK_TIMES = 2;
/** The meters and the framework count the same requests. */
const FRAMEWORK_SHARE = 0.1;

/** A host that is not ours has no more: NR_CPUS of Linux on x86-64. */
const MOST_CORES = 8192;
const CPU_OF_PROCESS = /^(cpu|cpu_user|cpu_system|agent_cpu)_seconds_total$/;

/** What meters of tasks and counters of their process have in common, and what reading one after the other may make of it. */
const IN_PROCESS: readonly (readonly [keyof Meter, string, number])[] = [
  ['cpuSeconds', 'cpu_seconds_total', EPOCH_SECONDS],
  ['processCpuSeconds', 'cpu_seconds_total', EPOCH_SECONDS],
  ['runQueueSeconds', 'run_queue_seconds_total', SLACK_SECONDS],
  ['bytesRead', 'framework_read_bytes_total', 1e6],
  ['readCalls', 'framework_read_calls_total', 100],
  ['rcharBytes', 'rchar_bytes_total', 1e6],
  ['blockReadBytes', 'block_read_bytes_total', 1e6],
];

/** Samples of each source, as it numbered them; agents of workers that were replaced are left out, as they begin anew. */
function bySource(log: EventLog): Series[] {
  const renewed = renewedWorkers(log);
  return log.series
    .filter(({ collector, target }) => collector !== 'agent' || !renewed.has(target))
    .map((series) => series.inOrderOf('numbers'));
}

function agents(log: EventLog): Series[] {
  return bySource(log).filter(({ collector }) => collector === 'agent');
}

/** By how much a counter may grow in a second. */
function fastest(name: string, cores: number): number {
  if (CPU_OF_PROCESS.test(name)) return cores;
  if (name.endsWith('_bytes_total')) return MOST_BYTES_PER_SECOND * cores;
  return name.endsWith('_seconds_total') ? MOST_CORES : Infinity;
}

/** How far the kernel's reading of a resident set may be off. */
function pageError({ observed }: TrialRecord): number {
  const cores = isKnown(observed.hostCores) ? observed.hostCores : 1;
  return KINDS_OF_PAGES * cores * Math.max(BATCH_PAGES, 2 * cores) * PAGE_BYTES;
}

/** Whose samples there must be: coffea's threads without Dask are processes that no agent sees. */
function watched(log: EventLog, { point }: TrialRecord, place: Place): string[] {
  if (!place.watched) return [];
  if (point.runner !== 'serial') return [...new Set(log.all('worker').map(({ name }) => name))];
  return point.backend === 'coffea' && point.threadsPerWorker > 1 ? [] : ['serial'];
}

/** Readings of collectors and agents over time. */
export const SAMPLES: readonly Rule[] = [
  {
    code: 'SAMPLES_MISSING',
    sentence: 'each worker of a watched trial has samples that enclose T, other trials and other processes have none',
    broken: ({ log, record, place }) => {
      const expected = watched(log, record, place);
      const own = agents(log);
      const host = log.first('environment')?.facts['host'] ?? undefined;
      const stranger = log.series.find(({ collector, target }) =>
        collector === 'agent'
          ? !expected.includes(target)
          : collector === 'host' && host !== undefined && target !== host,
      );
      if (stranger) return [`samples of ${stranger.target}, which was not watched`];
      const [[planned], [trigger], [result]] = [log.all('planned'), marks(log, 'trigger'), marks(log, 'result')];
      // A disturbed trial does not count, and may have lost some.
      if (record.taints.length > 0 || lostWorker(log) || !planned || !trigger || !result) return [];
      const error = clockError(log) + EPOCH_SECONDS;
      for (const name of expected) {
        const times = [...(own.find(({ target }) => target === name)?.times ?? [])];
        const before = times.findLast((t) => t <= trigger.t + error) ?? -Infinity;
        if (before < planned.t - error) return [`no sample of ${name} between plan and trigger`];
        if ((times.at(-1) ?? -Infinity) < result.t - error) return [`no sample of ${name} after the result`];
      }
      return [];
    },
  },
  {
    code: 'SAMPLE_OUTSIDE',
    sentence:
      'samples are in order of time, those of agents from when there is a scheduler, all others from the plan, to the end of the trial',
    broken: ({ log }) => {
      const [planned, session, end] = [log.first('planned'), log.first('session'), log.last];
      if (!planned || !session || !end) return [];
      const error = clockError(log) + EPOCH_SECONDS;
      for (const samples of bySource(log)) {
        const { source, collector, times, numbers } = samples;
        const from = collector === 'agent' ? session.schedulerAt + (session.clockSetSeconds ?? 0) : planned.t;
        for (const [index, t] of times.entries()) {
          if (t < from - error || t > end.t + error)
            return [
              `sample ${numbers[index]} of ${source} is dated ${t.toFixed(3)}, ${from.toFixed(3)} to ${end.t.toFixed(3)} is possible`,
            ];
          const before = times[index - 1] ?? -Infinity;
          if (t <= before)
            return [
              `sample ${numbers[index]} of ${source} is dated ${seconds(before - t)} before sample ${numbers[index - 1]}`,
            ];
        }
      }
      return [];
    },
  },
  {
    code: 'COUNTER_FELL',
    sentence: 'a counter falls only where a process began anew',
    broken: ({ log }) => {
      for (const samples of bySource(log)) {
        for (const name of samples.names) {
          if (!name.endsWith('_total') || MAY_FALL.test(name)) continue;
          let last = -Infinity;
          for (const { t, value } of readingsOf(samples, name)) {
            if (value < last) return [`${name} of ${samples.target} fell from ${last} to ${value} at ${t.toFixed(3)}`];
            last = value;
          }
        }
      }
      return [];
    },
  },
  {
    code: 'RESIDENT_IMPOSSIBLE',
    sentence:
      'the largest resident set of a process is no smaller than the resident set, never falls, and no process holds less than Python',
    broken: ({ log, record }) => {
      const error = pageError(record);
      for (const samples of agents(log)) {
        let largest = 0;
        const [nowAt, highAt] = [samples.value('rss_bytes'), samples.value('rss_high_water_bytes')];
        const shareAt = samples.value('pss_bytes');
        for (const [index, t] of samples.times.entries()) {
          const [now, high, share] = [nowAt(index), highAt(index), shareAt(index)];
          const at = () => `of ${samples.target} at ${t.toFixed(3)}`;
          for (const bytes of [now, high])
            if (bytes !== undefined && bytes < SMALLEST_RESIDENT_BYTES)
              return [`a resident set ${at()} is ${bytes} bytes`];
          if (now !== undefined && high !== undefined && high < now - error)
            return [`the largest resident set ${at()} is ${high}, the resident set ${now}`];
          if (high !== undefined && high < largest - error)
            return [`the largest resident set ${at()} fell from ${largest} to ${high}`];
          largest = Math.max(largest, high ?? 0);
          const whole = highAt(index + 1) ?? high ?? Infinity;
          if (share !== undefined && share > whole * (1 + SLACK_SHARE) + error)
            return [`the proportional set ${at()} is ${share}, the largest resident set ${whole} afterwards`];
        }
      }
      return [];
    },
  },
  {
    code: 'RATE_TOO_HIGH',
    sentence: 'between two samples counters grow by no more than the cores and the memory of a host give',
    broken: ({ log, record: { observed } }) => {
      const cores = isKnown(observed.hostCores) ? observed.hostCores : MOST_CORES;
      const end = log.last?.t ?? 0;
      for (const samples of bySource(log)) {
        const { target, times, names } = samples;
        for (const name of names) {
          const valueAt = samples.value(name);
          const most = fastest(name, cores);
          for (const [index, t] of times.entries()) {
            const [before, value] = [times[index - 1], valueAt(index)];
            if (before === undefined || value === undefined) continue;
            const until = times[index + 1] ?? Math.max(t, end);
            const possible = (Math.max(0, until - before) * (1 + SLACK_SHARE) + SLACK_SECONDS) * most;
            const by = value - (valueAt(index - 1) ?? value);
            if (by > possible)
              return [
                `${name} of ${target} grew by ${by} within ${seconds(until - before)}, at most ${possible.toFixed(3)} is possible`,
              ];
          }
        }
      }
      return [];
    },
  },
  {
    code: 'SUM_WRONG',
    sentence: 'parts of a counter add up to it, and the CPU of the instruments is in that of the process',
    broken: ({ log }) => {
      for (const samples of agents(log)) {
        const cpuAt = samples.value('cpu_seconds_total');
        const [userAt, systemAt] = [samples.value('cpu_user_seconds_total'), samples.value('cpu_system_seconds_total')];
        const bytesAt = samples.value('framework_read_bytes_total');
        const [rootAt, uprootAt] = [samples.value('root_read_bytes_total'), samples.value('uproot_read_bytes_total')];
        for (const [index, t] of samples.times.entries()) {
          const at = () => `of ${samples.target} at ${t.toFixed(3)}`;
          const [cpu, user, system] = [cpuAt(index), userAt(index), systemAt(index)];
          if (cpu !== undefined && user !== undefined && system !== undefined) {
            const sum = user + system;
            const later = cpuAt(index + 1) ?? cpu;
            if (sum < cpu * (1 - SLACK_SHARE) - SLACK_SECONDS || sum > later * (1 + SLACK_SHARE) + SLACK_SECONDS)
              return [
                `user and system CPU ${at()} are ${sum.toFixed(3)} s, CPU ${cpu.toFixed(3)} s before and ${later.toFixed(3)} s after`,
              ];
          }
          const [bytes, root = 0, uproot = 0] = [bytesAt(index), rootAt(index), uprootAt(index)];
          if (bytes !== undefined && bytes !== root + uproot)
            return [`bytes read ${at()} are ${bytes}, by ROOT ${root} and uproot ${uproot}`];
        }
        const [cpu, agent] = [samples.growth('cpu_seconds_total'), samples.growth('agent_cpu_seconds_total')];
        if (cpu !== undefined && agent !== undefined && agent > cpu + EPOCH_SECONDS)
          return [`the agent of ${samples.target} used ${agent.toFixed(3)} CPU-seconds, its process ${cpu.toFixed(3)}`];
      }
      return [];
    },
  },
  {
    code: 'METERS_DISAGREE',
    sentence:
      'tasks and what their meters counted are in the counters of their process, and bytes are what the framework counted',
    broken: ({ log, record }) => {
      // A disturbed trial does not count, and may lack samples.
      if (record.taints.length > 0) return [];
      const tasks = log.all('task');
      const told = log.first('answer')?.bytesRead ?? undefined;
      const processing = tasks.filter(({ kind }) => kind === 'process');
      const metered = processing.reduce((sum, { meter }) => sum + (meter?.bytesRead ?? Number.NaN), 0);
      if (told !== undefined && Math.abs(told - metered) > FRAMEWORK_SHARE * metered)
        return [`${told} bytes read as the framework counts them, ${metered} as the meters of the tasks do`];
      const planned = (log.first('planned')?.t ?? 0) - clockError(log);
      const ofWorker = Map.groupBy(tasks, ({ worker }) => worker);
      // A batch of the agent may end before the trial, with what the probe of the one before did.
      return agents(log).flatMap((samples) => beyondProcess(ofWorker.get(samples.target) ?? [], samples.from(planned)));
    },
  },
];

/** What tasks claim beyond what their process counted from the first sample to the last. */
function beyondProcess(tasks: readonly EventOf<'task'>[], samples: Series): string[] {
  const on = samples.target;
  const ended = samples.growth('tasks_total');
  // Where Dask is one that the agent cannot hook, it counts none.
  const hooked = tasks.length === 0 || tasks.some(({ meter }) => meter !== null);
  if (hooked && ended !== undefined && ended !== tasks.length)
    return [`${tasks.length} tasks of ${on}, the process counted ${ended}`];
  for (const [field, name, slack] of IN_PROCESS) {
    const sum = tasks.reduce((all, { meter }) => all + (meter?.[field] ?? 0), 0);
    const ofProcess = samples.growth(name);
    if (ofProcess === undefined) continue;
    if (sum > ofProcess * (1 + SLACK_SHARE) + slack)
      return [`tasks of ${on} claim ${sum} ${field}, ${name} grew by ${ofProcess}`];
    const blind = tasks.some(({ meter }) => meter === null || meter[field] === null);
    if (name.startsWith('framework_') && !blind && ofProcess > FRAMEWORK_TIMES * sum + FRAMEWORK_TIMES * slack)
      return [`tasks of ${on} claim ${sum} ${field} only, ${name} grew by ${ofProcess}`];
  }
  return [];
}
