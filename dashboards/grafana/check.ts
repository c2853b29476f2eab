import { groupedBy, queryProblems } from './check-query.ts';
import { type DashboardModel, drawnPanels, otherQueriesOf, type PanelModel, queriesOf } from './model.ts';
import { migrationProblems } from './migrations.ts';
import { leftOver } from './substituted.ts';

const COLUMNS = 24;
/** What Grafana itself puts into queries and titles. */
const MACROS: ReadonlySet<string> = new Set(['$timeFilter', '$__interval', '$__interval_ms']);

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

function panelProblems(panel: PanelModel): string[] {
  const { description = '', title = '', fieldConfig, targets = [], gridPos } = panel;
  const refIds = targets.map(({ refId = '' }) => refId);
  return [
    ...(title === '' ? ['no title'] : []),
    ...(description === '' ? ['no description'] : []),
    ...((fieldConfig?.defaults.unit ?? '') === '' ? ['no unit'] : []),
    ...(targets.length === 0 ? ['no query'] : []),
    ...(refIds.includes('') ? ['a query without refId'] : []),
    ...repeated(refIds).map((refId) => `refId ${refId} twice`),
    ...targets.flatMap(({ rawQuery, resultFormat }) => {
      const fits = rawQuery === true && (resultFormat === 'time_series' || resultFormat === 'table');
      return fits ? [] : ['a query that is not raw or has no format'];
    }),
    ...targets.flatMap(({ alias = '', query = '' }) => aliasProblems(alias, query)),
    ...migrationProblems(panel),
    ...(gridPos && gridPos.x + gridPos.w <= COLUMNS ? [] : ['not inside the grid']),
  ];
}

/** A tag that the lines do not have would stay in their names as it is written. */
function aliasProblems(alias: string, query: string): string[] {
  const tags = groupedBy(query);
  return [...alias.matchAll(/\$tag_(\w+)/g)].flatMap(([, tag = '']) =>
    tags.has(tag) ? [] : [`a line is named by "${tag}", by which it is not grouped`],
  );
}

/** Variables that a query uses and the dashboard does not have. */
function unknownVariables(query: string, variables: ReadonlySet<string>): string[] {
  return leftOver(query)
    .filter((found) => !MACROS.has(found) && !variables.has(found.replace(/^\$\{?(\w+).*$/, '$1')))
    .map((found) => `${found} is no variable`);
}

/** All that is wrong with a dashboard: one sentence for each fault, with the panel. */
export function dashboardProblems(dashboard: DashboardModel): readonly string[] {
  const variables = new Set(dashboard.templating.list.map(({ name }) => name));
  const ids = dashboard.panels.map(({ id }) => String(id ?? ''));
  return [
    ...(ids.includes('') || ids.includes('0') ? ['a panel without id'] : []),
    ...repeated(ids).map((id) => `panel id ${id} twice`),
    ...drawnPanels(dashboard).flatMap((panel) =>
      panelProblems(panel).map((problem) => `panel ${panel.id} (${panel.title}): ${problem}`),
    ),
    ...[...queriesOf(dashboard), ...otherQueriesOf(dashboard)].flatMap(({ panelTitle, refId, query, datasource }) =>
      [...queryProblems(query, datasource), ...unknownVariables(query, variables)].map(
        (problem) => `${panelTitle}, query ${refId}: ${problem}`,
      ),
    ),
  ];
}
