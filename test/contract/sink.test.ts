import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sinks } from '../../results/index.ts';
import { parsePage } from '../../results/exposition/test/text-format.ts';
import { answer, serveScript } from '../../results/influx/test/scripted-server.ts';
import type { Sink } from '../../results/sink.ts';
import { SINK_CONTRACT, type Stage } from './sink.ts';

type Open = (folder: string) => Promise<Stage & { readonly leave: () => Promise<void> }>;

const openers: { readonly [N in keyof typeof sinks]: Open } = {
  async influx(folder) {
    const server = await serveScript(answer(204));
    const { openInflux } = await sinks.influx.load();
    const sink = openInflux({
      url: server.url,
      org: 'o',
      bucket: 'lasting',
      rawBucket: 'raw',
      token: 't',
      timeoutMs: 5000,
    });
    const arrived = async () => {
      const found = new Map<string, number>();
      for (const line of server.requests.flatMap(({ lines }) => lines)) {
        const [, worker, bytes] = /worker=([^, ]+).* .*\brss_bytes=(\d+)/.exec(line) ?? [];
        if (worker !== undefined) found.set(worker, Math.max(found.get(worker) ?? 0, Number(bytes)));
      }
      return found;
    };
    return {
      sink,
      folder,
      arrived,
      async leave() {
        await sink.close(0);
        server.close();
      },
    };
  },
  async exposition(folder) {
    const { openExposition } = await sinks.exposition.load();
    const sink = await openExposition({ host: '127.0.0.1', port: 0 });
    // A page that is closed shows nothing any more: what it showed last counts.
    let last: ReadonlyMap<string, number> = new Map();
    const arrived = async () => {
      const page = await (await fetch(`${sink.url}/metrics`)).text();
      const series = parsePage(page).get('hepbench_worker_rss_bytes')?.series ?? [];
      last = new Map([...last, ...series.map(({ labels, value }) => [labels['worker'] ?? '', value] as const)]);
      return last;
    };
    return { sink, folder, arrived, leave: async () => void (await sink.close(0)) };
  },
};

async function within<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-contract-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(Object.entries(openers))('%s', (name, open) => {
  test.each(SINK_CONTRACT)('$promise', async ({ check }) => {
    await within(async (folder) => {
      const stage = await open(folder);
      try {
        await check(stage);
        expect(stage.sink.name).toBe(name);
      } finally {
        await stage.leave();
      }
    });
  });
});

/** A sink with one fault, and the promise that it breaks. */
const FAULTS: readonly (readonly [string, (sink: Sink) => Partial<Sink>])[] = [
  [
    'a journal that is there is settled, and all of it arrives',
    (sink) => ({ report: () => ({ ...sink.report(), backlogBytes: 1 }) }),
  ],
  [
    'what it says of itself has its name, and CPU that never falls',
    (sink) => ({ report: () => ({ ...sink.report(), cpuSeconds: -performance.now() }) }),
  ],
  [
    'closing ends well when nothing was followed, when a journal never came, and twice',
    () => ({ close: async () => await Promise.reject(new Error('planted')) }),
  ],
  [
    'what was followed and finished before closing arrives',
    (sink) => ({ close: async () => ({ ...sink.report(), problem: 'planted' }) }),
  ],
];

test.each(FAULTS)('a sink that breaks it is seen: %s', async (promise, fault) => {
  await within(async (folder) => {
    const stage = await openers.influx(folder);
    const broken = { ...stage, sink: { ...stage.sink, ...fault(stage.sink) } };
    const check = SINK_CONTRACT.find((clause) => clause.promise === promise)?.check;
    await expect(check?.(broken) ?? 'no such promise').rejects.toThrow(/expected|planted/);
    await stage.leave();
  });
});
