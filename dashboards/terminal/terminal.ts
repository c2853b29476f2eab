import type { Dashboard } from '../dashboard.ts';
import { renderTable } from './table.ts';

/** A table of medians for the terminal. */
export const terminal: Dashboard = {
  name: 'terminal',
  summary: 'a table of medians for the terminal',
  render: (experiment, options) =>
    Promise.resolve({ fileName: 'table.txt', mediaType: 'text/plain', body: renderTable(experiment, options) }),
};
