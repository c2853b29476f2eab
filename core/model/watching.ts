import type { Point } from './axes.ts';

type Parameters = Pick<Point, 'parameters'>;

/** Whether the instruments are on in the trials of a point: beside the suite's own parameters a point may have `watch`, on or off. Others are watched. */
export function isWatched({ parameters }: Parameters): boolean {
  return parameters['watch'] !== 'off';
}

/** The point with instruments or without them, which are two points. */
export function watchedPoint<P extends Parameters>(point: P, isOn: boolean): P {
  return { ...point, parameters: { ...point.parameters, watch: isOn ? 'on' : 'off' } };
}

/** What the two have in common. */
export function eitherWay<P extends Parameters>(point: P): P {
  const { watch: _watch, ...parameters } = point.parameters;
  return { ...point, parameters };
}
