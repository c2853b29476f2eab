// How long `bench report` takes for experiments of many trials: `npm run bench:report`. The experiment that is kept in test/golden/version-1 is
// multiplied: each copy is a further session of it.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { ExperimentFile, pathsOf, readExperiment } from '../../results/store/folder.ts';
import { unpack } from '../golden/version-1/kept.ts';
import { checkout } from '../house/python.ts';

const COPIES = [1, 7, 21, 68];
const REPEATS = 3;
/** Seconds between the sessions of one copy and those of the next. */
const APART = 3600;

/** An experiment in `folder` with `copies` times the sessions of the one in `from`. */
export function multiply(from: string, folder: string, copies: number): void {
  const file = readExperiment(from);
  const sessions = Math.max(...file.blocks.map(({ session }) => session));
  const blocks: ExperimentFile['blocks'] = [];
  mkdirSync(folder);
  cpSync(from, folder, { recursive: true, filter: (path) => !path.includes('/blocks') });
  for (let copy = 0; copy < copies; copy += 1) {
    for (const block of file.blocks) {
      const id = `b${String(blocks.length + 1).padStart(3, '0')}`;
      const named = (text: string) => text.replaceAll(block.id, id);
      const session = block.session + copy * sessions;
      blocks.push({ ...block, id, session, trials: block.trials.map((trial) => ({ ...trial, id: named(trial.id) })) });
      for (const trial of block.trials) {
        const [there, here] = [pathsOf(from).journal(block.id, trial.id), pathsOf(folder).trial(id, named(trial.id))];
        mkdirSync(here, { recursive: true });
        const text = named(readFileSync(there, 'utf8')).replace(`"session":${block.session},`, `"session":${session},`);
        const lines = text
          .split('\n')
          .map((line) => (line === '' ? line : JSON.stringify(later(JSON.parse(line), copy * APART))));
        writeFileSync(join(here, 'events.jsonl'), lines.join('\n'));
      }
    }
  }
  const experiment = { ...file, sessions: sessions * copies, blocks };
  writeFileSync(pathsOf(folder).experiment, JSON.stringify(ExperimentFile.parse(experiment)));
}

/** The same value with its times, which are the only numbers of their size, moved by so many seconds. */
function later(value: unknown, seconds: number): unknown {
  if (typeof value === 'number') return value > 1.7e9 && value < 2e9 ? value + seconds : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => later(one, seconds));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, later(one, seconds)]));
}

async function secondsOf(program: string, folder: string): Promise<number> {
  const start = performance.now();
  await execa(process.execPath, [program, 'report', folder], { stdout: 'ignore', stderr: 'inherit' });
  return (performance.now() - start) / 1000;
}

if (import.meta.main) {
  const program = join(process.argv[2] ?? checkout, 'cli/program.ts');
  const place = mkdtempSync(join(tmpdir(), 'hepbench-report-'));
  const { folder: kept, remove } = await unpack('adl');
  const trials = readExperiment(kept).blocks.reduce((sum, block) => sum + block.trials.length, 0);
  for (const copies of COPIES) {
    const folder = join(place, String(copies));
    multiply(kept, folder, copies);
    const seconds: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat += 1) seconds.push(await secondsOf(program, folder));
    console.log(
      `${copies * trials} trials: ${Math.min(...seconds).toFixed(2)} s (${seconds.map((one) => one.toFixed(2)).join(', ')})`,
    );
  }
  remove();
  rmSync(place, { recursive: true });
}
