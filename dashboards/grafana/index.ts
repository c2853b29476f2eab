import { dashboardOf } from './board.ts';
import { EXPERIMENTS } from './experiments.ts';
import { HISTORY } from './history.ts';
import { LIVE } from './live.ts';
import { DashboardModel } from './model.ts';
import { SELF } from './self.ts';

export { otherQueriesOf, queriesOf } from './model.ts';
export { type Situation, substituted } from './substituted.ts';
export { ALL } from './variables.ts';

/** A dashboard for Grafana. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  /** The JSON model that Grafana imports. */
  readonly json: unknown;
  /** The parts of it that checks and tests read. */
  readonly model: DashboardModel;
}

/** All dashboards for Grafana. They are made for `deploy/` and tests; the program itself never loads them. */
export const grafanaDashboards: readonly GrafanaDashboard[] = [EXPERIMENTS, LIVE, HISTORY, SELF].map((board) => {
  // Through text: the builders leave methods and undefined values in their objects.
  const json: unknown = JSON.parse(JSON.stringify(dashboardOf(board)));
  return { uid: board.uid, title: board.title, json, model: DashboardModel.parse(json) };
});
