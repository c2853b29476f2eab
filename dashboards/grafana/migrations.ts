import type { PanelModel } from './model.ts';

/**
 * Said to be the Grafana that wrote our panels. When a panel is loaded its plugin rewrites what an older one would have written, and
 * takes a panel without a version for the oldest there is: options that are new already are then rewritten all the same. Not the newest
 * version either: what is rewritten from here on has to be.
 */
export const PLUGIN_VERSION = '12.0.0';

const XY_CHART = 11.1;
const SINGLE_STAT = 8;

type Condition = readonly [says: string, holds: (panel: PanelModel) => boolean];

function versionOf({ pluginVersion = '' }: PanelModel): number {
  return Number.parseFloat(pluginVersion);
}

function lacks(panel: PanelModel, ...names: readonly string[]): boolean {
  return names.every((name) => !Object.hasOwn(panel.options ?? {}, name));
}

/** No override sets one of these properties. */
function overridesLack(panel: PanelModel, ...ids: readonly string[]): boolean {
  const properties = (panel.fieldConfig?.overrides ?? []).flatMap((override) => override.properties);
  return properties.every(({ id }) => !ids.includes(id));
}

/**
 * What keeps the migrations of each type of panel that we use from changing ours, as they are in Grafana's source; docs/grafana.md
 * names the places. A type that is not here was not looked at.
 */
const CONDITIONS: Readonly<Record<string, readonly Condition[]>> = {
  // These two rewrite a panel only when somebody changes its type.
  timeseries: [],
  barchart: [],
  xychart: [
    [
      `its options are rewritten without a pluginVersion of ${XY_CHART} or more`,
      (panel) => versionOf(panel) >= XY_CHART,
    ],
    ['its options are those of before that version', (panel) => lacks(panel, 'seriesMapping', 'dims')],
    ['its options name no mapping', (panel) => !lacks(panel, 'mapping')],
  ],
  bargauge: [
    [
      `its limits are rewritten without a pluginVersion of ${SINGLE_STAT} or more`,
      (panel) => versionOf(panel) >= SINGLE_STAT,
    ],
    ['its options are those of before Grafana 7', (panel) => lacks(panel, 'valueOptions', 'fieldOptions')],
  ],
  // By what is in the panel, whatever its version.
  table: [
    ['it has no overrides, over which the migration goes', (panel) => panel.fieldConfig?.overrides !== undefined],
    ['a hidden column is rewritten', (panel) => overridesLack(panel, 'custom.hidden')],
    ['how cells look is rewritten', (panel) => overridesLack(panel, 'custom.cellOptions')],
    ['a footer that is shown is rewritten', (panel) => panel.options?.['footer']?.show !== true],
  ],
};

/** What Grafana would rewrite in a panel when it loads it. */
export function migrationProblems(panel: PanelModel): readonly string[] {
  const conditions = CONDITIONS[panel.type];
  if (conditions === undefined) return [`nobody has looked at the migrations of ${panel.type}`];
  const version = panel.pluginVersion === PLUGIN_VERSION ? [] : [`its pluginVersion is not ${PLUGIN_VERSION}`];
  return [...version, ...conditions.filter(([, holds]) => !holds(panel)).map(([says]) => says)];
}
