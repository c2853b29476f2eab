import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';

import { trialTable } from './influxql.ts';
import { PLUGIN_VERSION } from './migrations.ts';
import { target } from './panels.ts';
import { sourceRef } from './sources.ts';
import { TRIALS } from './trials.ts';
import { bucketVariable, tagVariable, type TagVariable } from './variables.ts';

/** A heading and the panels below it. */
export interface Section {
  /** Shares the numbers of the panels. */
  readonly id: number;
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** One dashboard of this project. */
export interface Board {
  /** Fixed for ever: it is in the address. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Beginning of the time range, e.g. `now-30d`. */
  readonly from: string;
  /** How often it is drawn again; nothing for never. */
  readonly refresh?: string;
  readonly variables: readonly TagVariable[];
  readonly sections: readonly Section[];
}

const TAG = 'hepbench';

/**
 * One mark for each experiment: the start of its first trial. The experiment is a field, which InfluxQL cannot group by, so the
 * name of the first trial of the first block selects one point of each.
 */
function experimentStarts() {
  const text = `SELECT "experiment", "suite" FROM "${TRIALS}" WHERE $timeFilter AND "site" =~ /^\${site:regex}$/ AND "trial" =~ /^b0*1-t0+$/`;
  const built = {
    ...target(trialTable(text), 'Anno').build(),
    fromAnnotations: true,
    textColumn: 'experiment',
    tagsColumn: 'suite',
    titleColumn: '',
    timeEndColumn: '',
  };
  return new AnnotationQueryBuilder()
    .name('Experiments')
    .datasource(sourceRef('lasting'))
    .enable(true)
    .iconColor('purple')
    .target({ build: () => built });
}

/** The SDK's builders have no method for it. */
function versioned(panel: Builder<Panel>): Builder<Panel> {
  return { build: () => ({ ...panel.build(), pluginVersion: PLUGIN_VERSION }) };
}

/** The dashboard as Grafana's JSON model. */
export function dashboardOf(board: Board): Dashboard {
  const builder = new DashboardBuilder(board.title)
    .uid(board.uid)
    .description(board.description)
    .tags([TAG])
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: board.from, to: 'now' })
    .refresh(board.refresh ?? '')
    .link(
      new DashboardLinkBuilder('hepbench')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .keepTime(true),
    )
    .withVariable(bucketVariable('raw', 'Samples'))
    .withVariable(bucketVariable('lasting', 'Trials'))
    .annotation(experimentStarts());
  for (const variable of board.variables) builder.withVariable(tagVariable(variable));
  for (const { id, title, panels } of board.sections) {
    builder.withRow(new RowBuilder(title).id(id));
    for (const panel of panels) builder.withPanel(versioned(panel));
  }
  return builder.build();
}
