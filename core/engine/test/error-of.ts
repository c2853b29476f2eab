import { BenchError } from '../../errors.ts';

/** The known failure that `work` ends with; anything else is passed on. */
export function errorOf(work: () => unknown): BenchError {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
