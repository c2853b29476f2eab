import type { Event, EventOf, Meter } from '../../model/event.ts';
import { isKnown } from '../../model/quantity.ts';
import type { Record } from '../../model/record.ts';
import type { Place } from '../place.ts';
import {
  all,
  clockError,
  lostWorker,
  marks,
  MOST_BYTES_PER_SECOND,
  renewedWorkers,
  type Rule,
  seconds,
} from './rule.ts';

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

type Sample = EventOf<'sample'>;

/** Samples of each source, as it numbered them; agents of workers that were replaced are left out, as they begin anew. */
function bySource(events: readonly Event[]): Sample[][] {
  const renewed = renewedWorkers(events);
  const kept = all(events, 'sample').filter(({ collector, target }) => collector !== 'agent' || !renewed.has(target));
  return [...Map.groupBy(kept, ({ source, target }) => `${source} ${target}`).values()].map((own) =>
    own.toSorted((a, b) => a.seq - b.seq),
  );
}

function agents(events: readonly Event[]): Sample[][] {
  return bySource(events).filter(([first]) => first?.collector === 'agent');
}

/** Each sample of a list with the one before it. */
function pairs(samples: readonly Sample[]): [Sample, Sample][] {
  return samples.slice(1).map((sample, index) => [samples[index] ?? sample, sample]);
}

/**
 * Each sample with the one after it. The counters of one sample are read in turn after its time, and compilation may hold Python's lock for
 * seconds between two of them: only the next sample is surely later than all of them.
 * After the last one, which is taken when all tasks have ended, nothing grows any more.
 */
function withNext(samples: readonly Sample[]): [Sample, Sample | undefined][] {
  return samples.map((sample, index) => [sample, samples[index + 1]]);
}

/** What a counter grew by from the first to the last sample; a library that is not loaded yet has read nothing. */
function grown(samples: readonly Sample[], name: string): number | undefined {
  const last = samples.at(-1)?.values[name];
  return last === undefined ? undefined : last - (samples[0]?.values[name] ?? 0);
}

/** By how much a counter may grow in a second. */
function fastest(name: string, cores: number): number {
  if (CPU_OF_PROCESS.test(name)) return cores;
  if (name.endsWith('_bytes_total')) return MOST_BYTES_PER_SECOND * cores;
  return name.endsWith('_seconds_total') ? MOST_CORES : Infinity;
}

/** How far the kernel's reading of a resident set may be off. */
function pageError({ observed }: Record): number {
  const cores = isKnown(observed.hostCores) ? observed.hostCores : 1;
  return KINDS_OF_PAGES * cores * Math.max(BATCH_PAGES, 2 * cores) * PAGE_BYTES;
}

/** Whose samples there must be: coffea's threads without Dask are processes that no agent sees. */
function watched(events: readonly Event[], { point }: Record, place: Place): string[] {
  if (!place.watched) return [];
  if (point.runner !== 'serial') return [...new Set(all(events, 'worker').map(({ name }) => name))];
  return point.backend === 'coffea' && point.threadsPerWorker > 1 ? [] : ['serial'];
}

/** Readings of collectors and agents over time. */
export const SAMPLES: readonly Rule[] = [
  {
    code: 'SAMPLES_MISSING',
    sentence: 'each worker of a watched trial has samples that enclose T, other trials and other processes have none',
    broken: ({ events, record, place }) => {
      const expected = watched(events, record, place);
      const own = agents(events);
      const host = all(events, 'environment')[0]?.facts['host'] ?? undefined;
      const stranger = all(events, 'sample').find(({ collector, target }) =>
        collector === 'agent'
          ? !expected.includes(target)
          : collector === 'host' && host !== undefined && target !== host,
      );
      if (stranger) return [`samples of ${stranger.target}, which was not watched`];
      const [[planned], [trigger], [result]] = [
        all(events, 'planned'),
        marks(events, 'trigger'),
        marks(events, 'result'),
      ];
      // A disturbed trial does not count, and may have lost some.
      if (record.taints.length > 0 || lostWorker(events) || !planned || !trigger || !result) return [];
      const error = clockError(events) + EPOCH_SECONDS;
      for (const name of expected) {
        const times = own.find(([first]) => first?.target === name)?.map(({ t }) => t) ?? [];
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
    broken: ({ events }) => {
      const [[planned], [session], end] = [all(events, 'planned'), all(events, 'session'), events.at(-1)];
      if (!planned || !session || !end) return [];
      const error = clockError(events) + EPOCH_SECONDS;
      for (const samples of bySource(events)) {
        for (const { source, seq, t, collector } of samples) {
          const from = collector === 'agent' ? session.schedulerAt : planned.t;
          if (t < from - error || t > end.t + error)
            return [
              `sample ${seq} of ${source} is dated ${t.toFixed(3)}, ${from.toFixed(3)} to ${end.t.toFixed(3)} is possible`,
            ];
        }
        const wrong = pairs(samples).find(([a, b]) => b.t <= a.t);
        if (wrong)
          return [
            `sample ${wrong[1].seq} of ${wrong[1].source} is dated ${seconds(wrong[0].t - wrong[1].t)} before sample ${wrong[0].seq}`,
          ];
      }
      return [];
    },
  },
  {
    code: 'COUNTER_FELL',
    sentence: 'a counter falls only where a process began anew',
    broken: ({ events }) => {
      for (const samples of bySource(events)) {
        const last = new Map<string, number>();
        for (const { target, values, t } of samples) {
          for (const [name, value] of Object.entries(values)) {
            if (!name.endsWith('_total') || MAY_FALL.test(name)) continue;
            const before = last.get(name) ?? value;
            if (value < before) return [`${name} of ${target} fell from ${before} to ${value} at ${t.toFixed(3)}`];
            last.set(name, value);
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
    broken: ({ events, record }) => {
      const error = pageError(record);
      for (const samples of agents(events)) {
        let largest = 0;
        for (const [{ target, t, values }, next] of withNext(samples)) {
          const { rss_bytes: now, rss_high_water_bytes: high, pss_bytes: share } = values;
          const at = `of ${target} at ${t.toFixed(3)}`;
          for (const bytes of [now, high])
            if (bytes !== undefined && bytes < SMALLEST_RESIDENT_BYTES)
              return [`a resident set ${at} is ${bytes} bytes`];
          if (now !== undefined && high !== undefined && high < now - error)
            return [`the largest resident set ${at} is ${high}, the resident set ${now}`];
          if (high !== undefined && high < largest - error)
            return [`the largest resident set ${at} fell from ${largest} to ${high}`];
          largest = Math.max(largest, high ?? 0);
          const whole = next?.values['rss_high_water_bytes'] ?? high ?? Infinity;
          if (share !== undefined && share > whole * (1 + SLACK_SHARE) + error)
            return [`the proportional set ${at} is ${share}, the largest resident set ${whole} afterwards`];
        }
      }
      return [];
    },
  },
  {
    code: 'RATE_TOO_HIGH',
    sentence: 'between two samples counters grow by no more than the cores and the memory of a host give',
    broken: ({ events, record: { observed } }) => {
      const cores = isKnown(observed.hostCores) ? observed.hostCores : MOST_CORES;
      const end = events.at(-1)?.t ?? 0;
      for (const samples of bySource(events)) {
        for (const [index, [a, b]] of pairs(samples).entries()) {
          const until = samples[index + 2]?.t ?? Math.max(b.t, end);
          const wall = Math.max(0, until - a.t) * (1 + SLACK_SHARE) + SLACK_SECONDS;
          for (const [name, value] of Object.entries(b.values)) {
            const most = wall * fastest(name, cores);
            const by = value - (a.values[name] ?? value);
            if (by > most)
              return [
                `${name} of ${b.target} grew by ${by} within ${seconds(until - a.t)}, at most ${most.toFixed(3)} is possible`,
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
    broken: ({ events }) => {
      for (const samples of agents(events)) {
        for (const [{ target, t, values }, next] of withNext(samples)) {
          const at = `of ${target} at ${t.toFixed(3)}`;

          const { cpu_seconds_total: cpu, cpu_user_seconds_total: user, cpu_system_seconds_total: system } = values;
          if (cpu !== undefined && user !== undefined && system !== undefined) {
            const sum = user + system;
            const later = next?.values['cpu_seconds_total'] ?? cpu;
            if (sum < cpu * (1 - SLACK_SHARE) - SLACK_SECONDS || sum > later * (1 + SLACK_SHARE) + SLACK_SECONDS)
              return [
                `user and system CPU ${at} are ${sum.toFixed(3)} s, CPU ${cpu.toFixed(3)} s before and ${later.toFixed(3)} s after`,
              ];
          }
          const {
            framework_read_bytes_total: bytes,
            root_read_bytes_total: root,
            uproot_read_bytes_total: uproot,
          } = values;
          if (bytes !== undefined && bytes !== (root ?? 0) + (uproot ?? 0))
            return [`bytes read ${at} are ${bytes}, by ROOT ${root ?? 0} and uproot ${uproot ?? 0}`];
        }
        const [cpu, agent] = [grown(samples, 'cpu_seconds_total'), grown(samples, 'agent_cpu_seconds_total')];
        if (cpu !== undefined && agent !== undefined && agent > cpu + EPOCH_SECONDS)
          return [
            `the agent of ${samples[0]?.target} used ${agent.toFixed(3)} CPU-seconds, its process ${cpu.toFixed(3)}`,
          ];
      }
      return [];
    },
  },
  {
    code: 'METERS_DISAGREE',
    sentence:
      'tasks and what their meters counted are in the counters of their process, and bytes are what the framework counted',
    broken: ({ events, record }) => {
      // A disturbed trial does not count, and may lack samples.
      if (record.taints.length > 0) return [];
      const tasks = all(events, 'task');
      const told = all(events, 'answer')[0]?.bytesRead ?? undefined;
      const processing = tasks.filter(({ kind }) => kind === 'process');
      const metered = processing.reduce((sum, { meter }) => sum + (meter?.bytesRead ?? Number.NaN), 0);
      if (told !== undefined && Math.abs(told - metered) > FRAMEWORK_SHARE * metered)
        return [`${told} bytes read as the framework counts them, ${metered} as the meters of the tasks do`];
      const planned = (all(events, 'planned')[0]?.t ?? 0) - clockError(events);
      return agents(events).flatMap((samples) => {
        const own = tasks.filter(({ worker }) => worker === samples[0]?.target);
        // A batch of the agent may end before the trial, with what the probe of the one before did.
        return beyondProcess(
          own,
          samples.filter(({ t }) => t >= planned),
        );
      });
    },
  },
];

/** What tasks claim beyond what their process counted from the first sample to the last. */
function beyondProcess(tasks: readonly EventOf<'task'>[], samples: readonly Sample[]): string[] {
  const on = samples[0]?.target;
  const ended = grown(samples, 'tasks_total');
  // Where Dask is one that the agent cannot hook, it counts none.
  const hooked = tasks.length === 0 || tasks.some(({ meter }) => meter !== null);
  if (hooked && ended !== undefined && ended !== tasks.length)
    return [`${tasks.length} tasks of ${on}, the process counted ${ended}`];
  for (const [field, name, slack] of IN_PROCESS) {
    const sum = tasks.reduce((all, { meter }) => all + (meter?.[field] ?? 0), 0);
    const ofProcess = grown(samples, name);
    if (ofProcess === undefined) continue;
    if (sum > ofProcess * (1 + SLACK_SHARE) + slack)
      return [`tasks of ${on} claim ${sum} ${field}, ${name} grew by ${ofProcess}`];
    const blind = tasks.some(({ meter }) => meter === null || meter[field] === null);
    if (name.startsWith('framework_') && !blind && ofProcess > FRAMEWORK_TIMES * sum + FRAMEWORK_TIMES * slack)
      return [`tasks of ${on} claim ${sum} ${field} only, ${name} grew by ${ofProcess}`];
  }
  return [];
}
