import type { Dashboard } from '../dashboard.ts';
import { browserBundle } from './bundle.ts';
import { page } from './page.ts';
import { reportView } from './report-view.ts';

/** One self-contained HTML file: opens offline, prints, and lets no request out. */
export const report: Dashboard = {
  name: 'report',
  summary: 'one HTML file with all charts and tables, to open offline',
  async render(experiment, { cacheFolder }) {
    const script = await browserBundle(cacheFolder);
    return { fileName: 'report.html', mediaType: 'text/html', body: page(reportView(experiment), script) };
  },
};
