// What it takes to read, fold and judge the journal of a long trial on many workers: `npm run bench:fold`. Three sizes, each four times
// the one before, in a process of its own; the largest is an hour of 1,000 workers at 1 Hz with 100,000 tasks. Three minutes, 3.5 GB of disk.
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { z } from 'zod';
import { fold } from '../../core/engine/fold.ts';
import { readJournal } from '../../core/engine/journal.ts';
import { RULES } from '../../core/engine/rules/index.ts';
import { type JournalSize, syntheticEvents } from '../../suites/self/synthetic.ts';

const SIZES: readonly JournalSize[] = [
  { workers: 1000, seconds: 225, tasks: 6_250 },
  { workers: 1000, seconds: 900, tasks: 25_000 },
  { workers: 1000, seconds: 3_600, tasks: 100_000 },
];
const PIECE = 4 << 20;

export const Cost = z.object({
  readSeconds: z.number(),
  foldSeconds: z.number(),
  judgeSeconds: z.number(),
  peakBytes: z.number(),
  recordBytes: z.number(),
  state: z.string(),
  /** Of the series in the record. */
  points: z.number(),
});
type Cost = z.infer<typeof Cost>;

/** A journal of this size, one line after the other; gives their number. */
export function writeJournal(path: string, size: JournalSize): number {
  const file = openSync(path, 'w');
  let [lines, text] = [0, ''];
  for (const event of syntheticEvents(size)) {
    text += `${JSON.stringify(event)}\n`;
    lines += 1;
    if (text.length < PIECE) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, text);
  closeSync(file);
  return lines;
}

/** In a process that does nothing else. */
function measure(path: string): Cost {
  const start = performance.now();
  const { log, torn } = readJournal(path);
  const read = performance.now();
  const record = fold(log, torn);
  const planned = log.first('planned');
  if (!record || !planned) throw new Error('the journal has no plan');
  const folded = performance.now();
  const place = {
    experiment: record.experiment,
    startedAt: 0,
    environment: {},
    block: record.block,
    session: record.session,
    trial: { ...planned, id: record.trial, datasetId: record.datasetId },
    position: 1,
    memoryLimitBytes: null,
    watched: true,
    dataset: planned.dataset,
    contentHash: undefined,
  };
  // A made-up journal lacks some lines; what matters here is that each rule has looked at all of them.
  for (const { broken } of RULES) broken({ log, record, place });
  const judged = performance.now();
  return {
    readSeconds: (read - start) / 1000,
    foldSeconds: (folded - read) / 1000,
    judgeSeconds: (judged - folded) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    recordBytes: JSON.stringify(record).length,
    state: record.state,
    points: record.series.length,
  };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hepbench-fold-'));
  const path = join(folder, 'events.jsonl');
  let before: number | undefined;
  try {
    for (const size of SIZES) {
      const lines = writeJournal(path, size);
      const { stdout } = await execa(process.execPath, [fileURLToPath(import.meta.url), path]);
      const cost = Cost.parse(JSON.parse(stdout));
      const seconds = cost.readSeconds + cost.foldSeconds + cost.judgeSeconds;
      const perLine = (seconds / lines) * 1e6;
      const ratio = before === undefined ? '' : `, ${(perLine / before).toFixed(2)} times that of a quarter`;
      console.log(
        [
          `${size.workers} workers x ${size.seconds} s, ${size.tasks} tasks: ${lines} lines, ${(statSync(path).size / 1e9).toFixed(2)} GB, ${cost.state}`,
          `  ${seconds.toFixed(1)} s: ${cost.readSeconds.toFixed(1)} to read, ${cost.foldSeconds.toFixed(1)} to fold, ${cost.judgeSeconds.toFixed(1)} to judge; ${perLine.toFixed(1)} us a line${ratio}`,
          `  ${(cost.peakBytes / 1e6).toFixed(0)} MB at most; a record of ${(cost.recordBytes / 1e6).toFixed(1)} MB`,
        ].join('\n'),
      );
      before = perLine;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const [journal] = process.argv.slice(2);
  if (journal === undefined) await main();
  else process.stdout.write(JSON.stringify(measure(journal)));
}
