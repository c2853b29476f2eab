import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolders } from '../../core/make-folders.ts';

import { grafanaFiles } from './provisioning.ts';

/** Where the generated files are kept. */
export const GRAFANA_FOLDER = join(import.meta.dirname, '../../deploy/grafana');

// `node dashboards/grafana/export.ts` writes them again.
if (import.meta.main) {
  for (const { path, text } of grafanaFiles()) {
    const file = join(GRAFANA_FOLDER, path);
    makeFolders(dirname(file));
    writeFileSync(file, text);
  }
}
