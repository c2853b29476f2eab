import { Bench } from 'tinybench';
import type { HotPath } from './result.ts';

/** A function of ours with its input. */
export interface Subject {
  readonly name: string;
  readonly run: () => unknown;
}

/** Calls each subject for `timeMs` after a quarter of it for warming up; an aborted `signal` ends it early, with fewer results. */
export async function timeHotPaths(
  subjects: readonly Subject[],
  timeMs: number,
  signal: AbortSignal,
): Promise<HotPath[]> {
  const bench = new Bench({
    time: timeMs,
    iterations: 10,
    warmupTime: timeMs / 4,
    warmupIterations: 2,
    throws: true,
    signal,
  });
  for (const { name, run } of subjects) bench.add(name, () => void run(), { async: false });
  const tasks = await bench.run();
  return tasks.flatMap(({ name, result }): HotPath[] => {
    if (result.state !== 'completed') return [];
    const { mean, p50, rme, samplesCount } = result.latency;
    return [
      {
        name,
        operationsPerSecond: 1000 / mean,
        medianSeconds: p50 / 1000,
        marginRatio: rme / 100,
        calls: samplesCount,
      },
    ];
  });
}
