import { ABSENT, formatIn, formatMoment, type Unit } from '../../format.ts';
import type { TimeRow, TrialView, WatchedChart, WatchedView } from '../../view/types.ts';
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
      return found ? [formatMoment(found.t), word(found.total), ...found.workers.map(word)] : [];
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
      return [workers[worker] ?? '', kind, ...[start, stop, stop - start].map(formatMoment)];
    },
  };
}

const NOT_WATCHED: WatchedView = { groups: [], n: '', absent: 'no samples of it in this trial' };

function ofWatched({ label }: TrialView, { title, unit }: WatchedChart, { groups, n }: WatchedView): LazyTable {
  const curves = groups.flatMap(({ t, curves: of }) =>
    of.map((curve) => ({ label: curve.label, at: new Map(t.map((time, i) => [time, curve.values[i] ?? null])) })),
  );
  const times = [...new Set(groups.flatMap(({ t }) => t))].toSorted((a, b) => a - b);
  return {
    caption: `${title}, ${n}: ${label}`,
    head: ['time after the trigger', ...curves.map((curve) => curve.label)],
    length: times.length,
    row: (index) => {
      const t = times[index] ?? 0;
      const values = curves.map(({ at }) => at.get(t) ?? null);
      return [formatMoment(t), ...values.map((value) => (value === null ? ABSENT : formatIn(value, unit)))];
    },
  };
}

/** Fills the tables behind the charts of the chosen trial. */
export function showTrialTables(trial: TrialView, watched: readonly WatchedChart[]): void {
  put('cores', overTime(trial, 'CPU in use', trial.cores, 'cores'), trial.coresAbsent);
  put('readRate', overTime(trial, 'Read rate', trial.readRate, 'B/s'), trial.readRateAbsent);
  for (const chart of watched) {
    const shown = trial.watched[chart.name] ?? NOT_WATCHED;
    put(`watched-${chart.name}`, ofWatched(trial, chart, shown), shown.absent);
  }
  put('timeline', ofTasks(trial), trial.tasks.length === 0 ? 'no task was seen' : null);
}
