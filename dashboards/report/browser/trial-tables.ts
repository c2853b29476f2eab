import { ABSENT, formatIn, type Unit } from '../../format.ts';
import type { TimeRow, TrialView } from '../../view/types.ts';

function row(cells: readonly string[], tag: 'td' | 'th'): HTMLTableRowElement {
  const element = document.createElement('tr');
  for (const [i, text] of cells.entries()) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    if (i > 0) cell.className = 'number';
    element.append(cell);
  }
  return element;
}

function put(
  chart: string,
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  absent: string | null,
): void {
  const figure = document.querySelector(`canvas[data-chart=${chart}]`)?.closest('figure');
  const place = figure?.querySelector('.live');
  if (!place) return;
  if (absent !== null) {
    place.textContent = `${ABSENT} ${absent}`;
    figure?.querySelector('details')?.setAttribute('open', '');
    return;
  }
  const table = document.createElement('table');
  table.createCaption().textContent = caption;
  table.createTHead().append(row(head, 'th'));
  table.createTBody().append(...rows.map((cells) => row(cells, 'td')));
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  scroll.append(table);
  place.replaceChildren(scroll);
}

function timeRows(rows: readonly TimeRow[], unit: Unit): string[][] {
  const word = (value: number | null): string => (value === null ? ABSENT : formatIn(value, unit));
  return rows.map(({ t, total, workers }) => [formatIn(t, 's'), word(total), ...workers.map(word)]);
}

/** Fills the tables behind the charts of the chosen trial. */
export function showTrialTables(trial: TrialView): void {
  const head = ['time after the trigger', 'all workers', ...trial.workers];
  put('cores', `CPU in use: ${trial.label}`, head, timeRows(trial.cores, 'cores'), trial.coresAbsent);
  put('readRate', `Read rate: ${trial.label}`, head, timeRows(trial.readRate, 'B/s'), trial.readRateAbsent);
  const tasks = trial.tasks.map(([worker, kind, start, stop]) => [
    trial.workers[worker] ?? '',
    kind,
    ...[start, stop, stop - start].map((value) => formatIn(value, 's')),
  ]);
  put(
    'timeline',
    `Tasks: ${trial.label}`,
    ['worker', 'kind', 'start', 'stop', 'duration'],
    tasks,
    tasks.length === 0 ? 'no task was seen' : null,
  );
}
