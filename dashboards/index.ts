import type { Dashboard } from './dashboard.ts';

interface Member {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Dashboard>;
}

/** Every dashboard that renders an experiment, in the order of what a user is told; only the one in use is loaded. */
export const dashboards: readonly Member[] = [
  {
    name: 'terminal',
    summary: 'a table of medians for the terminal',
    load: async () => (await import('./terminal/terminal.ts')).terminal,
  },
  {
    name: 'report',
    summary: 'one HTML file with all charts and tables, to open offline',
    load: async () => (await import('./report/report.ts')).report,
  },
];
