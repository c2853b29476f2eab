import type { RunConfig } from '../../core/config/run-config.ts';
import { coresOf } from '../../core/engine/cores.ts';
import type { Request } from '../../core/engine/plan.ts';
import { badOption } from '../../core/errors.ts';
import type { Backend } from '../../core/model/event.ts';
import type { Runner } from '../../runners/runner.ts';
import type { Suite } from '../../suites/suite.ts';
import { pick } from '../options/names.ts';
import type { Data } from './data.ts';

/** Joins options, suite and data to what the plan is made of. */
export function requestOf(
  config: RunConfig,
  suite: Suite,
  runner: Pick<Runner, 'name' | 'onThisMachine'>,
  data: Pick<Data, 'sizes'>,
  seed: number,
): Request {
  const workers = workersOf(config, suite);
  return {
    suite: suite.name,
    runner: runner.name,
    backends: backendsOf(config, suite),
    parameterSets: parameterSetsOf(config, suite),
    loopsOf: (parameters) => suite.loops(parameters),
    workers,
    serial: config.reference,
    serialThreads: config.serialThreads,
    startMethods: config.startMethods,
    axes: config.otherAxes,
    // Without data every task is one event.
    data: data.sizes.map((size) =>
      size.datasetId === null ? { ...size, events: config.tasks ?? 4 * Math.max(...workers) } : size,
    ),
    sessions: config.sessions,
    repeats: config.repeats,
    pageCache: suite.readsData ? config.pageCache : 'uncontrolled',
    seed,
    cores: runner.onThisMachine ? coresHere() : Infinity,
    tasks: config.tasks,
  };
}

function coresHere(): number {
  const { cores, quota } = coresOf();
  return Math.min(cores, quota ?? cores);
}

/** One worker is the reference of speed-up and belongs to every curve unless it is declined. */
export function workersOf(config: RunConfig, suite: Suite): number[] {
  const wanted = config.reference && suite.readsData ? [1, ...config.workers] : config.workers;
  return [...new Set(wanted)].toSorted((a, b) => a - b);
}

export function backendsOf(config: RunConfig, suite: Suite): readonly Backend[] {
  const named = suite.backends.map((name) => ({ name }));
  return config.backends
    ? config.backends.map((name) => pick('backend', named, name, `in suite ${suite.name}`).name)
    : suite.backends;
}

/** Refuses backends and parameters that the suite does not have, before any data are made. */
export function refuseUnknownNames(config: RunConfig, suite: Suite): void {
  backendsOf(config, suite);
  parameterSetsOf(config, suite);
}

function parameterSetsOf(config: RunConfig, suite: Suite): Record<string, string>[] {
  for (const name of config.parameters.keys()) pick('parameter', suite.parameters, name, `in suite ${suite.name}`);
  let sets: Record<string, string>[] = [{}];
  for (const { name, default: otherwise, parse, values } of suite.parameters) {
    const given = config.parameters.get(name) ?? [otherwise];
    const canonical = new Set(
      given.map((value) => {
        const parsed = parse(value);
        if (parsed === undefined) throw badOption(`--param ${name}`, value, values);
        return parsed;
      }),
    );
    sets = sets.flatMap((set) => [...canonical].map((value) => ({ ...set, [name]: value })));
  }
  return sets;
}
