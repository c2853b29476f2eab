import type { Observer } from '../core/engine/experiment.ts';
import type { Block, PlannedTrial } from '../core/engine/plan.ts';
import type { Point } from '../core/model/event.ts';
import type { TrialRecord } from '../core/model/record.ts';
import { formatSi, plural } from '../dashboards/format.ts';
import { progressLine } from '../dashboards/terminal/progress.ts';
import { placeText } from '../dashboards/view/labels.ts';
import type { ExperimentFile } from '../results/store/folder.ts';
import { outputs, retell, tell } from './output.ts';

/** Tells standard error what is going on: a line for each trial, and on a terminal one for what runs now, with the time left. */
export function liveObserver(file: ExperimentFile, blocks: readonly Block[]): Observer & { close(): void } {
  const total = blocks.reduce((sum, block) => sum + block.trials.length, 0);
  const started = performance.now();
  const line = liveLine();
  let done = 0;
  let last: TrialRecord | undefined;
  line.say(`experiment ${file.id}: ${plural(total, 'trial')} in ${plural(blocks.length, 'block')}, seed ${file.seed}`);
  const secondsLeft = () => (done === 0 ? null : ((performance.now() - started) / 1000 / done) * (total - done));
  const show = (current: string, workers: number | null) =>
    line.show({ done, total, current, eventsPerSecond: rateOf(last), workers, secondsLeft: secondsLeft() });
  return {
    sessionOpening: ({ trials }) => show(`starting ${pointText(trials[0]?.point)}`, null),
    trialStarting: (_block, trial) => show(`${pointText(trial.point)} ${labelOf(trial)}`, trial.point.workers),
    trialEnded(record) {
      done += 1;
      last = record;
      line.say(`${String(done).padStart(String(total).length)}/${total}  ${trialText(record)}`);
    },
    close: () => line.clear(),
  };
}

function liveLine() {
  const { isTTY, columns: terminal } = outputs['standard error'];
  const columns = isTTY ? terminal : 0;
  const clear = () => (columns > 0 ? retell('') : undefined);
  return {
    clear,
    say(text: string) {
      clear();
      tell(`${text}\n`);
    },
    show(progress: Parameters<typeof progressLine>[0]) {
      if (columns === 0) return;
      retell(progressLine(progress, columns - 1));
    },
  };
}

function trialText(record: TrialRecord): string {
  const { point, session, state, taints } = record;
  const rate = rateOf(record);
  const speed = rate === null ? 'no rate' : formatSi(rate, 'events/s').replaceAll('\u202F', ' ');
  const notes = [state === 'valid' ? '' : state.toUpperCase(), ...taints.map(({ message }) => `tainted: ${message}`)];
  return [`${pointText(point)}  session ${session}  ${labelOf(record)}: ${speed}`, ...notes.filter(Boolean)].join('  ');
}

function pointText(point: Point | undefined): string {
  return point ? placeText(point) : '';
}

function labelOf({ repeat, warmth }: Pick<PlannedTrial, 'repeat' | 'warmth'>): string {
  if (warmth.compiled === 'edited') return 'edited cut';
  return repeat === 0 ? 'first' : `repeat ${repeat}`;
}

function rateOf(record: TrialRecord | undefined): number | null {
  const rate = record?.metrics['event_rate'];
  return typeof rate === 'number' ? rate : null;
}
