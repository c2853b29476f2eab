import type { Observer } from '../core/engine/experiment.ts';
import type { Block } from '../core/engine/plan.ts';
import type { ExperimentFile } from '../results/store/folder.ts';

/** Tells standard error what is going on: a line that is rewritten on a terminal, a line for each trial elsewhere. */
export function liveObserver(file: ExperimentFile, blocks: readonly Block[]): Observer & { close(): void } {
  const total = blocks.reduce((sum, block) => sum + block.trials.length, 0);
  const started = performance.now();
  let done = 0;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`experiment ${file.id}: ${total} trials in ${blocks.length} blocks, seed ${file.seed}`);
  return {
    sessionOpening: () => {},
    trialStarting: () => {},
    trialEnded(record) {
      done += 1;
      const seconds = (performance.now() - started) / 1000;
      const left = Math.round((seconds / done) * (total - done));
      const { point } = record;
      const rate = record.metrics['event_rate'];
      const speed = typeof rate === 'number' ? `${Math.round(rate / 1000)} k events/s` : 'no rate';
      const notes = [
        record.state === 'valid' ? '' : record.state.toUpperCase(),
        record.taints.length > 0 ? 'tainted' : '',
      ].filter(Boolean);
      say(
        `${String(done).padStart(String(total).length)}/${total}  ${point.backend} ${point.runner} ${point.workers}w session ${record.session} ` +
          `${record.repeat === 0 ? 'first' : `repeat ${record.repeat}`}: ${speed}${notes.length > 0 ? `  ${notes.join(', ')}` : ''}  (${left} s left)`,
      );
    },
    close: () => {},
  };
}
