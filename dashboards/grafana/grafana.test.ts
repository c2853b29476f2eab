import * as units from '@grafana/grafana-foundation-sdk/units';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { AXIS_LIST } from '../../core/model/axes.ts';
import { ALERTS, ruleOf } from './alerts.ts';
import { dashboardProblems } from './check.ts';
import { queryProblems } from './check-query.ts';
import { GRAFANA_FOLDER } from './export.ts';
import { ALL, grafanaDashboards, otherQueriesOf, queriesOf, type Situation, substituted } from './index.ts';
import { type DashboardModel, drawnPanels, type PanelModel } from './model.ts';
import { grafanaFiles } from './provisioning.ts';
import { leftOver } from './substituted.ts';
import { LABEL, TRIAL_FILTERS } from './trials.ts';
import { TRIAL_VARIABLES } from './variables.ts';
import { yaml } from './yaml.ts';

const every = grafanaDashboards.flatMap(({ model }) => [...queriesOf(model), ...otherQueriesOf(model)]);
const situation: Situation = {
  from: 1000,
  to: 2000,
  intervalSeconds: 5,
  site: 'lab',
  suite: ['adl', 'ttbar'],
  backend: ALL,
};

/** The first dashboard with its first drawn panel changed: an XY chart. */
function planted(change: (panel: PanelModel) => PanelModel): DashboardModel {
  return plantedIn('xychart', change);
}

/** The first dashboard with its first panel of a type changed. */
function plantedIn(wanted: string, change: (panel: PanelModel) => PanelModel): DashboardModel {
  const model = structuredClone(grafanaDashboards[0]?.model);
  if (!model) throw new Error('no dashboard');
  const first = model.panels.findIndex(({ type }) => type === wanted);
  return { ...model, panels: model.panels.map((panel, i) => (i === first ? change(panel) : panel)) };
}

function withOverride(panel: PanelModel, id: string): PanelModel {
  return { ...panel, fieldConfig: { defaults: {}, overrides: [{ properties: [{ id }] }] } };
}

function withQuery(query: string): DashboardModel {
  return planted((panel) => ({ ...panel, targets: (panel.targets ?? []).map((target) => ({ ...target, query })) }));
}

/** What a file says: of JSON, a formatter may break the lines elsewhere. */
function contentOf(path: string, text: string): unknown {
  return path.endsWith('.json') ? JSON.parse(text) : text;
}

test('the committed files of deploy/grafana are those of the code; `npm run generate` makes them again', () => {
  const committed = readdirSync(GRAFANA_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(json|yaml)$/.test(path))
    .map((path) => [path, contentOf(path, readFileSync(join(GRAFANA_FOLDER, path), 'utf8'))]);
  expect(Object.fromEntries(committed)).toEqual(
    Object.fromEntries(grafanaFiles().map(({ path, text }) => [path, contentOf(path, text)])),
  );
});

test('the addresses of the dashboards are fixed', () => {
  expect(grafanaDashboards.map(({ uid }) => uid)).toEqual([
    'hepbench-experiments',
    'hepbench-live',
    'hepbench-history',
    'hepbench-self',
  ]);
  expect(grafanaDashboards.map(({ json }) => json)).not.toContainEqual(
    expect.objectContaining({ id: expect.anything() }),
  );
});

test.each(grafanaDashboards)('nothing is wrong with $uid', ({ model }) => {
  expect(dashboardProblems(model)).toEqual([]);
  expect(queriesOf(model).length).toBeGreaterThan(4);
});

test('every unit is one that Grafana knows', () => {
  const known = new Set<unknown>(Object.values(units));
  const used = grafanaDashboards.flatMap(({ model }) =>
    drawnPanels(model).map((panel) => panel.fieldConfig?.defaults.unit),
  );
  expect(used.filter((unit) => !known.has(unit))).toEqual([]);
});

test.each([
  ['no description', planted(({ description: _, ...panel }) => panel)],
  ['no unit', planted((panel) => ({ ...panel, fieldConfig: { defaults: {} } }))],
  ['no title', planted((panel) => ({ ...panel, title: '' }))],
  ['no query', planted((panel) => ({ ...panel, targets: [] }))],
  ['a query without refId', planted((panel) => ({ ...panel, targets: [{ rawQuery: true, resultFormat: 'table' }] }))],
  ['refId A twice', planted((panel) => ({ ...panel, targets: [...(panel.targets ?? []), ...(panel.targets ?? [])] }))],
  ['a query that is not raw', planted((panel) => ({ ...panel, targets: [{ refId: 'A', resultFormat: 'table' }] }))],
  ['panel id 2 twice', planted((panel) => ({ ...panel, id: 2 }))],
  ['a panel without id', planted(({ id: _, ...panel }) => panel)],
  ['not inside the grid', planted((panel) => ({ ...panel, gridPos: { x: 13, y: 0, w: 12, h: 9 } }))],
  [
    'named by "host"',
    planted((panel) => ({
      ...panel,
      targets: [{ refId: 'A', rawQuery: true, resultFormat: 'table', alias: '$tag_host', query: 'GROUP BY "site"' }],
    })),
  ],
  ['"event_rat" is no column', withQuery('SELECT median("event_rat") FROM "hepbench_trial" WHERE $timeFilter')],
  ['"hepbench_trials" is no measurement', withQuery('SELECT "event_rate" FROM "hepbench_trials" WHERE $timeFilter')],
  ['in the raw bucket', withQuery('SELECT "rss_bytes" FROM "hepbench_worker" WHERE $timeFilter')],
  [
    '${nobody:regex} is no variable',
    withQuery('SELECT "valid" FROM "hepbench_trial" WHERE "site" =~ /^${nobody:regex}$/'),
  ],
  ['nobody has looked at the migrations of heatmap', planted((panel) => ({ ...panel, type: 'heatmap' }))],
  ['its pluginVersion is not', planted((panel) => ({ ...panel, pluginVersion: '13.0.0' }))],
  ['without a pluginVersion of 11.1', planted(({ pluginVersion: _, ...panel }) => panel)],
  ['without a pluginVersion of 11.1', planted((panel) => ({ ...panel, pluginVersion: '' }))],
  ['those of before that version', planted((panel) => ({ ...panel, options: { seriesMapping: 'auto' } }))],
  ['its options name no mapping', planted((panel) => ({ ...panel, options: {} }))],
  ['without a pluginVersion of 8', plantedIn('bargauge', ({ pluginVersion: _, ...panel }) => panel)],
  ['those of before Grafana 7', plantedIn('bargauge', (panel) => ({ ...panel, options: { fieldOptions: {} } }))],
  ['it has no overrides', plantedIn('table', (panel) => ({ ...panel, fieldConfig: { defaults: {} } }))],
  ['a hidden column', plantedIn('table', (panel) => withOverride(panel, 'custom.hidden'))],
  ['how cells look', plantedIn('table', (panel) => withOverride(panel, 'custom.cellOptions'))],
  ['a footer that is shown', plantedIn('table', (panel) => ({ ...panel, options: { footer: { show: true } } }))],
])('a planted fault is found: %s', (problem, dashboard) => {
  expect(dashboardProblems(dashboard).join('\n')).toContain(problem);
});

test('a name of an outer query must come from its subquery, be it in the catalogue or not', () => {
  const inner =
    'SELECT mean("rss_bytes") AS "size" FROM "hepbench_worker" WHERE "suite" = \'"text"\' AND "site" =~ /"/ GROUP BY "worker"';
  expect(queryProblems(`SELECT sum("size") FROM (${inner}) GROUP BY "worker"`, 'raw')).toEqual([]);
  expect(queryProblems(`SELECT sum("rss_bytes") FROM (${inner}) GROUP BY "site"`, 'raw')).toEqual([
    '"rss_bytes" is no column of its subquery',
    '"site" is no column of its subquery',
  ]);
});

test('alerts ask for what is in the catalogue, in the bucket of their data source, without a variable', () => {
  expect(ALERTS.flatMap(({ query, source }) => queryProblems(query, source))).toEqual([]);
  expect(new Set(ALERTS.map(({ uid }) => uid)).size).toBe(ALERTS.length);
  expect(JSON.stringify(ALERTS.map(ruleOf))).not.toContain('$');
});

test('addresses and tokens are variables of the environment', () => {
  const [sources = ''] = grafanaFiles().flatMap(({ path, text }) =>
    path.startsWith('provisioning/datasources') ? [text] : [],
  );
  expect(sources.match(/^ +(url|httpHeaderValue1): .*/gm)).toEqual(
    Array.from({ length: 2 }, () => [
      "    url: '$HEPBENCH_INFLUX_URL'",
      "      httpHeaderValue1: 'Token $HEPBENCH_INFLUX_READ_TOKEN'",
    ]).flat(),
  );
});

test('variables are replaced as Grafana does it', () => {
  const query =
    'WHERE $timeFilter AND "site" =~ /^$site$/ AND "suite" =~ /^${suite}$/ AND "backend" =~ /^${backend:regex}$/ GROUP BY time($__interval)';
  expect(substituted(query, situation)).toBe(
    'WHERE time >= 1000ms and time <= 2000ms AND "site" =~ /^lab$/ AND "suite" =~ /^(adl|ttbar)$/ AND "backend" =~ /^.*$/ GROUP BY time(5s)',
  );
  expect(substituted('/^$parameters$/', { ...situation, parameters: 'loops=1.5 a/b' })).toBe('/^loops=1\\.5 a\\/b$/');
  expect(leftOver(substituted('/^$nobody$/ ${nobody:csv} [[nobody]]', situation))).toEqual([
    '$nobody',
    '${nobody:csv}',
    '[[nobody]]',
  ]);
});

test('no query keeps a variable once all are given', () => {
  const all = Object.fromEntries(
    [...AXIS_LIST.map(({ tag }) => tag), 'worker', 'run', 'cluster'].map((name) => [name, ALL]),
  );
  const left = every.flatMap(({ query }) => leftOver(substituted(query, { ...situation, ...all })));
  expect(left).toEqual([]);
});

test('YAML is written in blocks, with every text in quotes', () => {
  expect(yaml({ a: [{ b: "it's", c: [1, true] }, 'x'] })).toBe(
    "a:\n  - b: 'it''s'\n    c:\n      - 1\n      - true\n  - 'x'\n",
  );
  expect(() => yaml({ a: undefined })).toThrow('undefined');
});

test('every axis that tells curves apart has a variable, and every axis but the tasks stands in legends', () => {
  for (const { tag, identity } of AXIS_LIST) {
    expect([tag, TRIAL_FILTERS.includes(tag)]).toEqual([tag, identity !== 'point']);
    expect([tag, LABEL.includes(`$tag_${tag}`)]).toEqual([tag, tag !== 'tasks']);
  }
  expect(TRIAL_VARIABLES.filter(({ numeric }) => numeric).map(({ tag }) => tag)).toEqual([
    'threads_per_worker',
    'files',
    'file_bytes',
    'cluster_events',
    'clone',
  ]);
});
