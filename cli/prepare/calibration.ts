import type { RunConfig } from '../../core/config/run-config.ts';
import { firstInRow, lastInRow } from '../../core/engine/calibration.ts';
import { type Listings, type PlannedPoint, pointsOf, type Request } from '../../core/engine/plan.ts';
import { badOption } from '../../core/errors.ts';
import type { Backend } from '../../core/model/axes.ts';
import { isSerial } from '../../core/stats/speedups.ts';
import type { Suite } from '../../suites/suite.ts';

/** Of the largest data where the smallest take the wanted time: more is not worth it. */
const LARGEST = 10;
/** Of the longest trial, before the time limit of a trial ends it. */
const SHARE_OF_LIMIT = 0.5;

/** Whether a run finds out how often to list the files. Refuses a time that no trial may take. */
export function calibrates({ minSeconds, trialTimeoutSeconds }: RunConfig, { readsData }: Suite): boolean {
  if (minSeconds === 0 || !readsData) return false;
  if (minSeconds < trialTimeoutSeconds) return true;
  throw badOption('--min-seconds', String(minSeconds), `less than --trial-timeout ${trialTimeoutSeconds}, or 0`);
}

/** What a calibration is about: points of one backend at its smallest worker count, where trials take about as long as those of the serial baseline. */
export interface Subject {
  readonly backend: Backend;
  readonly workers: number;
  /** The one of them whose trials are shortest, with so many listings, by the suite's costs. */
  readonly shortest: (clone: number) => PlannedPoint;
  readonly estimate: (clone: number) => number;
  /** The most listings that keep the longest trials within bounds, where trials take `scale` times what the suite's costs say. */
  readonly most: (scale: number, config: RunConfig) => number;
}

export function subjectOf(request: Request, suite: Suite, backend: Backend): Subject {
  const all = (clone: number) => pointsOf({ ...request, backends: [backend], listings: { [backend]: clone } });
  const seconds = (planned: PlannedPoint) => secondsOfTrial(planned, suite, request.cores);
  const clusters = all(1).filter(({ point }) => !isSerial(point));
  const workers = Math.min(...clusters.map(({ point }) => point.workers));
  const there = (clone: number) =>
    all(clone)
      .filter(({ point }) => !isSerial(point) && point.workers === workers)
      .toSorted((a, b) => seconds(a) - seconds(b));
  const shortest = (clone: number): PlannedPoint => {
    const [first] = there(clone);
    if (!first) throw new Error(`nothing is planned for ${backend}`);
    return first;
  };
  const longest = (points: readonly PlannedPoint[]) => Math.max(...points.map(seconds));
  return {
    backend,
    workers,
    shortest,
    estimate: (clone) => seconds(shortest(clone)),
    most: (scale, { minSeconds, trialTimeoutSeconds }) =>
      lastInRow(
        (clone) =>
          scale * longest(there(clone)) <= LARGEST * minSeconds &&
          scale * longest(all(clone)) <= SHARE_OF_LIMIT * trialTimeoutSeconds,
      ),
  };
}

/** How often each backend would list the files if trials took what the suite's costs say. */
export function estimatedListings(request: Request, suite: Suite, config: RunConfig): Listings {
  const numbers = request.backends.map((backend) => {
    const { estimate, most } = subjectOf(request, suite, backend);
    const wanted = firstInRow((clone) => estimate(clone) >= config.minSeconds);
    return [backend, Math.min(wanted, most(1, config))] as const;
  });
  return Object.fromEntries(numbers);
}

/** T of a warm trial by the suite's costs. */
export function secondsOfTrial({ point, events, tasks }: PlannedPoint, suite: Suite, cores: number): number {
  const { secondsPerEvent, secondsPerTask } = suite.cost(point.backend, point.parameters);
  const busy = Math.min(cores, point.workers * point.threadsPerWorker);
  return (events * secondsPerEvent + tasks * secondsPerTask) / busy;
}
