import type { Measurement } from '../../core/model/measurement.ts';

/** Name of a field's metric: the measurement and the field, without saying again what the measurement says. */
export function nameOf({ name }: Pick<Measurement, 'name'>, field: string): string {
  const noun = name.replace(/^hepbench_/, '');
  return `${name}_${field.replace(new RegExp(`^(dask_)?${noun}_`), '')}`;
}
