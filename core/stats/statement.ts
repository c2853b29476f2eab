import { type Reach, reachOf } from './reach.ts';
import type { AgainstSerial, Comparison } from './serial-first.ts';
import type { Reference, SpeedUpPoint } from './speedups.ts';
import type { PointSummary } from './summarise.ts';
import { whyAtFloor, whyDisturbed, whyUncounted } from './verdict.ts';

/** How far one curve scales, or why nothing is said about it. */
export type Statement =
  | { readonly kind: 'reach'; readonly reach: Reach }
  | {
      /** No tested count is faster than one thread without Dask, up to `at`, the largest: surely, or as far as the noise tells. */
      readonly kind: 'serial is faster';
      readonly sure: boolean;
      readonly at: AgainstSerial;
      /** The first count whose trials carry no statement, and why; it may be faster for all that is known. */
      readonly hole: string | undefined;
    }
  | {
      readonly kind: 'none';
      readonly why: string;
      /** The count whose T is too short, where serial tells how much work would do. */
      readonly at?: AgainstSerial | undefined;
    };

/** Everything about one curve that a statement is made of. */
export interface Curve {
  readonly reference: Reference;
  readonly referenceSummaries: readonly PointSummary[];
  /** Not oversubscribed, in ascending order; with the reference where that is one worker. */
  readonly tested: readonly SpeedUpPoint[];
  readonly serial: Comparison | null;
  /** How many claims are made about the curve in all. */
  readonly claims: number;
}

export const REFERENCE_NAMES = { serial: 'one thread without Dask', 'one worker': 'one worker' } as const;

/** The counts that are held against the reference: one worker would prove nothing by being as good as itself. */
export function judgedOf(tested: readonly SpeedUpPoint[], reference: Reference): readonly SpeedUpPoint[] {
  return tested.filter(({ workers }) => reference === 'serial' || workers > 1);
}

/** The largest count, when none is faster than one thread without Dask. */
function beaten({ serial, reference }: Curve): AgainstSerial | undefined {
  const never =
    serial?.counts.every(({ faster, seconds }) => faster !== 'yes' && seconds >= serial.serialSeconds) ?? false;
  const largest = never ? serial?.counts.at(-1) : undefined;
  // That Dask costs something on one worker is no surprise, and no answer to how far it scales.
  return largest && (reference === 'serial' || largest.workers > 1) ? largest : undefined;
}

function onlyOne(serial: Comparison | null): string {
  const one = serial?.counts.find(({ workers }) => workers === 1);
  const times = one && serial ? (one.seconds / serial.serialSeconds).toPrecision(3) : undefined;
  return `only one worker was tested${times === undefined ? '' : `, whose T is ${times} times that of one thread without Dask`}`;
}

/** Why nothing may be said of the whole curve. */
function whyNone({ reference, referenceSummaries, serial, ...curve }: Curve): string | undefined {
  if (referenceSummaries.length === 0) return 'neither one worker nor one thread without Dask was run';
  const disturbed = whyDisturbed(referenceSummaries);
  if (disturbed !== undefined) return `the reference, ${REFERENCE_NAMES[reference]}, cannot be used: ${disturbed}`;
  return judgedOf(curve.tested, reference).length === 0 ? onlyOne(serial) : undefined;
}

/** The first count, or the reference, whose T is hardly more than what Dask needs for no work. */
function atFloor({ tested, reference, serial }: Curve): Statement | undefined {
  const [first] = judgedOf(tested, reference);
  const one = tested.find(({ workers }) => reference === 'one worker' && workers === 1);
  for (const point of [first, one]) {
    const why = point && whyUncounted(point) === undefined ? whyAtFloor(point.summary) : undefined;
    if (point && why !== undefined) {
      const at = serial?.counts.find(({ workers }) => workers === point.workers);
      return { kind: 'none', why: `${plural(point.workers)}: ${why}`, at };
    }
  }
  return undefined;
}

function holeOf({ tested, reference }: Curve): string | undefined {
  for (const point of judgedOf(tested, reference)) {
    const why = whyUncounted(point);
    if (why !== undefined) return `${plural(point.workers)}: ${why}`;
  }
  return undefined;
}

/** Serial first, then the least T and n, then how far every tested count is good. */
export function statementOf(curve: Curve): Statement {
  const why = whyNone(curve);
  if (why !== undefined) return { kind: 'none', why };
  const at = beaten(curve);
  const hole = holeOf(curve);
  if (at?.faster === 'no') return { kind: 'serial is faster', sure: true, at, hole };
  const floor = atFloor(curve);
  if (floor) return floor;
  const reach = reachOf(judgedOf(curve.tested, curve.reference), curve.claims);
  const { stop, to } = reach;
  if (stop?.why !== undefined && to === 0) return { kind: 'none', why: `${plural(stop.workers)}: ${stop.why}` };
  return at ? { kind: 'serial is faster', sure: false, at, hole } : { kind: 'reach', reach };
}

function plural(workers: number): string {
  return workers === 1 ? '1 worker' : `${workers} workers`;
}
