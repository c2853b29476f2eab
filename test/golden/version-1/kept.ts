// Experiments and a monitor of before the axes were data, kept as they lay on the disk. `kept.test.ts` holds what hepbench makes of them today
// against what it made of them then.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { execa } from 'execa';

import { checkout } from '../../house/python.ts';
import { answer, serveScript } from '../../../results/influx/test/scripted-server.ts';

/** Suite adl in both backends with serial trials and two worker counts; suite control, which reads no data; eleven seconds of a monitor. */
export const KEPT = ['adl', 'control', 'monitor'] as const;

/** A copy of a kept folder in a new one, which `remove` takes away. */
export async function unpack(name: string): Promise<{ folder: string; remove: () => void }> {
  const place = mkdtempSync(join(tmpdir(), 'hepbench-kept-'));
  await execa('tar', ['-xzf', join(import.meta.dirname, `${name}.tar.gz`), '-C', place]);
  return { folder: join(place, name), remove: () => rmSync(place, { recursive: true, force: true }) };
}

/** What `bench report` prints of a folder, without the place of the report. */
export async function reported(folder: string): Promise<string> {
  const { stdout } = await bench(['report', folder]);
  return stdout.replaceAll(folder, 'FOLDER');
}

/** The points that `bench push` of a checkout sends of a folder, as lines of InfluxDB's protocol, sorted. */
export async function pushed(folder: string, root = checkout): Promise<string[]> {
  const server = await serveScript(answer(204));
  try {
    await bench(['push', folder, '--influx-url', server.url, '--influx-org', 'o', '--influx-bucket', 'b'], root);
    return server.requests.flatMap(({ lines }) => lines).toSorted();
  } finally {
    server.close();
  }
}

async function bench(args: readonly string[], root = checkout): Promise<{ stdout: string }> {
  const env = { BENCH_INFLUX_TOKEN: 'none', NO_COLOR: '1', COLUMNS: '160' };
  return await execa(process.execPath, [join(root, 'cli/program.ts'), ...args], { env });
}
