import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { pythonEnvironment } from '../../core/python/process.ts';
import { type Place, pidOf, pythonOf } from './harness.ts';

/** Python that prints for each worker whether our agent is in it. */
export const AGENTS = 'print(sorted(client.run(lambda dask_worker: "hepbench-agent" in dask_worker.plugins).values()))';

/** A Dask cluster that is not ours: its parts live until they are killed, or all of them with `end`. */
export function daskCluster(place: Place) {
  const running: { kill(): Promise<void> }[] = [];

  /** Starts a part of a cluster; resolves when it says that it is ready. */
  async function part(...args: readonly string[]) {
    const child = spawn(pythonOf(place), ['-m', 'hepbench.cluster', ...args], {
      env: pythonEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const lines = createInterface({ input: child.stdout });
    const hello = await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      void gone.then(() => reject(new Error(`hepbench.cluster ${args.join(' ')} ended`)));
    });
    const kill = async () => {
      child.kill('SIGKILL');
      await gone;
    };
    running.push({ kill });
    return { kill, hello, signal: (signal: NodeJS.Signals) => process.kill(pidOf(child), signal) };
  }

  return {
    async scheduler(port = 0) {
      const { hello, kill } = await part('scheduler', '--port', String(port));
      const address = /"address": "([^"]+)"/.exec(hello)?.[1] ?? '';
      return { address, kill, port: Number(address.split(':').at(-1)) };
    },
    worker: async (address: string, name: string) => await part('worker', '--scheduler', address, '--name', name),
    workers: async (address: string, count: number) =>
      await part(
        'fork-server',
        '--workers',
        String(count),
        '--suite',
        'control',
        '--backend',
        'dask',
        '--scheduler',
        address,
      ),
    async end() {
      for (const one of running.splice(0).toReversed()) await one.kill();
    },
  };
}
