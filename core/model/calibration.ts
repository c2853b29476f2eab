import { z } from 'zod';
import type { Backend } from './axes.ts';

const Timed = z.object({ clone: z.int().positive(), seconds: z.number().positive() });
/** T of a warm trial whose files were listed so often. */
export type Timed = z.infer<typeof Timed>;

/** How often a backend lists the files so that a trial takes long enough, with the trials that say so. */
export const Calibration = z.object({
  clone: z.int().positive(),
  minSeconds: z.number(),
  workers: z.int().positive(),
  timed: z.array(Timed),
  /** Why there are no trials, or why the number is not the one that they ask for. */
  note: z.string().optional(),
});
export type Calibration = z.infer<typeof Calibration>;
export type Calibrations = Readonly<Partial<Record<Backend, Calibration>>>;
