// `npm run golden:update`: writes the synthetic experiment and what the dashboards make of it. Read the diff before you commit it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { here, renderGolden } from './golden.ts';
import { makeExperiment } from './make-experiment.ts';

const experiment = makeExperiment();
const { records, ...rest } = experiment;
// One record a line, so that a diff shows which trial has changed.
const lines = records.map((record) => JSON.stringify(record)).join(',\n');
writeFileSync(join(here, 'experiment.json'), `${JSON.stringify(rest).slice(0, -1)},"records":[\n${lines}\n]}\n`);
for (const [name, body] of await renderGolden(experiment)) writeFileSync(join(here, name), body);
