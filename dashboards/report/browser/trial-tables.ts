import { ABSENT, formatIn, type Unit } from '../../format.ts';
import type { TimeRow, TrialView } from '../../view/types.ts';
import { type LazyTable, pagedTable } from './paged-table.ts';

function put(chart: string, table: LazyTable, absent: string | null): void {
  const figure = document.querySelector(`canvas[data-chart=${chart}]`)?.closest('figure');
  const place = figure?.querySelector('.live');
  if (!place) return;
  if (absent !== null) {
    place.textContent = `${ABSENT} ${absent}`;
    figure?.querySelector('details')?.setAttribute('open', '');
    return;
  }
  place.replaceChildren(...pagedTable(table));
}

/** What all workers and each of them used at each time; `title` is what is shown. */
function overTime(trial: TrialView, title: string, rows: readonly TimeRow[], unit: Unit): LazyTable {
  const word = (value: number | null): string => (value === null ? ABSENT : formatIn(value, unit));
  return {
    caption: `${title}: ${trial.label}`,
    head: ['time after the trigger', 'all workers', ...trial.workers],
    length: rows.length,
    row: (index) => {
      const found = rows[index];
      return found ? [formatIn(found.t, 's'), word(found.total), ...found.workers.map(word)] : [];
    },
  };
}

function ofTasks({ label, tasks, workers }: TrialView): LazyTable {
  return {
    caption: `Tasks: ${label}`,
    head: ['worker', 'kind', 'start', 'stop', 'duration'],
    length: tasks.length,
    row: (index) => {
      const task = tasks[index];
      if (!task) return [];
      const [worker, kind, start, stop] = task;
      return [workers[worker] ?? '', kind, ...[start, stop, stop - start].map((value) => formatIn(value, 's'))];
    },
  };
}

/** Fills the tables behind the charts of the chosen trial. */
export function showTrialTables(trial: TrialView): void {
  put('cores', overTime(trial, 'CPU in use', trial.cores, 'cores'), trial.coresAbsent);
  put('readRate', overTime(trial, 'Read rate', trial.readRate, 'B/s'), trial.readRateAbsent);
  put('timeline', ofTasks(trial), trial.tasks.length === 0 ? 'no task was seen' : null);
}
