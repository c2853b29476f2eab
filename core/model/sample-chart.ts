// How the report draws samples over time; which of them, core/model/samples.ts says.

/** One curve of a chart, such as "cores that other programs took". */
export interface SampleCurve {
  /** As records name it. */
  readonly name: string;
  readonly label: string;
  /** Fields that are added up, and those that are taken off. Of counters it is their growth per second. */
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
}

/** What a report draws of the samples over time. */
export interface SampleChart {
  readonly name: string;
  readonly title: string;
  readonly words: string;
  /** Title of the axis. */
  readonly axis: string;
  readonly unit: 'cores' | 'percent' | 'ratio';
  readonly curves: readonly SampleCurve[];
}

/** A curve of one gauge, which has its name. */
export function drawn(name: string, label: string): SampleCurve {
  return { name, label, plus: [name] };
}
